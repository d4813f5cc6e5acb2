//! The last words to a watcher whose job has not ended: why it must go, and when to come back.

use bytes::Bytes;
use shared::event::{Bye, ByeReason};
use shared::{Aside, EventId, sse};

use super::{ConnectionConfig, spread};

/// A `bye` for a watcher that cannot stay, from the cursor as it was sent.
#[must_use]
pub fn turn_away(config: &ConnectionConfig, reason: ByeReason, cursor: Option<&str>) -> Bytes {
    let cursor = cursor
        .and_then(|text| text.parse().ok())
        .unwrap_or(EventId::START);
    farewell(config, reason, cursor)
}

/// The last frame of a stream that has not ended. It repeats the cursor, so that the watcher's place is kept.
pub(super) fn farewell(config: &ConnectionConfig, reason: ByeReason, cursor: EventId) -> Bytes {
    let retry = match reason {
        ByeReason::Lifetime => spread(200..=2_000),
        ByeReason::Drain => spread(500..=5_000),
        ByeReason::Slow => spread(1_000..=5_000),
        ByeReason::Overload => spread(5_000..=15_000),
    };
    sse::encode_aside(
        &Aside::Bye(Bye {
            at: config.clock.now(),
            reason,
        }),
        Some(retry),
        cursor,
    )
}
