//! A watcher's cursor held against the log: where the stream goes on, and what the watcher must be told of it.

use bytes::Bytes;
use shared::event::{Reset, ResetReason};
use shared::{Aside, ChannelId, EventId, Timestamp, sse};
use store::journal::{Cursor, JournalError};

use crate::channel::Registry;

/// The place in a log where a stream goes on.
pub(super) struct Place {
    /// An event of this log, or its start.
    pub(super) cursor: EventId,
    /// Set if this is not where the watcher believes to be.
    reset: Option<ResetReason>,
}

impl Place {
    /// The place that the watcher's own cursor names, as the client spelled it.
    pub(super) async fn spelled(
        registry: &Registry,
        channel: ChannelId,
        cursor: Option<&str>,
    ) -> Result<Self, JournalError> {
        // An empty header is how some clients say that they have no cursor.
        let Some(text) = cursor.filter(|text| !text.is_empty()) else {
            return Ok(Self::valid(EventId::START));
        };
        match text.parse::<EventId>() {
            Ok(cursor) => Self::of(registry, channel, cursor).await,
            Err(_malformed) => Ok(Self::other(EventId::START, ResetReason::Malformed)),
        }
    }

    /// The place that `cursor` names.
    pub(super) async fn of(
        registry: &Registry,
        channel: ChannelId,
        cursor: EventId,
    ) -> Result<Self, JournalError> {
        Ok(match registry.journal().locate(channel, cursor).await? {
            Cursor::Valid => Self::valid(cursor),
            Cursor::Unknown => Self::other(EventId::START, ResetReason::Unknown),
            Cursor::LostTail { after } => Self::other(after, ResetReason::LostTail),
            Cursor::Trimmed { after } => Self::other(after, ResetReason::Trimmed),
        })
    }

    const fn valid(cursor: EventId) -> Self {
        Self {
            cursor,
            reset: None,
        }
    }

    const fn other(cursor: EventId, reason: ResetReason) -> Self {
        Self {
            cursor,
            reset: Some(reason),
        }
    }

    /// The `reset` frame, if the watcher must be told that the stream goes on from another place than its own.
    pub(super) fn reset(&self, at: Timestamp) -> Option<Bytes> {
        let reset = Aside::Reset(Reset {
            at,
            reason: self.reset?,
            from: self.cursor.position.next(),
        });
        Some(sse::encode_aside(&reset, None, self.cursor))
    }
}
