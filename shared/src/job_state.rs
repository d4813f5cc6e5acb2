//! The states of a job, as its snapshot and the first frame of a stream name them.

use serde::{Deserialize, Serialize};

/// The state of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum JobState {
    /// It waits for a worker.
    Queued,
    /// A worker runs it, or will go on with it.
    Running,
    /// It was told to stop and is stopping.
    Cancelling,
    /// It ended by itself.
    Done,
    /// It was stopped.
    Cancelled,
    /// It could not go on.
    Failed,
}

impl JobState {
    /// True for the three final states.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Done | Self::Cancelled | Self::Failed)
    }
}
