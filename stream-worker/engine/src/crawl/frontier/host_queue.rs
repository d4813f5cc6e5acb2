//! The work that waits at one host, and the state of that host.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::visit::Work;
use crate::crawl::politeness::Pace;
use crate::crawl::robots::RobotsVerdict;

/// One host: scheme, name and port, for robots rules and politeness both belong to these three.
#[derive(Debug)]
pub(crate) struct HostQueue {
    /// First in, first out: breadth first.
    pub(crate) work: VecDeque<Work>,
    /// Requests for pages and sitemaps that run at this host now.
    pub(crate) in_flight: u32,
    pub(crate) pace: Pace,
    pub(crate) robots: RobotsState,
    /// The time of this host's entry in the frontier's heap. `None` if it has no entry: it has one at most.
    pub(crate) due: Option<Instant>,
}

/// The state of a host's robots.txt. It is asked for before the first page, and kept for the crawl, which lasts a day at
/// most.
#[derive(Debug, Clone)]
pub(crate) enum RobotsState {
    /// It has not been asked for.
    Unknown,
    /// The request is on its way.
    Asked,
    /// It was asked for; this is the verdict.
    Known(Arc<RobotsVerdict>),
}

impl HostQueue {
    /// A host without work, at a pace of one request per `delay`.
    pub(crate) fn new(delay: Duration, robots: RobotsState) -> Self {
        Self {
            work: VecDeque::new(),
            in_flight: 0,
            pace: Pace::new(delay),
            robots,
            due: None,
        }
    }

    /// True if a request may start here once the pace allows it.
    pub(crate) fn is_open(&self, most_in_flight: u32) -> bool {
        !self.work.is_empty()
            && self.in_flight < most_in_flight
            && !matches!(self.robots, RobotsState::Asked)
    }

    /// True if nothing but the robots rules would be lost if the host were forgotten.
    pub(crate) fn is_idle(&self, now: Instant) -> bool {
        self.work.is_empty()
            && self.in_flight == 0
            && !matches!(self.robots, RobotsState::Asked)
            && self.pace.not_before() <= now
    }
}
