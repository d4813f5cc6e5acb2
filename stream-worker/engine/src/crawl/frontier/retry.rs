//! A visit that failed and comes back after a pause.

use std::cmp::Ordering;

use tokio::time::Instant;

use super::visit::Visit;
use crate::crawl::host_name::HostName;

/// A visit that comes back. Ordered by time.
#[derive(Debug)]
pub(crate) struct Retry {
    /// The end of the pause.
    pub(crate) at: Instant,
    /// Orders visits whose pauses end at the same time.
    pub(crate) turn: u64,
    pub(crate) host: HostName,
    pub(crate) visit: Visit,
}

impl PartialEq for Retry {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.turn) == (other.at, other.turn)
    }
}

impl Eq for Retry {}

impl PartialOrd for Retry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Retry {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.at, self.turn).cmp(&(other.at, other.turn))
    }
}
