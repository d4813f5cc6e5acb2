//! One attempt at one job: acquire, run, renew, finish.
//!
//! It owns the dispatcher, which takes a permit before it takes a delivery, and the attempt, which holds a job's two
//! leases (on the delivery and on the journal's record) and ends it in exactly one way. It refuses to know how a page is
//! fetched or who watches.

mod attempt;
mod dispatcher;
mod lease;
mod metrics;
mod outage;
mod resume;
mod earlier;
mod patience;
mod secrets;
mod sink;
mod stop;
mod verdict;

pub(crate) use dispatcher::Dispatcher;
pub(crate) use metrics::JobMetrics;
pub(crate) use outage::Outage;
pub(crate) use secrets::SecretSource;

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

/// The parts that every attempt works with.
pub(crate) struct JobContext {
    /// Source of jobs.
    pub queue: Arc<dyn JobQueue>,
    /// Holds the jobs' records.
    pub journal: Arc<dyn Journal>,
    /// Set while the journal's store is known to fail.
    pub outage: Outage,
    /// The tenants, and how many of their jobs may run at once.
    pub tenants: Arc<Tenants>,
    /// Source of what requests keep secret.
    pub secrets: SecretSource,
    /// Fetches pages, robots files and sitemaps.
    pub fetcher: Arc<dyn Fetcher>,
    /// Runs work on whole pages, bounded for all crawls together.
    pub conversions: Conversions,
    /// Bytes of whole pages in memory, bounded for all crawls together.
    pub page_memory: PageMemory,
    /// Stamps events.
    pub clock: Clock,
    /// Settings, the same for every attempt.
    pub config: JobConfig,
    /// Counters of attempts and pages.
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
    /// Length of a lease; renewed at half of it.
    pub visibility: Duration,
    /// Time for which a job that was watched runs on without a watcher.
    pub grace: Duration,
    /// Attempts without any progress that a job gets; the next one ends it as failed.
    pub max_attempts: u32,
}

#[cfg(test)]
mod tests;
