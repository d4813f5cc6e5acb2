//! One crawl: seeds in, steps out.
//!
//! It owns the frontier, politeness, scope, budgets, robots and canonical URLs. It knows nothing of queues, journals,
//! channels or sockets: what it finds goes to a [`StepSink`].
//!
//! The [`engine`] is the only one that changes anything: requests run as tasks beside it and report what they saw, and
//! the engine judges each report and turns it into one [`CrawlStep`]. So every rule of a crawl is plain code without
//! locks, and killing the process between two steps loses nothing but the requests then in flight.

mod canonical_url;
mod seen;
mod scope;
mod date_mask;
mod trap;
mod parked;
mod intake;
mod visit;
mod politeness;
mod host_queue;
mod retry;
mod frontier;
mod backlog;
mod budget;
mod robots;
mod sitemap_file;
mod sitemap;
mod sitemap_plan;
mod contents;
mod earlier;
mod conversions;
mod page_fetch;
mod crew;
mod ledger;
mod checkpoint;
mod engine;

pub use backlog::WINDOW;
pub use checkpoint::Checkpoint;
pub use conversions::Conversions;
pub use earlier::Earlier;
pub use engine::{CrawlJob, Crawled, Ending, crawl};

use async_trait::async_trait;
use shared::{Counts, Event};

/// Takes the steps of one crawl, in order, and gives back what waits.
#[async_trait]
pub trait StepSink: Send {
    /// Hands a step over. Waits only while too many earlier steps are not durable yet.
    ///
    /// # Errors
    /// [`SinkClosed`] when no step can be taken any more; the crawl must stop.
    async fn push(&mut self, step: CrawlStep) -> Result<(), SinkClosed>;

    /// Waits until every step is durable.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    async fn flush(&mut self) -> Result<(), SinkClosed>;

    /// Up to `most` of the URLs that wait after every step so far, in order, from the one after the ordinal `after`.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    ///
    /// # Cancel safety
    /// Nothing is changed.
    async fn waiting(&mut self, after: u64, most: usize) -> Result<Vec<Candidate>, SinkClosed>;
}

/// One atomic change of a crawl.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CrawlStep {
    /// What happened: `progress`, `skipped` or `notice`.
    pub events: Vec<Event>,
    /// URLs that now wait.
    pub discovered: Vec<Candidate>,
    /// Ordinals of URLs that no longer wait.
    pub completed: Vec<u64>,
    /// The counters after this step.
    pub counts: Counts,
}

/// A URL that waits to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its number within the job: 1, 2, 3 … in the order of discovery.
    pub ordinal: u64,
    /// The URL in its canonical form.
    pub url: String,
    /// Link hops from a start page. One beyond the request's `maxDiscoveryDepth` waits to be refused, unless a shorter way
    /// is found.
    pub depth: u32,
    /// Where it was found first.
    pub referrer: Option<String>,
}

/// No step can be taken any more: the lease is lost or the store failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the crawl's steps are no longer taken")]
pub struct SinkClosed;

#[cfg(test)]
mod tests;
