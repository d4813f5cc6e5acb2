//! Reports of a database's commits, for metrics and readiness.

use std::sync::Arc;
use std::time::Duration;

use super::StoreError;

/// Hears of every commit that changed something or failed, on the writer's thread. Must not block.
pub type CommitObserver = Arc<dyn Fn(CommitStats) + Send + Sync>;

/// Measurements of one commit.
#[derive(Debug, Clone)]
pub struct CommitStats {
    /// Commands that shared its fsync.
    pub commands: usize,
    /// From the first command's start to the end of the fsync.
    pub elapsed: Duration,
    /// Durable or failed.
    pub outcome: CommitOutcome,
}

/// Outcome of a commit.
#[derive(Debug, Clone)]
pub enum CommitOutcome {
    /// The fsync has returned.
    Durable,
    /// Nothing of it was written, for this reason.
    Failed(StoreError),
}

/// An observer that does not look.
#[must_use]
pub fn unobserved() -> CommitObserver {
    Arc::new(|_stats| {})
}
