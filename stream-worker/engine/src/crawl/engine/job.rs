//! The input of a crawl, and its result.

use std::sync::Arc;

use shared::Clock;
use shared::{Counts, CrawlRequest, Timestamp};

use crate::crawl::{Checkpoint, Conversions, Earlier, PageMemory};
use crate::fetch::LocalFault;

/// One attempt at a crawl.
#[derive(Debug)]
pub struct CrawlJob {
    /// The request, whose limits and defaults are settled.
    pub request: Arc<CrawlRequest>,
    /// [`Checkpoint::fresh`] on the first attempt.
    pub checkpoint: Checkpoint,
    /// The pages of the earlier crawl that the request names, if it names one.
    pub earlier: Option<Earlier>,
    /// Stamps the events with its time.
    pub clock: Clock,
    /// The beginning of the first attempt: `maxDurationSeconds` counts from there.
    pub started_at: Timestamp,
    /// The product token that robots rules are matched with.
    pub agent: String,
    /// Runs the work on whole pages; one for all jobs of a worker.
    pub conversions: Conversions,
    /// Bounds the bytes of pages that are in memory whole; one budget for all jobs of a worker.
    pub page_memory: PageMemory,
    /// URLs that wait in memory at most; further ones wait in the store. [`WINDOW`](crate::crawl::WINDOW) is a good number.
    pub window: usize,
}

/// The way in which a crawl ended by itself. Every URL has its event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// There is nothing left to crawl.
    Complete,
    /// `limit` pages were fetched; the rest was skipped.
    LimitReached,
    /// `maxDurationSeconds` have passed; the rest was skipped.
    DurationReached,
}

/// The reason why a crawl was interrupted. The URLs that are left still wait in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interrupt {
    /// `stop` was cancelled.
    Stopped,
    /// The sink takes no further steps: the lease is lost or the store failed.
    SinkClosed,
    /// This machine could not ask anybody for [`MAX_OUTAGE`](super::outage::MAX_OUTAGE).
    WorkerFault(LocalFault),
}

impl Ending {
    /// The `reason` of the terminal event.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::LimitReached => "limit",
            Self::DurationReached => "duration",
        }
    }
}

/// The outcome of a crawl.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crawled {
    /// The ending, or the interruption.
    pub ended: Result<Ending, Interrupt>,
    /// The counters after the last step that was taken, with nothing in flight.
    pub counts: Counts,
}
