//! Times for which keys live. Every key has one.

use std::time::Duration;

/// Keys of a channel whose job nobody ends or takes up. Longer than a message waits in a queue.
pub(super) const LIVE: Duration = Duration::from_secs(15 * 86_400);

/// The record of a channel whose job has not come: its submission may still be in the queue.
pub(super) const AWAITED: Duration = Duration::from_secs(86_400);

/// Keys of a tenant, since its last job began: a month is listed and billed.
pub(super) const TENANT: Duration = Duration::from_secs(36 * 86_400);

/// Milliseconds, as scripts take spans of time.
pub(super) fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
