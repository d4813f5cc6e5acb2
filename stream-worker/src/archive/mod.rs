//! Answers of sites as they came, kept for web archives (WARC 1.1, ISO 28500).
//!
//! It owns the spool, where answers wait on disk until what they led to is in the journal, and the records that they become.
//! It refuses to know how a crawl runs: it stands between the crawl and its fetcher, and changes nothing.

mod spool;
mod recording_fetcher;
mod warc;

pub(crate) use recording_fetcher::RecordingFetcher;
pub(crate) use spool::Spool;
pub(crate) use warc::{warc_exchange, warc_info};
