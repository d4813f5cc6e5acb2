//! The clock of tests.

use shared::{Clock, Timestamp};

/// A clock that moves with tokio's, which a test may pause and advance. Read it only inside the runtime that made it.
pub(crate) fn runtime_clock() -> Clock {
    let start = tokio::time::Instant::now();
    Clock::new(move || Timestamp::from_millis(1_800_000_000_000).plus(start.elapsed()))
}
