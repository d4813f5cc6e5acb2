//! Queues in which jobs wait for a worker: deliveries and their leases.
//!
//! A delivery is hidden from others for the visibility timeout, which its receiver extends. It is deleted only by an
//! acknowledgement; one that is neither acknowledged nor extended comes back, and one that came back too often becomes a
//! dead letter. The queue refuses to know what a message means.

mod embedded;
mod redis;
mod sqs;
#[cfg(test)]
mod suite;

pub use embedded::{EmbeddedQueue, EmbeddedQueueConfig};
pub use redis::{RedisQueue, RedisQueueConfig};
pub use sqs::{SqsConfig, SqsQueue};

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use shared::ChannelId;
use tokio_util::sync::CancellationToken;

/// A queue of jobs. Implementations share one conformance suite.
#[async_trait]
pub trait JobQueue: Send + Sync + 'static {
    /// Adds a message, durably. One that is in the queue already (by its channel) is not added again.
    async fn submit(&self, message: NewMessage) -> Result<(), QueueError>;

    /// Waits for messages, up to the long poll's length or until `stop`, and takes `most` at most. May answer none.
    ///
    /// Messages of the tenants in `except` are left where they are, if the queue can tell; whoever receives one all the same
    /// gives it back.
    ///
    /// # Cancel safety
    /// Not cancel-safe: a message taken by a dropped call stays hidden for its visibility timeout. Cancel `stop` instead:
    /// the call then ends early and hands over what it has taken.
    async fn receive(
        &self,
        most: usize,
        except: &[String],
        stop: &CancellationToken,
    ) -> Result<Vec<Delivery>, QueueError>;

    /// Hides a delivery for `visibility` from now.
    async fn extend(&self, receipt: &Receipt, visibility: Duration) -> Result<(), QueueError>;

    /// Deletes a delivery: its job has reached its terminal event.
    async fn ack(&self, receipt: &Receipt) -> Result<(), QueueError>;

    /// Gives a delivery back, to be received again after `delay`.
    async fn release(&self, receipt: &Receipt, delay: Duration) -> Result<(), QueueError>;

    /// Puts a message in a delivery's place, as if it had only now been submitted: its receives are counted anew, and so is
    /// the time for which it may be held. At no moment is neither in the queue.
    async fn resubmit(&self, receipt: &Receipt, message: NewMessage) -> Result<(), QueueError>;

    /// Makes a delivery a dead letter at once, with the reason.
    async fn dead_letter(&self, delivery: &Delivery, reason: &str) -> Result<(), QueueError>;

    /// Counts the messages of the queue.
    async fn depth(&self) -> Result<Depth, QueueError>;

    /// The longest time for which a delivery may be held, however often it is extended. A job that runs for longer is handed on
    /// as a new message. No limit, by default.
    fn hold_limit(&self) -> Option<Duration> {
        None
    }

    /// Finishes what waits and closes. Nothing is to do, by default.
    async fn close(&self) {}
}

/// A message to add.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// The job's channel: two messages with one channel are one.
    pub channel: ChannelId,
    /// Name of the API key that submitted the job: tenants take turns.
    pub tenant: String,
    /// A [`JobMessage`](shared::JobMessage), encoded.
    pub body: Bytes,
}

/// A message received.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Names this receive of the message.
    pub receipt: Receipt,
    /// As it was submitted.
    pub body: Bytes,
    /// Receives of this message, this one included.
    pub receive_count: u32,
}

/// Names one receive of a message; a later receive of the same message has another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Receipt(pub String);

/// Numbers of messages in a queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Depth {
    /// Messages that can be received now.
    pub ready: u64,
    /// Messages that are hidden: delivered, or given back with a delay.
    pub hidden: u64,
    /// Dead letters that are kept.
    pub dead: u64,
    /// Age of the oldest ready message: zero if none waits, nothing if the queue does not tell.
    pub oldest: Option<Duration>,
}

/// Failure of a queue's operation.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The message has been received again, or deleted: this receipt means nothing any more. Do not retry.
    #[error("the receipt is no longer valid")]
    StaleReceipt,
    /// The queue did not do it. A retry may succeed.
    #[error("the queue failed: {0}")]
    Failed(String),
}
