//! The steps that a crawl hands over, and the trait of the store that takes them.

use async_trait::async_trait;
use shared::{Counts, Event, HostRobots};

/// Takes the steps of one crawl, in order, and reads back the URLs that wait.
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
    /// Dropping the future changes nothing.
    async fn waiting(&mut self, after: u64, most: usize) -> Result<Vec<Candidate>, SinkClosed>;
}

/// One atomic change of a crawl.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CrawlStep {
    /// `progress`, `skipped` and `notice`, in order.
    pub events: Vec<Event>,
    /// URLs that are queued by this step.
    pub discovered: Vec<Candidate>,
    /// Ordinals of URLs that are settled by this step: they no longer wait.
    pub completed: Vec<u64>,
    /// Patterns of URLs that became more frequent, and how many URLs have each. A [digest](super::Digester) keeps them.
    pub patterns: Vec<(String, u32)>,
    /// Results of reading hosts' robots.txt since the step before.
    pub robots: Vec<HostRobots>,
    /// The counters after this step.
    pub counts: Counts,
}

/// A URL that waits to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its number within the job: 1, 2, 3 … in the order of discovery.
    pub ordinal: u64,
    /// The URL as it is asked for.
    pub url: String,
    /// Link hops from a start page. A URL beyond the request's `maxDiscoveryDepth` is parked: it is refused when the crawl
    /// ends, unless a shorter way to it is found before.
    pub depth: u32,
    /// The URL of the page or sitemap on which it was found first. `None` for start pages, and for pages of an earlier crawl.
    pub referrer: Option<String>,
}

/// No step can be taken any more: the lease is lost or the store failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the crawl's steps are no longer taken")]
pub struct SinkClosed;
