//! Answers of the worker's `/v1/doctor` endpoints, as both sides read them.

use serde::{Deserialize, Serialize};
use shared::Timestamp;
use utoipa::ToSchema;

/// Names the service in [`Facts`], so that nothing else is taken for it.
pub(crate) const SERVICE: &str = "crawlcast";

/// The worker that answers, and the times that its streams keep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Facts {
    /// Name of the service: `crawlcast`.
    pub(crate) service: String,
    /// Version of the worker.
    pub(crate) version: String,
    /// Random name of the worker, which tells it from others.
    pub(crate) worker: String,
    /// The worker's wall clock.
    pub(crate) now: Timestamp,
    /// Milliseconds since the worker began: the clock of [`Sent`].
    pub(crate) clock_ms: u64,
    /// Silence after which a stream says that it is alive, in milliseconds.
    pub(crate) heartbeat_ms: u64,
    /// The longest life of a stream's connection, in milliseconds.
    pub(crate) lifetime_ms: u64,
    /// Time that a connection may idle between requests, in milliseconds.
    pub(crate) idle_timeout_ms: u64,
}

/// A request as it arrived at the worker. Secrets are told by a digest only.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Arrived {
    /// The worker that answers.
    pub(crate) worker: String,
    /// Milliseconds since that worker began.
    pub(crate) clock_ms: u64,
    /// The method.
    pub(crate) method: String,
    /// Protocol of the last hop, as in `HTTP/1.1`.
    pub(crate) http_version: String,
    /// Names of the headers, in lower case.
    pub(crate) headers: Vec<String>,
    /// The header `Via`.
    pub(crate) via: Option<String>,
    /// The cursor, as it is.
    pub(crate) last_event_id: Carried,
    /// Digests of the header `Authorization` and of the token in the query: the first 16 hexadecimal digits of the SHA-256.
    pub(crate) authorization: Carried,
    /// True if the key is one of the worker's; null where the worker has none configured.
    pub(crate) key_is_known: Option<bool>,
    /// `Access-Control-Allow-Origin` as the worker has sent it with this answer.
    pub(crate) allow_origin: Option<String>,
}

/// A value that a request may carry in a header or in its query.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Carried {
    /// From the header.
    pub(crate) header: Option<String>,
    /// From the query.
    pub(crate) query: Option<String>,
}

/// The data of a frame of a probe's stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Sent {
    /// Place in the stream, from 0.
    pub(crate) n: u32,
    /// Milliseconds from the worker's beginning to the moment in which it wrote this.
    pub(crate) sent_ms: u64,
    /// The worker that wrote it.
    pub(crate) worker: String,
    /// Padding up to the size that the frame is to have.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) fill: String,
}

/// An answer unlike any other, so that one from a cache is recognised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Once {
    /// Chosen by chance for this answer.
    pub(crate) answer: String,
}

/// The worker's view of a stream whose client may have left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Departure {
    /// This worker knows no such stream.
    Unknown,
    /// It is being written to.
    Open,
    /// Its client has left.
    Left,
}

/// The answer to a question after a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Departed {
    /// The worker that answers.
    pub(crate) worker: String,
    /// The stream's state.
    pub(crate) state: Departure,
}

/// The connection that a request came on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Held {
    /// The worker that answers.
    pub(crate) worker: String,
    /// Milliseconds that the connection had idled before; null if it was new.
    pub(crate) idled_ms: Option<u64>,
}
