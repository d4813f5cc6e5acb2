//! The message that carries a job from a front to a worker.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::request::RequestSecrets;
use crate::seal::{SealError, Sealed};
use crate::token::TokenKeys;
use crate::{ChannelId, CrawlRequest, Timestamp};

/// The version of [`JobMessage`] that this code writes and reads.
pub const VERSION: u32 = 1;

/// The message of one job, from a front to a worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobMessage {
    /// Version of the message's form: [`VERSION`].
    pub version: u32,
    /// The job's channel.
    pub channel_id: ChannelId,
    /// Tenant that submitted it, by the name of its API key; jobs of many tenants share the queue fairly.
    pub tenant: String,
    /// Time of the submission, by the front's clock.
    pub submitted_at: Timestamp,
    /// Time at which its tokens expire, and with them the use of its record.
    pub expires_at: Timestamp,
    /// The request, judged and in its normal form.
    pub request: CrawlRequest,
    /// The secrets of the request, if it has any. Messages of before have the webhook's secret in the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<Sealed>,
}

/// Reasons for which a message is not a job. None of these passes by itself.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// A newer front wrote it, or a stranger.
    #[error("the message has version {0}; this worker knows version {VERSION}")]
    UnknownVersion(u64),
    /// It is not a job at all.
    #[error("the message is not a job: {0}")]
    Malformed(String),
}

impl JobMessage {
    /// The message as JSON.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a job serialises: its maps have string keys")
    }

    /// Takes the secrets out of the request and seals them, if there are any.
    pub fn seal(&mut self, keys: &TokenKeys) {
        let secrets = self.request.take_secrets();
        if !secrets.is_empty() {
            self.sealed = Some(secrets.seal(self.channel_id, keys));
        }
    }

    /// The request with its secrets in their places.
    ///
    /// # Errors
    /// [`SealError`]; do not retry with the same keys.
    pub fn open(&self, keys: &TokenKeys) -> Result<CrawlRequest, SealError> {
        let secrets = RequestSecrets::open(self.channel_id, self.sealed.as_ref(), keys)?;
        self.request.clone().with_secrets(&secrets)
    }

    /// Reads a message.
    ///
    /// # Errors
    /// [`MessageError`], after which a retry is of no use.
    pub fn decode(bytes: &[u8]) -> Result<Self, MessageError> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u64,
        }
        let malformed = |error: serde_json::Error| MessageError::Malformed(error.to_string());
        let Versioned { version } = serde_json::from_slice(bytes).map_err(malformed)?;
        if version != u64::from(VERSION) {
            return Err(MessageError::UnknownVersion(version));
        }
        serde_json::from_slice(bytes).map_err(malformed)
    }

    /// Reads a message that [`decode`](Self::decode) refuses as far as it can be read, so that its job can be ended where its
    /// watchers see it. It is not for running: of the request only the fields that this version knows are there, and start pages
    /// that cannot be read are a placeholder. Nothing if not even the channel can be read.
    #[must_use]
    pub fn salvage(bytes: &[u8]) -> Option<Self> {
        /// The fields that a message of any version is expected to have.
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Envelope {
            channel_id: ChannelId,
            #[serde(default)]
            tenant: Value,
            #[serde(default)]
            submitted_at: Value,
            #[serde(default)]
            expires_at: Value,
            #[serde(default)]
            request: Value,
            #[serde(default)]
            sealed: Value,
        }
        let envelope: Envelope = serde_json::from_slice(bytes).ok()?;
        let time = |value| serde_json::from_value(value).unwrap_or(Timestamp::from_millis(0));
        Some(Self {
            version: VERSION,
            channel_id: envelope.channel_id,
            tenant: envelope.tenant.as_str().unwrap_or("unknown").to_owned(),
            submitted_at: time(envelope.submitted_at),
            expires_at: time(envelope.expires_at),
            request: salvage_request(envelope.request),
            // A webhook that is told of the end is told with its signature.
            sealed: serde_json::from_value(envelope.sealed).unwrap_or(None),
        })
    }
}

/// A start page that no site has (RFC 2606), in place of one that cannot be read.
const UNREADABLE: &str = "https://unreadable.invalid/";

