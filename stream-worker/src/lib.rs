//! Crawlcast's worker.
