//! Measurements of the journal in Redis, for whoever runs it.

use std::sync::Arc;
use std::time::Duration;

/// Is given every measurement. It must not block.
pub type RedisObserver = Arc<dyn Fn(RedisMeasurement) + Send + Sync>;

/// One measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RedisMeasurement {
    /// The answer to a commit came, with the replicas' confirmation where it is waited for.
    Commit {
        /// From the call to its answer.
        elapsed: Duration,
        /// True if the commit is durable, as far as the server keeps what it answers.
        durable: bool,
    },
    /// A look at the logs that are followed here, every five seconds and after each reconnect.
    Look {
        /// Logs that had grown without a message that was heard.
        missed: u64,
        /// Events in those logs that the watchers here had not been told of.
        behind: u64,
    },
}
