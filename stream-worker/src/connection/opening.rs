//! A watcher arrives: its cursor is held against the log, and it is greeted.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use shared::JobState;
use shared::event::{ByeReason, Hello};
use shared::{Aside, ChannelId, Counts, EventId, sse};
use store::journal::{JournalError, Snapshot};

use super::farewell::turn_away;
use super::place::Place;
use super::subscription::Subscription;
use super::{ConnectionConfig, spread};
use crate::channel::{Close, Membership, Registry};

/// Result of opening a stream.
pub enum Opening {
    /// A stream.
    Stream(Box<Welcome>),
    /// Nothing more: its cursor is the terminal event. Answered with 204, which ends an `EventSource` for good.
    Ended,
    /// A short stream that says to come back later.
    Overload(Bytes),
    /// The log is no longer kept.
    Expired,
}

/// A watcher whose stream may begin.
pub struct Welcome {
    /// Its first frames: `hello`, and `reset` where the cursor did not match.
    pub greeting: Bytes,
    /// The events after them, from the watcher's cursor on.
    pub subscription: Subscription,
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
    let partings = membership.channel().partings();
    let snapshot = registry.journal().snapshot(channel).await?;
    let place = Place::spelled(registry, channel, cursor).await?;
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
    let subscription = Subscription::new(membership, place.cursor, partings, config.clone());
    Ok(Opening::Stream(Box::new(Welcome {
        greeting,
        subscription,
    })))
}

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
    if let Some(reset) = place.reset(at) {
        greeting.extend_from_slice(&reset);
    }
    greeting.freeze()
}
