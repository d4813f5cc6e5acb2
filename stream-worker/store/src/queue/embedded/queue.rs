//! The queue's operations, each a command or a read.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use rusqlite::Connection;
use shared::Clock;
use shared::{Timestamp, numbers};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::rows::{self, Ticket};
use super::schema::SCHEMA;
use super::take::{self, Taken, Want};
use crate::queue::{Delivery, Depth, JobQueue, NewMessage, QueueError, Receipt};
use crate::sqlite::{CommitObserver, DataDir, Database, OpenError, StoreError};

/// Settings of the embedded queue.
#[derive(Debug, Clone, Copy)]
pub struct EmbeddedQueueConfig {
    /// Time for which a received message is hidden from others.
    pub visibility: Duration,
    /// Receives that a message gets; the next one makes it a dead letter.
    pub max_receives: u32,
    /// Time for which a receive waits for a message.
    pub long_poll: Duration,
}

impl Default for EmbeddedQueueConfig {
    fn default() -> Self {
        Self {
            visibility: numbers::VISIBILITY,
            max_receives: numbers::REDRIVE_RECEIVES,
            long_poll: numbers::LONG_POLL,
        }
    }
}

/// The queue in `queue.db`.
pub struct EmbeddedQueue {
    database: Database,
    config: EmbeddedQueueConfig,
    /// Read by the caller's task, never by the writer's thread: a test may turn it with its runtime.
    clock: Clock,
    /// Wakes every receive that waits when a message has become ready or is hidden for another time.
    changed: Arc<Notify>,
    /// The tenant that was served last. Lost with the process, which costs nobody more than a turn.
    turn: Mutex<String>,
}

impl EmbeddedQueue {
    /// Opens the queue in `dir`, making it if there is none. Messages that a dead process had received are visible at once.
    ///
    /// # Errors
    /// [`OpenError`]; none passes by itself.
    pub fn open(
        dir: &DataDir,
        config: EmbeddedQueueConfig,
        clock: Clock,
        observer: CommitObserver,
    ) -> Result<Self, OpenError> {
        let now = clock.now();
        let database = Database::open(dir, &SCHEMA, observer, |connection| {
            rows::recover(connection, now)
        })?;
        Ok(Self {
            database,
            config,
            clock,
            changed: Arc::default(),
            turn: Mutex::default(),
        })
    }

    async fn take(&self, most: usize, except: &[String]) -> Result<Taken, QueueError> {
        let want = Want {
            most,
            visibility: self.config.visibility,
            max_receives: self.config.max_receives,
            now: self.clock.now(),
            turn: self.turn.lock().clone(),
            except: except.to_vec(),
        };
        let taken = self.database.write(move |tx| take::take(tx, &want)).await?;
        self.turn.lock().clone_from(&taken.turn);
        if taken.died > 0 {
            tracing::warn!(died = taken.died, "messages became dead letters");
        }
        Ok(taken)
    }

    /// Time of a receive's next look if no change is signalled before.
    fn look_again(&self, taken: &Taken, deadline: Instant) -> Instant {
        if taken.died > 0 {
            return Instant::now();
        }
        let Some(visible) = taken.next_visible else {
            return deadline;
        };
        // A clock that shows whole milliseconds is up to one behind.
        let wait = visible.since(self.clock.now()) + Duration::from_millis(1);
        deadline.min(Instant::now() + wait)
    }

    /// Makes a change of the message that `receipt` names.
    async fn change(
        &self,
        receipt: &Receipt,
        change: impl FnOnce(&Connection, Ticket) -> Result<(), QueueError> + Send + 'static,
    ) -> Result<(), QueueError> {
        let ticket = Ticket::of(receipt)?;
        let changed = self.changed.clone();
        self.database
            .write(move |tx| {
                change(tx, ticket)?;
                tx.after_commit(move || changed.notify_waiters());
                Ok(())
            })
            .await
    }

    fn after(&self, span: Duration) -> Timestamp {
        self.clock.now().plus(span)
    }
}

#[async_trait]
impl JobQueue for EmbeddedQueue {
    async fn submit(&self, message: NewMessage) -> Result<(), QueueError> {
        let (now, changed) = (self.clock.now(), self.changed.clone());
        self.database
            .write_large(message.body.len(), move |tx| {
                if rows::insert(tx, &message, now)? {
                    tx.after_commit(move || changed.notify_waiters());
                }
                Ok(())
            })
            .await
    }

    async fn receive(
        &self,
        most: usize,
        except: &[String],
        stop: &CancellationToken,
    ) -> Result<Vec<Delivery>, QueueError> {
        let deadline = Instant::now() + self.config.long_poll;
        while most > 0 && !stop.is_cancelled() {
            // Listen before looking, so that what comes during the look is heard after it.
            let changed = self.changed.notified();
            let mut changed = std::pin::pin!(changed);
            changed.as_mut().enable();
            let taken = self.take(most, except).await?;
            if !taken.deliveries.is_empty() || Instant::now() >= deadline {
                return Ok(taken.deliveries);
            }
            // All arms are cancel-safe: they take nothing.
            tokio::select! {
                () = changed => {}
                () = sleep_until(self.look_again(&taken, deadline)) => {}
                () = stop.cancelled() => {}
            }
        }
        Ok(Vec::new())
    }

    async fn extend(&self, receipt: &Receipt, visibility: Duration) -> Result<(), QueueError> {
        let until = self.after(visibility);
        self.change(receipt, move |tx, ticket| rows::extend(tx, ticket, until))
            .await
    }

    async fn ack(&self, receipt: &Receipt) -> Result<(), QueueError> {
        self.change(receipt, rows::delete).await
    }

    async fn release(&self, receipt: &Receipt, delay: Duration) -> Result<(), QueueError> {
        let now = self.clock.now();
        self.change(receipt, move |tx, ticket| {
            rows::release(tx, ticket, delay, now)
        })
        .await
    }

    async fn resubmit(&self, receipt: &Receipt, message: NewMessage) -> Result<(), QueueError> {
        let now = self.clock.now();
        self.change(receipt, move |tx, ticket| {
            rows::resubmit(tx, ticket, &message, now)
        })
        .await
    }

    async fn dead_letter(&self, delivery: &Delivery, reason: &str) -> Result<(), QueueError> {
        let (now, reason) = (self.clock.now(), reason.to_owned());
        self.change(&delivery.receipt, move |tx, ticket| {
            rows::dead_letter(tx, ticket, &reason, now)
        })
        .await
    }

    async fn depth(&self) -> Result<Depth, QueueError> {
        let now = self.clock.now();
        self.database
            .read(move |connection| Ok(rows::depth(connection, now)?))
            .await
    }

    async fn close(&self) {
        self.database.close().await;
    }
}

impl From<StoreError> for QueueError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<rusqlite::Error> for QueueError {
    fn from(error: rusqlite::Error) -> Self {
        StoreError::from(error).into()
    }
}
