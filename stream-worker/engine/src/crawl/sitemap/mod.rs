//! Sitemaps, from the search for them to the URLs that they list (sitemaps.org).
//!
//! It owns which sitemaps are read, how many at a time, and how a file is read. It refuses to know what becomes of the URLs.

pub(crate) mod visit;
pub(crate) mod file;
pub(crate) mod reader;
pub(crate) mod plan;
