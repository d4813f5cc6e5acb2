//! Sitemaps, from the search for them to the URLs that they list (sitemaps.org).
//!
//! It owns which sitemaps are read, how many at a time, and how a file is read. It judges none of the URLs: admission does.

pub(crate) mod visit;
pub(crate) mod file;
pub(crate) mod reader;
pub(crate) mod plan;
