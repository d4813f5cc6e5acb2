//! A queue that hands out what a test gives it and remembers what it was told.

use std::collections::VecDeque;
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use shared::ChannelId;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use store::queue::{Delivery, Depth, JobQueue, NewMessage, QueueError, Receipt};

/// Instruction that the queue got for a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    Resubmitted(ChannelId),
    Acked,
    Released(Duration),
    DeadLettered(String),
}

/// Answer to an extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extension {
    Granted,
    Stale,
    Unanswered,
}

pub(super) struct ScriptedQueue {
    waiting: Mutex<VecDeque<Delivery>>,
    arrived: Notify,
    pub(super) extension: Mutex<Extension>,
    pub(super) extensions: watch::Sender<u32>,
    pub(super) told: watch::Sender<Vec<Told>>,
    /// As of a queue that takes its messages back after a while.
    pub(super) hold_limit: Mutex<Option<Duration>>,
}

impl ScriptedQueue {
    pub(super) fn with(bodies: impl IntoIterator<Item = (Vec<u8>, u32)>) -> Self {
        let queue = Self {
            waiting: Mutex::default(),
            arrived: Notify::new(),
            extension: Mutex::new(Extension::Granted),
            extensions: watch::Sender::new(0),
            told: watch::Sender::default(),
            hold_limit: Mutex::default(),
        };
        for (body, receive_count) in bodies {
            queue.deliver(body, receive_count);
        }
        queue
    }

    /// Adds a delivery.
    pub(super) fn deliver(&self, body: Vec<u8>, receive_count: u32) {
        let mut waiting = self.waiting.lock();
        let receipt = Receipt(format!("{receive_count}"));
        waiting.push_back(Delivery {
            receipt,
            body: body.into(),
            receive_count,
        });
        self.arrived.notify_one();
    }

    /// Deliveries that nobody has taken.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.lock().len()
    }

    fn tell(&self, told: Told) -> Result<(), QueueError> {
        self.told.send_modify(|all| all.push(told));
        Ok(())
    }

    /// Waits until the queue has been told how a delivery ended.
    pub(super) async fn settled(&self) -> Vec<Told> {
        let mut told = self.told.subscribe();
        let all = told.wait_for(|told| !told.is_empty()).await.unwrap();
        all.clone()
    }
}

#[async_trait]
impl JobQueue for ScriptedQueue {
    async fn submit(&self, message: NewMessage) -> Result<(), QueueError> {
        self.deliver(message.body.to_vec(), 1);
        Ok(())
    }

    async fn receive(
        &self,
        most: usize,
        _except: &[String],
        stop: &CancellationToken,
    ) -> Result<Vec<Delivery>, QueueError> {
        loop {
            let taken: Vec<Delivery> = {
                let mut waiting = self.waiting.lock();
                let most = most.min(waiting.len());
                waiting.drain(..most).collect()
            };
            if !taken.is_empty()
                || stop
                    .run_until_cancelled(self.arrived.notified())
                    .await
                    .is_none()
            {
                return Ok(taken);
            }
        }
    }

    async fn extend(&self, _receipt: &Receipt, _visibility: Duration) -> Result<(), QueueError> {
        let extension = *self.extension.lock();
        self.extensions.send_modify(|extensions| *extensions += 1);
        match extension {
            Extension::Granted => Ok(()),
            Extension::Stale => Err(QueueError::StaleReceipt),
            Extension::Unanswered => std::future::pending().await,
        }
    }

    async fn resubmit(&self, _receipt: &Receipt, message: NewMessage) -> Result<(), QueueError> {
        self.tell(Told::Resubmitted(message.channel))
    }

    async fn ack(&self, _receipt: &Receipt) -> Result<(), QueueError> {
        self.tell(Told::Acked)
    }

    async fn release(&self, _receipt: &Receipt, delay: Duration) -> Result<(), QueueError> {
        self.tell(Told::Released(delay))
    }

    async fn dead_letter(&self, _delivery: &Delivery, reason: &str) -> Result<(), QueueError> {
        self.tell(Told::DeadLettered(reason.to_owned()))
    }

    async fn depth(&self) -> Result<Depth, QueueError> {
        Ok(Depth::default())
    }

    fn hold_limit(&self) -> Option<Duration> {
        *self.hold_limit.lock()
    }
}

/// A message that holds `job`.
pub(super) fn body(job: &shared::JobMessage) -> Vec<u8> {
    job.encode()
}
