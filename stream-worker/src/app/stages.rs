//! What runs, and in which order it ends.

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::drain::Deadline;

/// Every task of a worker belongs to one of these.
#[derive(Debug, Clone, Default)]
pub(super) struct Stages {
    /// The root of the stop: readiness goes false, jobs are released, new streams are told to come back.
    pub(super) draining: CancellationToken,
    /// Ends the listener and what keeps the live side alive, once the watchers are on their way out.
    pub(super) closing: CancellationToken,
    /// The dispatcher and its attempts.
    pub(super) jobs: TaskTracker,
    /// The listener, its connections, and watchers.
    pub(super) connections: TaskTracker,
    /// The registry's tasks, the demo site and housekeeping.
    pub(super) services: TaskTracker,
}

impl Stages {
    /// Ends the write side: every job is released at its last commit.
    pub(super) async fn end_jobs(&self, deadline: Deadline) {
        self.draining.cancel();
        deadline.phase("jobs", &self.jobs).await;
    }

    /// Ends all else. The watchers have been told to go.
    pub(super) async fn end_connections(&self, deadline: Deadline) {
        self.closing.cancel();
        deadline.phase("connections", &self.connections).await;
        deadline.phase("services", &self.services).await;
    }
}
