//! The queue's operations, each a call of a script.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use shared::{ChannelId, numbers};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use super::keys::Keys;
use super::scripts::{ACK, BURY, DEPTH, EXTEND, RECEIVE, RELEASE, RESUBMIT, SUBMIT};
use super::ticket::Ticket;
use crate::queue::{Delivery, Depth, JobQueue, NewMessage, QueueError, Receipt};
use crate::redis::{LinkError, Listener, RedisLink, Refusal, Reply, Request, Script, Server};

/// Messages that one call takes at most: each has up to 64 KiB, and the answer must come in time.
const MOST: usize = 64;

/// Time after which a receive that waits looks again, whatever it has heard: a wake-up may be lost.
const LOOK: Duration = if cfg!(test) {
    Duration::from_secs(3600)
} else {
    Duration::from_secs(5)
};

/// Settings of the queue on Redis.
#[derive(Debug, Clone, Copy)]
pub struct RedisQueueConfig {
    /// Time for which a received message is hidden from others.
    pub visibility: Duration,
    /// Receives that a message gets; the next one makes it a dead letter.
    pub max_receives: u32,
    /// Time for which a receive waits for a message.
    pub long_poll: Duration,
    /// True if a server may be used that may lose acknowledged messages: the job of a lost message is found by nobody.
    pub volatile: bool,
}

impl Default for RedisQueueConfig {
    fn default() -> Self {
        Self {
            visibility: numbers::VISIBILITY,
            max_receives: numbers::REDRIVE_RECEIVES,
            long_poll: numbers::LONG_POLL,
            volatile: false,
        }
    }
}

/// The queue in Redis. Any number of workers and fronts share it.
pub struct RedisQueue {
    link: Arc<RedisLink>,
    keys: Arc<Keys>,
    config: RedisQueueConfig,
    /// Wakes every receive of this process that waits.
    changed: Arc<Notify>,
    /// Owns the task that hears the wake-ups.
    tasks: TaskTracker,
    stop: DropGuard,
}

/// Result of one look.
struct Taken {
    deliveries: Vec<Delivery>,
    /// Messages that came once too often.
    died: u64,
    /// Time until the next hidden message is due.
    next_due: Option<Duration>,
}

impl RedisQueue {
    /// A queue on an examined server.
    ///
    /// # Errors
    /// [`Refusal::Forgets`] if the server may lose messages that it has acknowledged, and that is not allowed.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn open(
        link: Arc<RedisLink>,
        server: &Server,
        config: RedisQueueConfig,
    ) -> Result<Self, Refusal> {
        if !server.durability.keeps_messages() && !config.volatile {
            return Err(Refusal::Forgets(server.durability));
        }
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let (keys, changed) = (
            Arc::new(Keys::under(link.prefix())),
            Arc::new(Notify::new()),
        );
        let ears = hear(link.listener(), keys.clone(), changed.clone());
        let stopped = stop.clone();
        tasks.spawn(async move { stopped.run_until_cancelled(ears).await });
        tasks.close();
        Ok(Self {
            link,
            keys,
            config,
            changed,
            tasks,
            stop: stop.drop_guard(),
        })
    }

    /// A call of `step`; its first argument is there already.
    fn step(&self, step: &'static Script) -> Request {
        step.on(&self.keys.all()).number(self.link.offset())
    }

    async fn ask(&self, request: Request) -> Result<Reply, QueueError> {
        Ok(self.link.commits().ask(&request).await?)
    }

    /// A call of `step` about the message that `ticket` names.
    fn about(&self, step: &'static Script, ticket: &Ticket) -> Request {
        self.step(step)
            .bytes(ticket.channel())
            .bytes(ticket.serial())
    }

    /// Makes a change of a message that was held when it was made.
    async fn change(&self, request: Request) -> Result<(), QueueError> {
        match self.ask(request).await?.number()? {
            0 => Err(QueueError::StaleReceipt),
            _ => Ok(()),
        }
    }

    async fn take(&self, most: usize, except: &[String]) -> Result<Taken, QueueError> {
        let serial = Ticket::new_serial();
        let request = self
            .step(&RECEIVE)
            .number(most.min(MOST) as i128)
            .number(millis(self.config.visibility))
            .number(self.config.max_receives)
            .bytes(&serial);
        let request = except.iter().fold(request, Request::bytes);
        let [taken, died, next_due] = self.ask(request).await?.parts()?;
        let deliveries = taken
            .list()?
            .into_iter()
            .map(|message| delivery(message, &serial));
        let taken = Taken {
            deliveries: deliveries.collect::<Result<_, _>>()?,
            died: died.count()?,
            next_due: u64::try_from(next_due.number()?)
                .ok()
                .map(Duration::from_millis),
        };
        if taken.died > 0 {
            tracing::warn!(died = taken.died, "messages became dead letters");
        }
        Ok(taken)
    }
}

