//! Takes deliveries as far as there are permits, and sees each through.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use shared::JobMessage;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::Instrument;

use super::JobContext;
use super::attempt::Attempt;
use super::metrics::Outcome;
use crate::journal::{Acquired, JournalError};
use crate::queue::{Delivery, NewMessage, QueueError};

/// How long to wait when the queue does not answer: at first, and at most.
const QUEUE_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_QUEUE_PAUSE: Duration = Duration::from_secs(30);

/// How long a job waits after an attempt that failed for a passing reason, times the number of receives.
const BACK_OFF: Duration = Duration::from_secs(2);

/// Feeds jobs to attempts.
pub struct Dispatcher {
    context: Arc<JobContext>,
    /// One for each job that may run. Taken before a delivery is, so that none waits here while it could run elsewhere.
    permits: Arc<Semaphore>,
}

impl Dispatcher {
    /// A dispatcher that has not begun.
    #[must_use]
    pub fn new(context: Arc<JobContext>) -> Self {
        let permits = Arc::new(Semaphore::new(context.config.max_jobs));
        Self { context, permits }
    }

    /// Takes jobs until the worker drains. What a receive has taken by then is given back.
    pub async fn run(self) {
        let drain = self.context.drain.clone();
        let mut pause = QUEUE_PAUSE;
        while let Some(Ok(first)) = drain
            .run_until_cancelled(self.permits.clone().acquire_owned())
            .await
        {
            let mut permits = vec![first];
            while permits.len() < MAX_RECEIVE
                && let Ok(more) = self.permits.clone().try_acquire_owned()
            {
                permits.push(more);
            }
            // Not raced against the drain: the call itself ends early then, and loses nothing.
            match self.context.queue.receive(permits.len(), &drain).await {
                Ok(deliveries) => {
                    pause = QUEUE_PAUSE;
                    self.hand_over(deliveries, permits);
                }
                Err(error) => {
                    tracing::error!(%error, "could not receive jobs; trying again");
                    let jittered = pause.mul_f64(0.5 + fastrand::f64() / 2.0);
                    drain
                        .run_until_cancelled(tokio::time::sleep(jittered))
                        .await;
                    pause = (pause * 2).min(LONGEST_QUEUE_PAUSE);
                }
            }
        }
    }

    fn hand_over(&self, deliveries: Vec<Delivery>, permits: Vec<OwnedSemaphorePermit>) {
        for (delivery, permit) in deliveries.into_iter().zip(permits) {
            let context = self.context.clone();
            self.context.tasks.spawn(async move {
                see_through(context, delivery).await;
                drop(permit);
            });
        }
    }
}

/// Deliveries taken in one call at most.
const MAX_RECEIVE: usize = 10;

/// What becomes of a delivery.
enum Verdict {
    /// Its job has ended.
    Ack,
    /// It is to be received again, after a while.
    Release(Duration),
    /// It can never run.
    Bury(String),
    /// Its job goes on under a new message; then this one is deleted.
    PassOn(NewMessage),
    /// It is somebody else's by now.
    Leave,
}

async fn see_through(context: Arc<JobContext>, delivery: Delivery) {
    let job = match JobMessage::decode(&delivery.body) {
        Ok(job) => job,
        Err(error) => {
            tracing::error!(%error, "a message is not a job");
            return settle(&context, &delivery, Verdict::Bury(error.to_string())).await;
        }
    };
    let span = tracing::info_span!("job", channel = %job.channel_id);
    let verdict = judge(&context, &delivery, job)
        .instrument(span.clone())
        .await;
    settle(&context, &delivery, verdict).instrument(span).await;
}

async fn judge(context: &Arc<JobContext>, delivery: &Delivery, job: JobMessage) -> Verdict {
    let acquired = context
        .journal
        .acquire(&job, &context.config.worker, context.config.visibility)
        .await;
    let (lease, checkpoint, fresh) = match acquired {
        Ok(Acquired::Fresh(lease, checkpoint)) => (lease, checkpoint, true),
        Ok(Acquired::Resumed(lease, checkpoint)) => (lease, checkpoint, false),
        Ok(Acquired::Held(until)) => {
            let left = until.since(context.clock.now());
            tracing::info!(
                remaining_ms = left.as_millis(),
                "another attempt holds the job"
            );
            return Verdict::Release(left);
        }
        Ok(Acquired::Finished) => return Verdict::Ack,
        Err(error) => return failed(&error, delivery),
    };
    let again = NewMessage {
        channel: job.channel_id,
        tenant: job.tenant.clone(),
        body: delivery.body.clone(),
    };
    let attempt = Attempt {
        context: context.clone(),
        job,
        receipt: delivery.receipt.clone(),
        lease,
        checkpoint,
        fresh,
    };
    tracing::info!(attempt = %attempt.lease.attempt, fresh, receives = delivery.receive_count, "an attempt begins");
    let exhausted = delivery.receive_count > context.config.max_receives;
    context.metrics.running.inc();
    let run = async move {
        if exhausted {
            attempt
                .give_up("the job was tried too often without getting any further")
                .await
        } else {
            attempt.run().await
        }
    };
    let outcome = AssertUnwindSafe(run).catch_unwind().await;
    context.metrics.running.dec();
    match outcome {
        Ok(Ok(outcome)) => {
            tracing::info!(?outcome, "an attempt ended");
            context.metrics.ended(outcome);
            verdict(outcome, again)
        }
        Ok(Err(error)) => failed(&error, delivery),
        Err(_panic) => {
            tracing::error!("an attempt panicked");
            context.metrics.ended(Outcome::Panicked);
            Verdict::Release(back_off(delivery))
        }
    }
}

fn verdict(outcome: Outcome, again: NewMessage) -> Verdict {
    match outcome {
        Outcome::Done | Outcome::Cancelled | Outcome::Failed => Verdict::Ack,
        Outcome::Released => Verdict::Release(Duration::ZERO),
        Outcome::HandedOver => Verdict::PassOn(again),
        Outcome::Lost | Outcome::Panicked => Verdict::Leave,
    }
}

fn failed(error: &JournalError, delivery: &Delivery) -> Verdict {
    match error {
        JournalError::LeaseLost => Verdict::Leave,
        JournalError::Damaged(reason) => {
            tracing::error!(reason, "the job's record is damaged");
            Verdict::Bury(error.to_string())
        }
        JournalError::Store(reason) => {
            tracing::error!(reason, "the journal failed; the job waits");
            Verdict::Release(back_off(delivery))
        }
    }
}

fn back_off(delivery: &Delivery) -> Duration {
    (BACK_OFF * delivery.receive_count).mul_f64(0.5 + fastrand::f64())
}

/// Tells the queue. A delivery whose receipt is stale has been received again: whoever has it now settles it.
async fn settle(context: &JobContext, delivery: &Delivery, verdict: Verdict) {
    let (queue, receipt) = (&context.queue, &delivery.receipt);
    let told = match verdict {
        Verdict::Ack => queue.ack(receipt).await,
        Verdict::Release(delay) => queue.release(receipt, delay).await,
        Verdict::Bury(reason) => queue.bury(delivery, &reason).await,
        Verdict::PassOn(again) => match queue.submit(again).await {
            Ok(()) => queue.ack(receipt).await,
            Err(error) => Err(error),
        },
        Verdict::Leave => return,
    };
    match told {
        Ok(()) => {}
        Err(QueueError::StaleReceipt) => {
            tracing::info!("the delivery has been received again meanwhile")
        }
        Err(error) => {
            tracing::error!(%error, "could not tell the queue; the message comes back by itself")
        }
    }
}
