//! The time that a client may take over HTTP/1.1, in each thing that it does.
//!
//! It owns the record of one connection's progress and the timer over it. The HTTP server has one limit, which starts
//! with the end of the last answer; here a connection that idles between requests, the head of a request that has
//! begun, and an answer that nobody reads have one each. It refuses to know what is asked or answered.

mod progress;
mod paced;
#[cfg(test)]
mod tests;

pub(super) use paced::{Paced, PacedBody};
pub(super) use progress::{Pace, PaceConfig, PaceTimer};