/// Wakes the receives whenever there may be something for them.
async fn hear(listener: Listener, keys: Arc<Keys>, changed: Arc<Notify>) {
    // One that fails is made up for by the next connection.
    if let Err(error) = listener.subscribe(keys.topic()).await {
        tracing::debug!(%error, "wake-ups of the queue are not heard yet");
    }
    loop {
        listener.heard().await;
        changed.notify_waiters();
    }
}

fn delivery(message: Reply, serial: &str) -> Result<Delivery, LinkError> {
    let [channel, receives, body] = message.parts()?;
    let channel: Result<ChannelId, _> = channel.text()?.parse();
    let channel =
        channel.map_err(|_error| LinkError::Unexpected("a channel that is none".to_owned()))?;
    Ok(Delivery {
        receipt: Ticket::of_receive(channel, serial).receipt(),
        body: body.bytes()?,
        receive_count: u32::try_from(receives.count()?).unwrap_or(u32::MAX),
    })
}

impl Taken {
    /// Time of a receive's next look if nothing is heard before.
    fn look_again(&self, deadline: Instant) -> Instant {
        let now = Instant::now();
        if self.died > 0 {
            return now;
        }
        // The server's clock shows whole milliseconds, and so is up to one behind.
        let due = self
            .next_due
            .map_or(LOOK, |due| due + Duration::from_millis(1));
        deadline.min(now + due.min(LOOK))
    }
}

#[async_trait]
impl JobQueue for RedisQueue {
    async fn submit(&self, message: NewMessage) -> Result<(), QueueError> {
        let request = self
            .step(&SUBMIT)
            .bytes(message.channel.to_string())
            .bytes(&message.tenant)
            .bytes(&message.body);
        // What is acknowledged is kept.
        let submitted = self.link.ask_confirmed(self.keys.topic(), &request);
        submitted.await?;
        Ok(())
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
            // Not raced against the stop: the server may have hidden messages for this call already.
            let taken = self.take(most, except).await?;
            if !taken.deliveries.is_empty() || Instant::now() >= deadline {
                return Ok(taken.deliveries);
            }
            // All arms are cancel-safe: they take nothing.
            tokio::select! {
                () = changed => {}
                () = sleep_until(taken.look_again(deadline)) => {}
                () = stop.cancelled() => {}
            }
        }
        Ok(Vec::new())
    }

    async fn extend(&self, receipt: &Receipt, visibility: Duration) -> Result<(), QueueError> {
        let ticket = Ticket::of(receipt)?;
        self.change(self.about(&EXTEND, &ticket).number(millis(visibility)))
            .await
    }

    async fn ack(&self, receipt: &Receipt) -> Result<(), QueueError> {
        let ticket = Ticket::of(receipt)?;
        self.change(self.about(&ACK, &ticket)).await
    }

    async fn release(&self, receipt: &Receipt, delay: Duration) -> Result<(), QueueError> {
        let ticket = Ticket::of(receipt)?;
        self.change(self.about(&RELEASE, &ticket).number(millis(delay)))
            .await
    }

    async fn resubmit(&self, receipt: &Receipt, message: NewMessage) -> Result<(), QueueError> {
        let ticket = Ticket::of(receipt)?;
        self.change(self.about(&RESUBMIT, &ticket).bytes(&message.body))
            .await
    }

    async fn dead_letter(&self, delivery: &Delivery, reason: &str) -> Result<(), QueueError> {
        let ticket = Ticket::of(&delivery.receipt)?;
        self.change(self.about(&BURY, &ticket).bytes(reason)).await
    }

    async fn depth(&self) -> Result<Depth, QueueError> {
        let [ready, hidden, dead, oldest] = self.ask(self.step(&DEPTH)).await?.parts()?;
        Ok(Depth {
            ready: ready.count()?,
            hidden: hidden.count()?,
            dead: dead.count()?,
            oldest: Some(Duration::from_millis(oldest.count()?)),
        })
    }

    async fn close(&self) {
        self.stop.token().cancel();
        self.tasks.wait().await;
    }
}

impl From<LinkError> for QueueError {
    fn from(error: LinkError) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Whole milliseconds, rounded up: what is hidden for too short is run twice.
fn millis(span: Duration) -> i128 {
    span.as_micros()
        .div_ceil(1000)
        .try_into()
        .unwrap_or(i128::from(i64::MAX))
}
