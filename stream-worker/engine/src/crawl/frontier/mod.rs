//! The URLs that wait, in the order of their turns.
//!
//! It owns one queue per host, the heap of hosts by the time at which each may be asked next, the retries, and the bound of
//! what waits in memory. It refuses to know what a URL is worth.

pub(crate) mod visit;
pub(crate) mod host_queue;
pub(crate) mod retry;
pub(crate) mod host_heap;
pub(crate) mod backlog;

pub(crate) use host_heap::{Frontier, Turn};
