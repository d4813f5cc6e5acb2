//! Runs one crawl to its end.
//!
//! It owns the loop and every decision: what starts, what a report means, when it is over. It refuses to wait for any one
//! request: they run [in flight](in_flight) and come back in any order. One report is one step, handed over before anything
//! is started because of it.
//!
//! Six files own the parts of its state and know nothing of it: `in_flight`, `admission`, `sitemap_queue`, `budget`, `outage`
//! and `outlet`. `run` puts them together and holds the loop; each file after it tells one story of the loop.

mod job;
mod in_flight;
mod admission;
mod sitemap_queue;
mod budget;
pub(crate) mod outage;
mod outlet;
mod run;
mod begin;
mod robots;
mod sitemaps;
mod page;
mod content;
mod redirect;
mod local_fault;
mod close;

pub use job::{CrawlJob, Crawled, Ending, Interrupt};
pub use run::crawl;
