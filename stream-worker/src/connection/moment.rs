//! A watcher's times, in half the memory of an `Instant`: ten thousand watchers keep some.

use std::time::Duration;

use super::ConnectionConfig;

/// A time as nanoseconds since [`ConnectionConfig::began`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(u64);

impl Moment {
    pub(super) fn now(config: &ConnectionConfig) -> Self {
        Self(nanos(config.began.elapsed()))
    }

    /// The time that comes `span` later.
    pub(super) fn after(self, span: Duration) -> Self {
        Self(self.0.saturating_add(nanos(span)))
    }

    /// The time that has passed since `earlier`.
    pub(super) const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

/// They last for 584 years.
fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}
