//! A queue under test, and short words for what is done with it.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use shared::ChannelId;
use tokio_util::sync::CancellationToken;

use crate::queue::{Delivery, JobQueue, NewMessage, QueueError};
use crate::time_under_test::Time;

pub(crate) const VISIBILITY: Duration = Duration::from_secs(60);
pub(crate) const MAX_RECEIVES: u32 = 3;
pub(crate) const LONG_POLL: Duration = Duration::from_secs(20);

/// A new queue and what keeps it alive.
pub(crate) struct World {
    pub(crate) queue: Arc<dyn JobQueue>,
    pub(crate) time: Arc<dyn Time>,
    pub(crate) _keep: Box<dyn Any + Send>,
}

impl World {
    /// Lets the queue's time pass.
    pub(crate) async fn pass(&self, span: Duration) {
        self.time.pass(span).await;
    }

    /// Adds a message whose body is `text`.
    pub(crate) async fn submit(&self, tenant: &str, text: &str) -> NewMessage {
        let message = NewMessage {
            channel: ChannelId::mint(),
            tenant: tenant.into(),
            body: Bytes::copy_from_slice(text.as_bytes()),
        };
        self.queue.submit(message.clone()).await.unwrap();
        message
    }

    /// Waits for messages.
    pub(crate) async fn receive(&self, most: usize) -> Vec<Delivery> {
        let stop = CancellationToken::new();
        self.queue.receive(most, &[], &stop).await.unwrap()
    }

    /// Waits for one message.
    pub(crate) async fn receive_one(&self) -> Delivery {
        let mut deliveries = self.receive(1).await;
        assert_eq!(deliveries.len(), 1);
        deliveries.remove(0)
    }

    /// Number of messages that are ready, hidden and dead.
    pub(crate) async fn depth(&self) -> (u64, u64, u64) {
        let depth = self.queue.depth().await.unwrap();
        (depth.ready, depth.hidden, depth.dead)
    }
}

pub(crate) fn texts(deliveries: &[Delivery]) -> Vec<&str> {
    deliveries
        .iter()
        .map(|delivery| std::str::from_utf8(&delivery.body).unwrap())
        .collect()
}

pub(crate) fn is_stale(result: &Result<(), QueueError>) -> bool {
    matches!(result, Err(QueueError::StaleReceipt))
}
