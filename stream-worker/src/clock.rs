//! What time it is.
//!
//! A clock is handed to whoever stamps events or judges leases, so that a test can turn it.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use shared::Timestamp;

/// Reads the time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Arc::new(|| {
            let since_epoch = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default();
            Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
        }))
    }

    /// A clock that moves with tokio's, which a test may pause and advance. Read it only inside the runtime.
    #[cfg(test)]
    pub fn of_runtime() -> Self {
        let start = tokio::time::Instant::now();
        Self(Arc::new(move || {
            Timestamp::from_millis(1_800_000_000_000).plus(start.elapsed())
        }))
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
