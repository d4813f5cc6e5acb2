//! One crawl: seeds in, steps out.
//!
//! It owns the frontier, politeness, scope, budgets, robots and the identity of URLs. It knows nothing of queues, journals,
//! channels or sockets: what it finds goes to a [`StepSink`].
//!
//! The [`engine`] is the only one that changes anything: requests run as tasks beside it and report what they saw, and the
//! engine judges each report and turns it into one [`CrawlStep`]. So every rule of a crawl is plain code without locks, and
//! killing the process between two steps loses nothing but the requests then in flight.

mod step;
mod request_url;
mod identity;
mod host_name;
mod politeness;
mod robots;
mod admission;
mod frontier;
mod session;
mod sitemap;
mod page;
mod ledger;
mod history;
mod engine;

pub use engine::{CrawlJob, Crawled, Ending, Interrupt, crawl};
pub use frontier::backlog::WINDOW;
pub use history::{Checkpoint, Digester, Earlier, UnknownDigest};
pub use identity::identity;
pub use page::{Conversions, PageMemory};
pub use step::{Candidate, CrawlStep, SinkClosed, StepSink};

#[cfg(test)]
mod tests;
