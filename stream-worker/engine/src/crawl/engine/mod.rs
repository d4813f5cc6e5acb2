//! Runs one crawl to its end.
//!
//! It owns the loop and every decision: what starts, what a report means, when it is over. It refuses to wait for any one
//! request: they run as the [requests in flight](in_flight) and come back in any order. One report is one step, handed over before
//! anything is started because of it.

mod in_flight;
mod budget;
mod job;
pub(crate) mod outage;
mod run;
mod begin;
mod robots;
mod sitemaps;
mod page;
mod content;
mod redirect;
mod local_fault;
mod close;

pub use job::{CrawlJob, Crawled, Ending, Interrupt, crawl};
