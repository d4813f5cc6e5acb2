//! Log lines on stderr, and metrics.
//!
//! Tokens, bodies and URLs' queries never reach a log line.

mod labels;
mod bodies;
mod log;
mod metrics;

pub use log::start;
pub use metrics::WorkerMetrics;
