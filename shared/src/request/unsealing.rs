//! The way of a request's secrets out of it, into a seal, and back.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{CrawlRequest, Secret, Webhook};
use crate::ChannelId;
use crate::seal::{SealError, Sealed};
use crate::token::TokenKeys;

/// The secrets of one request. They are not printed, and leave the memory sealed only.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct RequestSecrets(Taken);

#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Taken {
    headers: BTreeMap<String, String>,
    cookies: BTreeMap<String, String>,
    user_agent: Option<String>,
    webhook_secret: Option<String>,
    webhook_headers: BTreeMap<String, String>,
}

impl RequestSecrets {
    /// True if there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0 == Taken::default()
    }

    /// Seals them for `channel`.
    ///
    /// # Panics
    /// Never: texts serialise.
    #[must_use]
    pub fn seal(&self, channel: ChannelId, keys: &TokenKeys) -> Sealed {
        let plain = serde_json::to_vec(&self.0).expect("texts serialise");
        keys.seal(channel, &plain)
    }

    /// Opens what was sealed for `channel`; none if nothing was.
    ///
    /// # Errors
    /// [`SealError`]; do not retry with the same keys.
    pub fn open(
        channel: ChannelId,
        sealed: Option<&Sealed>,
        keys: &TokenKeys,
    ) -> Result<Self, SealError> {
        let Some(sealed) = sealed else {
            return Ok(Self::default());
        };
        let plain = keys.open(channel, sealed)?;
        let taken = serde_json::from_slice(&plain).map_err(|_error| SealError::Damaged)?;
        Ok(Self(taken))
    }
}

impl fmt::Debug for RequestSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestSecrets(…)")
    }
}

impl CrawlRequest {
    /// Takes the secrets out and leaves marks in their places.
    #[must_use]
    pub fn take_secrets(&mut self) -> RequestSecrets {
        let (webhook_secret, webhook_headers) = match &mut self.webhook {
            Some(webhook) => (
                webhook.secret.as_mut().and_then(Secret::take),
                webhook.headers.take(),
            ),
            None => (None, BTreeMap::new()),
        };
        RequestSecrets(Taken {
            headers: self.headers.take(),
            cookies: self.cookies.given_mut().take(),
            user_agent: self.user_agent.as_mut().and_then(Secret::take),
            webhook_secret,
            webhook_headers,
        })
    }

    /// The request with its secrets in their places.
    ///
    /// # Errors
    /// [`SealError::Incomplete`] if one is missing.
    pub fn with_secrets(mut self, secrets: &RequestSecrets) -> Result<Self, SealError> {
        let RequestSecrets(taken) = secrets;
        self.headers.restore(&taken.headers)?;
        self.cookies.given_mut().restore(&taken.cookies)?;
        if let Some(user_agent) = &mut self.user_agent {
            user_agent.restore(taken.user_agent.as_ref())?;
        }
        self.webhook = match self.webhook.take() {
            Some(webhook) => Some(webhook.with_secrets(secrets)?),
            None => None,
        };
        Ok(self)
    }
}

impl Webhook {
    /// The webhook with its secrets in their places.
    ///
    /// # Errors
    /// [`SealError::Incomplete`] if one is missing.
    pub fn with_secrets(mut self, secrets: &RequestSecrets) -> Result<Self, SealError> {
        let RequestSecrets(taken) = secrets;
        if let Some(secret) = &mut self.secret {
            secret.restore(taken.webhook_secret.as_ref())?;
        }
        self.headers.restore(&taken.webhook_headers)?;
        Ok(self)
    }
}
