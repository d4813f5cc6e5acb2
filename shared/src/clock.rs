//! The clock that a program hands to whoever stamps events or judges leases and tokens.
//!
//! It is given its source, so that this crate reads no system clock and a test can turn the time.

use std::sync::Arc;

use crate::Timestamp;

/// A source of the current time. Cheap to clone; clones share the source.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// A clock that reads `source` at each call. A program's own is `Clock::new(|| SystemTime::now().into())`.
    pub fn new(source: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(source))
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}
