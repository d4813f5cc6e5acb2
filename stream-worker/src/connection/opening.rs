//! A watcher arrives: its cursor is held against the log, and it is greeted.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use shared::JobState;
use shared::event::{ByeReason, Hello, Reset, ResetReason};
use shared::{Aside, ChannelId, Counts, EventId, Position, sse};
use store::journal::{Cursor, JournalError, Snapshot};

use super::farewell::turn_away;
use super::subscription::Subscription;
use super::{ConnectionConfig, spread};
use crate::channel::{Close, Membership, Registry};

/// Result of opening a stream.
pub enum Opening {
    /// A stream.
    Stream(Box<Subscription>),
    /// Nothing more: its cursor is the terminal event. Answered with 204, which ends an `EventSource` for good.
    Ended,
    /// A short stream that says to come back later.
    Overload(Bytes),
    /// The log is no longer kept.
    Expired,
}

/// Failure to open a stream. An `EventSource` must be told to come back, not refused.
#[derive(Debug, thiserror::Error)]
#[error("could not open the stream: {0}")]
pub struct OpenError(#[from] JournalError);

/// Opens a stream on `channel` for a watcher with the cursor `cursor`, as the client spelled it.
///
/// # Errors
/// [`OpenError`] when the journal does not answer; the watcher may retry.
pub async fn open(
    registry: &Arc<Registry>,
    channel: ChannelId,
    cursor: Option<&str>,
    config: &Arc<ConnectionConfig>,
) -> Result<Opening, OpenError> {
    // Join before looking: what is committed after the look wakes the watcher.
    let Some(membership) = registry.join(channel).await? else {
        registry.metrics().closed(Close::Overload);
        return Ok(Opening::Overload(turn_away(
            config,
            ByeReason::Overload,
            cursor,
        )));
    };
    let snapshot = registry.journal().snapshot(channel).await?;
    let place = locate(registry, channel, cursor).await?;
    if let Some(snapshot) = &snapshot {
        if snapshot.expired {
            return Ok(Opening::Expired);
        }
        if snapshot.state.is_terminal() && place.cursor == snapshot.head {
            return Ok(Opening::Ended);
        }
        membership.channel().learn(snapshot);
    }
    let greeting = greet(config, &membership, snapshot.as_ref(), &place);
    Ok(Opening::Stream(Box::new(Subscription::new(
        membership,
        place.cursor,
        greeting,
        config.clone(),
    ))))
}

/// Resolved cursor of a watcher, with the reason for a `reset` if the one that it sent does not match the log.
struct Place {
    cursor: EventId,
    reset: Option<ResetReason>,
}

async fn locate(
    registry: &Registry,
    channel: ChannelId,
    cursor: Option<&str>,
) -> Result<Place, JournalError> {
    // An empty header is how some clients say that they have no cursor.
    let Some(text) = cursor.filter(|text| !text.is_empty()) else {
        return Ok(Place {
            cursor: EventId::START,
            reset: None,
        });
    };
    let Ok(cursor) = text.parse::<EventId>() else {
        return Ok(Place {
            cursor: EventId::START,
            reset: Some(ResetReason::Malformed),
        });
    };
    let (from, reason) = match registry.journal().locate(channel, cursor).await? {
        Cursor::Valid => {
            return Ok(Place {
                cursor,
                reset: None,
            });
        }
        Cursor::Unknown { from } => (from, ResetReason::Unknown),
        Cursor::LostTail { from } => (from, ResetReason::LostTail),
        Cursor::Trimmed { from } => (from, ResetReason::Trimmed),
    };
    let before = Position(from.0.saturating_sub(1));
    let place = if before == Position(0) {
        EventId::START
    } else {
        // The ID of the event before, so that the cursor is one of this log from now on.
        let last = registry
            .journal()
            .read(channel, Position(before.0 - 1), 1)
            .await?;
        last.first()
            .map_or(EventId::new(cursor.attempt, before), |frame| frame.id)
    };
    Ok(Place {
        cursor: place,
        reset: Some(reason),
    })
}

/// The first frames: `hello`, and `reset` where the cursor did not match.
fn greet(
    config: &ConnectionConfig,
    membership: &Membership,
    snapshot: Option<&Snapshot>,
    place: &Place,
) -> Bytes {
    let at = config.clock.now();
    let hello = Aside::Hello(Hello {
        at,
        connection_id: membership.gate().id(),
        state: snapshot.map_or(JobState::Queued, |snapshot| snapshot.state),
        counts: snapshot.map_or_else(Counts::default, |snapshot| snapshot.counts),
        head: snapshot.map_or(EventId::START, |snapshot| snapshot.head),
    });
    let mut greeting = BytesMut::from(sse::encode_aside(
        &hello,
        Some(spread(1_000..=3_000)),
        place.cursor,
    ));
    if let Some(reason) = place.reset {
        let reset = Aside::Reset(Reset {
            at,
            reason,
            from: place.cursor.position.next(),
        });
        greeting.extend_from_slice(&sse::encode_aside(&reset, None, place.cursor));
    }
    greeting.freeze()
}
