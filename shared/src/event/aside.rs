//! Asides: frames outside the log, for one watcher, about its own stream.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::JobState;
use crate::{Counts, EventId, Position, Timestamp};

/// A frame outside the log, for one watcher alone. It repeats the watcher's cursor, so that the watcher's place is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Aside {
    /// The first frame of every connection.
    Hello(Hello),
    /// The watcher's cursor does not match the log.
    Reset(Reset),
    /// The worker is about to close a stream that has not ended.
    Bye(Bye),
}

impl Aside {
    /// The event's name on the stream, which is also its `type`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Hello(_) => "hello",
            Self::Reset(_) => "reset",
            Self::Bye(_) => "bye",
        }
    }
}

/// The first frame of every connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Hello {
    /// Time at which the frame was sent, by the worker's clock.
    pub at: Timestamp,
    /// Names this connection for pause and resume.
    pub connection_id: Uuid,
    /// The job's state.
    pub state: JobState,
    /// Counters after the last event of the log.
    pub counts: Counts,
    /// Identifier of the last event of the log.
    pub head: EventId,
}

/// The watcher's cursor does not match the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reset {
    /// Time at which the frame was sent, by the worker's clock.
    pub at: Timestamp,
    /// Reason for which the cursor does not match.
    pub reason: ResetReason,
    /// The position of the next event that is sent.
    pub from: Position,
}

/// Reason for which a cursor does not match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ResetReason {
    /// It is not an event ID of this service.
    Malformed,
    /// No event of this log has or had that ID.
    Unknown,
    /// It names an event that a crash took back before it was durable.
    LostTail,
    /// The events that follow it are no longer kept.
    Trimmed,
}

/// The worker is about to close a stream that has not ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Bye {
    /// Time at which the frame was sent, by the worker's clock.
    pub at: Timestamp,
    /// Reason for which the stream is closed.
    pub reason: ByeReason,
}

/// Reason for which a stream that has not ended is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ByeReason {
    /// The worker stops.
    Drain,
    /// The connection has reached its bounded lifetime.
    Lifetime,
    /// The watcher took nothing for too long.
    Slow,
    /// The worker has more connections than it may.
    Overload,
}