/// The request with those fields that this version would take each by itself, and defaults for all others.
fn salvage_request(request: Value) -> CrawlRequest {
    let placeholder = || Map::from_iter([("url".to_owned(), Value::from(UNREADABLE))]);
    let read = |fields| CrawlRequest::from_stored(Value::Object(fields)).ok();
    let mut known = Map::new();
    if let Value::Object(fields) = request {
        for (name, value) in fields {
            let is_start = name == "url" || name == "urls";
            let mut alone = if is_start { Map::new() } else { placeholder() };
            alone.insert(name.clone(), value.clone());
            if read(alone).is_some() {
                known.insert(name, value);
            }
        }
    }
    if !known.contains_key("url") && !known.contains_key("urls") {
        known.append(&mut placeholder());
    }
    read(known)
        .or_else(|| read(placeholder()))
        .expect("the placeholder is a URL")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> JobMessage {
        JobMessage {
            version: VERSION,
            channel_id: ChannelId::from_hash([7; 16]),
            tenant: "anonymous".into(),
            submitted_at: Timestamp::from_millis(0),
            expires_at: Timestamp::from_millis(1000),
            request: CrawlRequest::parse(br#"{"url":"https://example.com"}"#).unwrap(),
            sealed: None,
        }
    }

    #[test]
    fn a_message_reads_back_as_written() {
        assert_eq!(JobMessage::decode(&message().encode()), Ok(message()));
    }

    #[test]
    fn a_message_carries_secrets_in_its_seal_only() {
        let keys: TokenKeys = TokenKeys::spell("k", &[1; 32]).parse().unwrap();
        let body = br#"{"url":"https://example.com","headers":{"X-Key":"not-to-be-seen"}}"#;
        let request = CrawlRequest::parse(body).unwrap();
        let mut message = JobMessage {
            request: request.clone(),
            ..message()
        };
        message.seal(&keys);
        let again = JobMessage::decode(&message.encode()).unwrap();
        assert_eq!(again, message);
        assert_eq!(again.open(&keys), Ok(request));
        assert!(
            !String::from_utf8(message.encode())
                .unwrap()
                .contains("not-to-be-seen")
        );
        let mut twice = again.clone();
        twice.seal(&keys);
        assert_eq!(twice, again, "what is sealed stays sealed");
        assert_eq!(JobMessage::salvage(&message.encode()), Some(message));
    }

    #[test]
    fn a_message_of_another_version_is_named_and_not_guessed_at() {
        assert_eq!(
            JobMessage::decode(br#"{"version":2,"job":{}}"#),
            Err(MessageError::UnknownVersion(2))
        );
    }

    #[test]
    fn what_is_no_job_says_so() {
        for bytes in [
            &b"not json"[..],
            b"{}",
            br#"{"version":1}"#,
            br#"{"version":"1"}"#,
        ] {
            assert!(matches!(
                JobMessage::decode(bytes),
                Err(MessageError::Malformed(_))
            ));
        }
    }

    #[test]
    fn a_message_of_a_newer_front_gives_its_channel_and_what_is_known_of_its_request() {
        let mut newer = serde_json::to_value(message()).unwrap();
        newer["version"] = 2.into();
        newer["priority"] = 9.into();
        newer["request"]["renderJs"] = false.into();
        newer["request"]["limit"] = 7.into();
        let bytes = serde_json::to_vec(&newer).unwrap();
        assert!(JobMessage::decode(&bytes).is_err());
        let mut known = message();
        known.request.limit = 7;
        assert_eq!(JobMessage::salvage(&bytes), Some(known));
    }

    #[test]
    fn a_channel_alone_is_enough_to_end_its_job() {
        let channel = ChannelId::from_hash([7; 16]);
        for request in [
            "null",
            "{\"urls\": [4]}",
            "{\"url\": \"ftp://x\", \"limit\": -1}",
            "[]",
        ] {
            let bytes = format!(r#"{{"channelId": "{channel}", "request": {request}}}"#);
            let salvaged = JobMessage::salvage(bytes.as_bytes()).unwrap();
            assert_eq!(salvaged.channel_id, channel);
            assert_eq!(salvaged.request.urls.len(), 1);
        }
        assert_eq!(JobMessage::salvage(br#"{"version": 2}"#), None);
        assert_eq!(JobMessage::salvage(b"not json"), None);
    }
}
