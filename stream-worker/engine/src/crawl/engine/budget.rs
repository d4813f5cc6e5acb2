//! The budget of a crawl: pages and time.
//!
//! A page is reserved by being in flight and paid for by being fetched, so the counters are the budget: what failed, was
//! refused or led elsewhere gives its reservation back by leaving the flight. Hence the limit is exact however many
//! requests run at once.

use std::time::Duration;

use shared::{Counts, CrawlRequest, Timestamp};
use tokio::time::Instant;

/// The pages and the time that a crawl may spend.
#[derive(Debug)]
pub(crate) struct Budget {
    limit: u64,
    deadline: Instant,
}

impl Budget {
    /// The budget of a job that began at `started_at`, which is now or before.
    pub(crate) fn new(request: &CrawlRequest, started_at: Timestamp, now: Timestamp) -> Self {
        let whole = Duration::from_secs(request.max_duration_seconds);
        Self {
            limit: request.limit,
            deadline: Instant::now() + whole.saturating_sub(now.since(started_at)),
        }
    }

    /// True if another page may be asked for.
    pub(crate) fn allows(&self, counts: &Counts) -> bool {
        counts.fetched + counts.in_flight < self.limit && Instant::now() < self.deadline
    }

    /// True if as many pages were fetched as may be.
    pub(crate) const fn is_spent(&self, counts: &Counts) -> bool {
        counts.fetched >= self.limit
    }

    /// The time at which the crawl is over.
    pub(crate) const fn deadline(&self) -> Instant {
        self.deadline
    }
}
