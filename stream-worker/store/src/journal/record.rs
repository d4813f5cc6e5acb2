//! The records of jobs, one by one and by tenant.

use async_trait::async_trait;
use shared::{Attempt, ChannelId, Counts, CrawlRequest, EventId, HostRobots, JobState, Timestamp};

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

/// The state of a job at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// `cancelling` when a job that runs has its cancel flag raised.
    pub state: JobState,
    /// The counters at the head.
    pub counts: Counts,
    /// The attempt that holds or last held the job.
    pub attempt: Attempt,
    /// The last event of the log.
    pub head: EventId,
    /// Name of the API key that submitted it; unknown until the job has been taken from the queue.
    pub tenant: Option<String>,
    /// As it was submitted; unknown until the job has been taken from the queue.
    pub request: Option<CrawlRequest>,
    /// Begin of the first attempt, by the journal's clock.
    pub started_at: Option<Timestamp>,
    /// End of the job, by the journal's clock.
    pub ended_at: Option<Timestamp>,
    /// True while the stream is gated for all watchers.
    pub paused: bool,
    /// Watchers, of all workers together.
    pub watchers: u64,
    /// Results of reading robots.txt, by host; of the first hundred hosts.
    pub robots: Vec<HostRobots>,
    /// True once the events cannot be read any more because their retention is over.
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

/// A query for the jobs of one tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantJobs {
    /// Name of the API key that submitted the jobs.
    pub tenant: String,
    /// Only jobs in this state, if one is named.
    pub state: Option<JobState>,
    /// Only jobs that began before the one with this number.
    pub before: Option<u64>,
    /// Bound of the answer, in jobs.
    pub most: usize,
}

/// One job in a tenant's list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedJob {
    /// Grows with each job that begins in this journal.
    pub number: u64,
    /// The job's channel.
    pub channel: ChannelId,
    /// State at the moment of the answer.
    pub state: JobState,
    /// The counters at the head of its log.
    pub counts: Counts,
    /// Submission, by the front's clock.
    pub submitted_at: Timestamp,
    /// Begin of the first attempt, by the journal's clock.
    pub started_at: Option<Timestamp>,
    /// End of the job, by the journal's clock.
    pub ended_at: Option<Timestamp>,
    /// As it was submitted.
    pub request: CrawlRequest,
}
