//! Records of tenants, as a journal's users see them: totals by day, and lists of jobs.

use shared::{ChannelId, Counts, CrawlRequest, JobState, Timestamp};

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
