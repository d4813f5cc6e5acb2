//! One page, from the request to its links, formats and hash.
//!
//! It owns how a body is read, the hash by which pages are recognised, and the bounds on work that takes a processor for a
//! while and on pages that are in memory whole. It refuses to judge: redirects and statuses are reported as they are.

pub(crate) mod contents;
mod conversions;
mod memory;
pub(crate) mod reader;
mod set_cookies;
pub(crate) mod shells;

pub use conversions::Conversions;
pub use memory::PageMemory;
pub(crate) use set_cookies::set_cookies;
