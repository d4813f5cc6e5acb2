//! What a database tells of its commits, for metrics.

use std::sync::Arc;
use std::time::Duration;

/// Hears of every commit that changed something, on the writer's thread. Must not block.
pub type CommitObserver = Arc<dyn Fn(CommitStats) + Send + Sync>;

/// One commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommitStats {
    /// Commands that shared it.
    pub commands: usize,
    /// From the first command's start to the end of the fsync.
    pub elapsed: Duration,
    /// What came of it.
    pub outcome: CommitOutcome,
}

/// What came of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitOutcome {
    /// It is on the disk.
    Durable,
    /// Nothing of it is.
    Failed,
}

/// An observer that does not look.
#[must_use]
pub fn unobserved() -> CommitObserver {
    Arc::new(|_stats| {})
}
