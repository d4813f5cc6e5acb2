//! The records of jobs, one by one and by tenant.

use async_trait::async_trait;
use shared::{Attempt, ChannelId, Counts, CrawlRequest, EventId, JobState, Timestamp};

use super::JournalError;

/// Answers questions about jobs. Changes nothing.
#[async_trait]
pub trait JobRecords: Send + Sync + 'static {
    /// The state of one job; nothing if the journal does not know it. A cancel or a watcher may come before the job: then there
    /// is a snapshot in state `queued` without a request.
    async fn snapshot(&self, channel: ChannelId) -> Result<Option<Snapshot>, JournalError>;

    /// Totals of `tenant` on the current day of UTC.
    async fn usage(&self, tenant: &str) -> Result<Usage, JournalError>;

    /// The jobs of one tenant that have begun, newest first; records past their retention are left out.
    async fn jobs_of(&self, wanted: TenantJobs) -> Result<Vec<ListedJob>, JournalError>;
}

/// Where a job stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Its state; `cancelling` when a job that runs has its cancel flag raised.
    pub state: JobState,
    /// The counters at the head.
    pub counts: Counts,
    /// The attempt that holds or last held the job.
    pub attempt: Attempt,
    /// The last event of the log.
    pub head: EventId,
    /// Who asked for it; unknown until the job has been taken from the queue.
    pub tenant: Option<String>,
    /// What was asked for; unknown until the job has been taken from the queue.
    pub request: Option<CrawlRequest>,
    /// When the first attempt began.
    pub started_at: Option<Timestamp>,
    /// When the job ended.
    pub ended_at: Option<Timestamp>,
    /// Whether the stream is gated for all watchers.
    pub paused: bool,
    /// Whether the events were deleted when their retention ended.
    pub expired: bool,
}

/// The totals of one tenant on one day of UTC. They survive restarts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Jobs that began.
    pub jobs: u64,
    /// Pages that were fetched.
    pub pages: u64,
}

/// A question for the jobs of one tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantJobs {
    /// The tenant.
    pub tenant: String,
    /// Only jobs in this state, if one is named.
    pub state: Option<JobState>,
    /// Only jobs that began before the one with this number.
    pub before: Option<u64>,
    /// Jobs at most.
    pub most: usize,
}

/// One job in a tenant's list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedJob {
    /// Grows with each job that begins in this journal.
    pub number: u64,
    /// The job's channel.
    pub channel: ChannelId,
    /// The job's state.
    pub state: JobState,
    /// The counters at the head of its log.
    pub counts: Counts,
    /// When it was submitted, by the front's clock.
    pub submitted_at: Timestamp,
    /// When its first attempt began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// The request.
    pub request: CrawlRequest,
}
