//! What waits at one host, and how the host is doing.

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
    /// Requests that run here now.
    pub(crate) in_flight: u32,
    /// How fast it may be asked.
    pub(crate) pace: Pace,
    /// What its robots.txt says.
    pub(crate) robots: RobotsState,
    /// When the frontier will look here next, if it means to: a host is in its heap at most once.
    pub(crate) due: Option<Instant>,
}

/// What is known of a host's robots.txt. It is asked for before the first page, and kept for the crawl, which lasts a day
/// at most.
#[derive(Debug, Clone)]
pub(crate) enum RobotsState {
    /// Nobody has asked.
    Unknown,
    /// The request is on its way.
    Asked,
    /// This is what it says.
    Known(Arc<RobotsVerdict>),
}

impl HostQueue {
    /// A host where nothing waits.
    pub(crate) fn new(delay: Duration, robots: RobotsState) -> Self {
        Self {
            work: VecDeque::new(),
            in_flight: 0,
            pace: Pace::new(delay),
            robots,
            due: None,
        }
    }

    /// Whether a request may start here once its time has come.
    pub(crate) fn is_open(&self, most_in_flight: u32) -> bool {
        !self.work.is_empty()
            && self.in_flight < most_in_flight
            && !matches!(self.robots, RobotsState::Asked)
    }

    /// Whether nothing would be lost but the robots rules if the host were forgotten.
    pub(crate) fn is_idle(&self, now: Instant) -> bool {
        self.work.is_empty()
            && self.in_flight == 0
            && !matches!(self.robots, RobotsState::Asked)
            && self.pace.not_before() <= now
    }
}
