//! What a crawl is given, and what it answers.

use std::sync::Arc;

use shared::Clock;
use shared::{Counts, CrawlRequest, Timestamp};

use crate::crawl::{Checkpoint, Conversions, Earlier, PageMemory};
use crate::fetch::LocalFault;

/// One attempt at a crawl.
#[derive(Debug)]
pub struct CrawlJob {
    /// What is asked for.
    pub request: Arc<CrawlRequest>,
    /// Where to begin.
    pub checkpoint: Checkpoint,
    /// What an earlier crawl has fetched, if the request names one.
    pub earlier: Option<Earlier>,
    /// Stamps the events.
    pub clock: Clock,
    /// When the first attempt began: `maxDurationSeconds` counts from there.
    pub started_at: Timestamp,
    /// The product token that robots rules are matched with.
    pub agent: String,
    /// Where work on whole pages is done; one for all jobs of a worker.
    pub conversions: Conversions,
    /// Bytes of pages that are in memory whole; one budget for all jobs of a worker.
    pub page_memory: PageMemory,
    /// URLs that wait in memory at most; further ones wait in the store. [`WINDOW`](crate::crawl::WINDOW) is a good number.
    pub window: usize,
}

/// How a crawl ended by itself. Every URL has its event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// There is nothing left to crawl.
    Complete,
    /// `limit` pages were fetched; the rest was skipped.
    LimitReached,
    /// `maxDurationSeconds` have passed; the rest was skipped.
    DurationReached,
}

/// Why a crawl was interrupted. What is left still waits in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interrupt {
    /// It was told to stop.
    Stopped,
    /// Its steps are no longer taken.
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
    /// How it ended, or why it was interrupted.
    pub ended: Result<Ending, Interrupt>,
    /// The counters after the last step that was taken, with nothing in flight.
    pub counts: Counts,
}
