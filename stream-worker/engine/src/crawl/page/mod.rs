//! One page, from the request to what it holds.
//!
//! It owns how a body is read, the hash by which pages are recognised, and the bound on work that takes a processor for a
//! while. It refuses to judge: redirects and statuses are reported as they are.

pub(crate) mod contents;
mod conversions;
pub(crate) mod reader;

pub use conversions::Conversions;
