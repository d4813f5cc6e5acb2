//! One attempt at one job: acquire, run, renew, finish.
//!
//! It owns the dispatcher, which takes a permit before it takes a delivery, and the attempt, which holds a job's two
//! leases (on the delivery and on the journal's record) and ends it in exactly one way. It refuses to know how a page is
//! fetched or who watches.

mod attempt;
mod dispatcher;
mod lease;
mod metrics;
mod resume;
mod earlier;
mod patience;
mod sink;
mod stop;
mod verdict;

pub(crate) use dispatcher::Dispatcher;
pub(crate) use metrics::JobMetrics;

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use engine::crawl::{Conversions, PageMemory};
use engine::fetch::Fetcher;
use shared::Clock;
use store::journal::Journal;
use store::queue::JobQueue;

use crate::tenant::Tenants;

/// What every attempt works with.
pub(crate) struct JobContext {
    /// Where jobs come from.
    pub queue: Arc<dyn JobQueue>,
    /// Where their record is.
    pub journal: Arc<dyn Journal>,
    /// The tenants, and how many of their jobs may run at once.
    pub tenants: Arc<Tenants>,
    /// What pages are fetched with.
    pub fetcher: Arc<dyn Fetcher>,
    /// Where crawls do work on whole pages.
    pub conversions: Conversions,
    /// What pages that are kept whole may take.
    pub page_memory: PageMemory,
    /// Stamps events.
    pub clock: Clock,
    /// Settings.
    pub config: JobConfig,
    /// What is counted here.
    pub metrics: JobMetrics,
    /// Cancelled when the worker begins to stop.
    pub drain: CancellationToken,
    /// Owns the attempts' tasks.
    pub tasks: TaskTracker,
}

/// Settings of attempts.
#[derive(Debug, Clone)]
pub(crate) struct JobConfig {
    /// This worker's name in events and leases.
    pub worker: String,
    /// The robots.txt product token.
    pub agent: String,
    /// Jobs at the same time at most.
    pub max_jobs: usize,
    /// How long leases last; renewed at half of it.
    pub visibility: Duration,
    /// How long a watched job runs on without a watcher.
    pub grace: Duration,
    /// After how many attempts without any progress a job fails.
    pub max_attempts: u32,
}

#[cfg(test)]
mod tests;
