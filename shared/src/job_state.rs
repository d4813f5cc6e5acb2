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

/// A final state of a job. Its log ends with the event of the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Terminal {
    /// The job ended by itself.
    Done,
    /// The job was stopped.
    Cancelled,
    /// The job could not go on.
    Failed,
}

impl Terminal {
    /// The final state whose event has this name; nothing for other events.
    #[must_use]
    pub fn of_event(name: &str) -> Option<Self> {
        match name {
            "done" => Some(Self::Done),
            "cancelled" => Some(Self::Cancelled),
            "failed" => Some(Self::Failed),
            _ => None,
        }
    }
}

impl From<Terminal> for JobState {
    fn from(terminal: Terminal) -> Self {
        match terminal {
            Terminal::Done => Self::Done,
            Terminal::Cancelled => Self::Cancelled,
            Terminal::Failed => Self::Failed,
        }
    }
}
