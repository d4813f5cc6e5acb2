//! Tokens that the test signs itself, with a key that the worker was given.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use shared::token::{Scope, TokenKeys};
use shared::{ChannelId, Timestamp};

/// Signs tokens as a front would that shares the worker's keys.
#[derive(Debug, Clone)]
pub struct Mint {
    spelled: String,
    keys: TokenKeys,
}

impl Mint {
    /// A key of one repeated byte.
    ///
    /// # Panics
    /// Never: the key is long enough.
    #[must_use]
    pub fn of(id: &str, byte: u8) -> Self {
        let spelled = TokenKeys::spell(id, &[byte; 32]);
        let keys = spelled.parse().expect("a spelled key is a key");
        Self { spelled, keys }
    }

    /// The keys as `CRAWLCAST_TOKEN_KEYS` takes them.
    #[must_use]
    pub fn spelled(&self) -> &str {
        &self.spelled
    }

    /// A token that is good for an hour.
    #[must_use]
    pub fn sign(&self, channel: ChannelId, scope: Scope) -> String {
        self.keys
            .sign(channel, scope, now().plus(Duration::from_secs(3600)))
    }

    /// A token whose time is over.
    #[must_use]
    pub fn sign_expired(&self, channel: ChannelId, scope: Scope) -> String {
        self.keys.sign(
            channel,
            scope,
            Timestamp::from_millis(now().millis() - 1000),
        )
    }

    /// The channel of a submission without an API key but with an `Idempotency-Key`.
    #[must_use]
    pub fn channel_of(&self, idempotency_key: &str, body: &str) -> ChannelId {
        self.keys
            .derive_channel(shared::api_key::ANONYMOUS, idempotency_key, body.as_bytes())
    }

    /// The events URL of a channel that no worker knows.
    #[must_use]
    pub fn events_path(&self, channel: ChannelId) -> String {
        format!(
            "/v1/channels/{channel}/events?token={}",
            self.sign(channel, Scope::Watch)
        )
    }
}

fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("the clock is past 1970");
    Timestamp::from_millis(i64::try_from(since.as_millis()).expect("milliseconds fit"))
}
