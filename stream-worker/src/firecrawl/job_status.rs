//! The state of a job, and a page of its documents.

use serde::Serialize;
use shared::{Counts, JobState, Timestamp};

use super::Document;

/// The words that clients know for a job's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FirecrawlStatusWord)]
pub enum StatusWord {
    /// It waits, or runs.
    Scraping,
    /// It ended by itself.
    Completed,
    /// It could not go on.
    Failed,
    /// It was stopped.
    Cancelled,
}

impl From<JobState> for StatusWord {
    fn from(state: JobState) -> Self {
        match state {
            JobState::Queued | JobState::Running | JobState::Cancelling => Self::Scraping,
            JobState::Done => Self::Completed,
            JobState::Failed => Self::Failed,
            JobState::Cancelled => Self::Cancelled,
        }
    }
}

/// The state of a job, and a page of its documents.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FirecrawlJobStatus)]
pub struct JobStatus {
    /// Always true.
    pub success: bool,
    /// The job's state.
    pub status: StatusWord,
    /// Pages that are known: fetched, failed or still to fetch.
    pub total: u64,
    /// Pages that were fetched or could not be.
    pub completed: u64,
    /// Pages that were fetched.
    pub credits_used: u64,
    /// Time after which the record is deleted, as far as it is known now.
    pub expires_at: Timestamp,
    /// URL of the documents that follow; absent if there are none now. Known only when `data` has been read, and written after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Fields of the request that have no effect here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
    /// Documents, in the order of the log. The last field: a status with many is written while they are read.
    pub data: Vec<Document>,
}

impl JobStatus {
    /// A status without documents.
    #[must_use]
    pub const fn new(status: StatusWord, counts: &Counts, expires_at: Timestamp) -> Self {
        Self {
            success: true,
            status,
            total: counts.discovered - counts.skipped,
            completed: counts.fetched + counts.failed,
            credits_used: counts.fetched,
            expires_at,
            next: None,
            warning: None,
            data: Vec::new(),
        }
    }
}
