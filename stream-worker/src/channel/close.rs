//! The reasons why a stream ends.

use prometheus_client::encoding::EncodeLabelValue;

/// Reason for the end of a watcher's stream; a label of the metric `stream_closes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum Close {
    /// The job had ended and all of its log was sent.
    Ended,
    /// The client closed the connection.
    Left,
    /// The worker stopped.
    Drain,
    /// The connection had reached its longest life.
    Lifetime,
    /// The socket took nothing for too long.
    Slow,
    /// The worker had as many watchers as it may have.
    Overload,
    /// The log could not be read.
    Failed,
}
