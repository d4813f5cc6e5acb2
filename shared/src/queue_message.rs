//! The message that carries a job from a front to a worker.

use serde::{Deserialize, Serialize};

use crate::{ChannelId, CrawlRequest, Timestamp};

/// The version of [`JobMessage`] that this code writes and reads.
pub const VERSION: u32 = 1;

/// A job on its way to a worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobMessage {
    /// [`VERSION`].
    pub version: u32,
    /// The job's channel.
    pub channel_id: ChannelId,
    /// Who submitted it; jobs of many tenants share the queue fairly.
    pub tenant: String,
    /// When it was submitted.
    pub submitted_at: Timestamp,
    /// When its tokens end, and with them the use of its record.
    pub expires_at: Timestamp,
    /// What to crawl.
    pub request: CrawlRequest,
}

/// Why a message is not a job. None of these passes by itself.
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
    /// The message's bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a job serialises: its maps have string keys")
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
        }
    }

    #[test]
    fn a_message_reads_back_as_written() {
        assert_eq!(JobMessage::decode(&message().encode()), Ok(message()));
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
}
