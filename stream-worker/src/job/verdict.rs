//! Sees one delivery through: its job is tried, and the queue hears how that ended.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use shared::JobMessage;
use shared::back_off::{Doubling, jittered};
use shared::queue_message::MessageError;
use store::journal::{Acquired, JournalError};
use store::queue::{Delivery, NewMessage, QueueError};
use tracing::Instrument;

use super::JobContext;
use super::attempt::Attempt;
use super::metrics::Outcome;
use crate::tenant::TooManyJobs;

/// Pause of a job after an attempt that failed for a passing reason, times the number of receives.
const BACK_OFF: Duration = Duration::from_secs(2);

/// Pause of a job that a queue handed out although its tenant runs as many jobs as it may. Only a queue that cannot leave such
/// jobs where they are (SQS) does.
const TENANT_PAUSE: Duration = Duration::from_secs(10);

/// Reason of the failure of a job that kills whoever tries it.
const EXHAUSTED: &str = "the job was tried too often without getting any further";

/// Reason of the failure of a job whose message was written by a newer front, and that no newer worker has taken.
const UNKNOWN: &str = "no worker took the job that understands its message";

/// Time for which a message that this worker does not understand is left for another one, by its receives. With four that is
/// seven minutes and a half: longer than a rolling upgrade needs for its first worker.
const LEFT_FOR_OTHERS: Doubling = Doubling {
    first: Duration::from_secs(30),
    longest: Duration::from_secs(7_680),
};

/// Instruction for the queue about one delivery.
enum Verdict {
    /// The job has ended.
    Ack,
    /// The job is to be tried again, after a while.
    Release(Duration),
    /// The job goes on under a message that is new to the queue.
    PassOn,
    /// The job can never run.
    DeadLetter(String),
    /// The delivery is somebody else's by now.
    Leave,
}

/// Tries the job that a delivery holds, and tells the queue.
pub(super) async fn see_through(context: Arc<JobContext>, delivery: Delivery) {
    let (queue, receipt) = (&context.queue, &delivery.receipt);
    let (mut job, unknown) = match JobMessage::decode(&delivery.body) {
        Ok(job) => (job, None),
        Err(error) => match JobMessage::salvage(&delivery.body) {
            Some(job) => (job, Some(error)),
            None => {
                tracing::error!(%error, "a message is not a job");
                return note(queue.dead_letter(&delivery, &error.to_string()).await);
            }
        },
    };
    context.secrets.seal(&mut job);
    let span = tracing::info_span!("job", channel = %job.channel_id);
    let again = NewMessage {
        channel: job.channel_id,
        tenant: job.tenant.clone(),
        body: delivery.body.clone(),
    };
    let settled = async {
        let place = context.tenants.run(&job.tenant);
        let verdict = match (&place, unknown) {
            (Ok(_), None) => judge(&context, &delivery, job).await,
            (Ok(_), Some(error)) => judge_unknown(&context, &delivery, job, &error).await,
            (Err(TooManyJobs), _) => Verdict::Release(jittered(TENANT_PAUSE, fastrand::f64())),
        };
        drop(place);
        match verdict {
            Verdict::Ack => queue.ack(receipt).await,
            // The queue would not hand this message out again, though nothing is wrong with its job.
            Verdict::Release(_) if context.is_last_receive(&delivery) => {
                queue.resubmit(receipt, again).await
            }
            Verdict::Release(delay) => queue.release(receipt, delay).await,
            Verdict::PassOn => queue.resubmit(receipt, again).await,
            Verdict::DeadLetter(reason) => queue.dead_letter(&delivery, &reason).await,
            Verdict::Leave => Ok(()),
        }
    };
    note(settled.instrument(span).await);
}

impl JobContext {
    /// True if the queue's own limit is reached. It counts every receive, the journal only attempts without progress.
    const fn is_last_receive(&self, delivery: &Delivery) -> bool {
        delivery.receive_count > self.config.max_attempts
    }
}

async fn judge(context: &Arc<JobContext>, delivery: &Delivery, job: JobMessage) -> Verdict {
    let attempt = match acquire(context, delivery, job).await {
        Ok(attempt) => attempt,
        Err(verdict) => return verdict,
    };
    if attempt.checkpoint.attempts_without_progress > context.config.max_attempts {
        return give_up(attempt, delivery, EXHAUSTED).await;
    }
    if context.is_last_receive(delivery) {
        // Should this attempt die, the queue would make a dead letter of a job that gets further.
        return match context.journal.release(&attempt.lease).await {
            Ok(()) => Verdict::PassOn,
            Err(error) => failed(context, &error, delivery),
        };
    }
    run(attempt, delivery).await
}

/// Leaves a job to a worker that understands it, as a deploy brings some; ends it when none has come.
async fn judge_unknown(
    context: &Arc<JobContext>,
    delivery: &Delivery,
    job: JobMessage,
    error: &MessageError,
) -> Verdict {
    if !context.is_last_receive(delivery) {
        tracing::warn!(%error, receives = delivery.receive_count, "a message is left for another worker");
        let pause = LEFT_FOR_OTHERS.jittered(delivery.receive_count, fastrand::f64());
        return Verdict::Release(pause);
    }
    match acquire(context, delivery, job).await {
        Ok(attempt) => give_up(attempt, delivery, &format!("{UNKNOWN}: {error}")).await,
        Err(verdict) => verdict,
    }
}

/// Takes the lease on the job's record; otherwise says what to do with the delivery.
async fn acquire(
    context: &Arc<JobContext>,
    delivery: &Delivery,
    job: JobMessage,
) -> Result<Attempt, Verdict> {
    let config = &context.config;
    let acquired = context
        .journal
        .acquire(&job, &config.worker, config.visibility)
        .await;
    let (lease, checkpoint, fresh) = match acquired {
        Ok(Acquired::Fresh(lease, checkpoint)) => (lease, checkpoint, true),
        Ok(Acquired::Resumed(lease, checkpoint)) => (lease, checkpoint, false),
        Ok(Acquired::Held(left)) => {
            tracing::info!(
                remaining_ms = left.as_millis(),
                "another attempt holds the job"
            );
            return Err(Verdict::Release(left));
        }
        Ok(Acquired::Finished) => return Err(Verdict::Ack),
        Err(error) => return Err(failed(context, &error, delivery)),
    };
    Ok(Attempt {
        context: context.clone(),
        job,
        receipt: delivery.receipt.clone(),
        lease,
        checkpoint,
        fresh,
    })
}

async fn run(attempt: Attempt, delivery: &Delivery) -> Verdict {
    let context = &attempt.context.clone();
    let metrics = &context.metrics;
    tracing::info!(
        attempt = %attempt.lease.attempt,
        fresh = attempt.fresh,
        receives = delivery.receive_count,
        "an attempt begins"
    );
    metrics.running.inc();
    // The job's state is in its future: it has a place of its own.
    let work = Box::pin(attempt.run());
    let outcome = AssertUnwindSafe(work).catch_unwind().await;
    metrics.running.dec();
    match outcome {
        Ok(Ok(outcome)) => {
            tracing::info!(?outcome, "an attempt ended");
            metrics.ended(outcome);
            verdict(outcome)
        }
        Ok(Err(error)) => failed(context, &error, delivery),
        Err(_panic) => {
            tracing::error!("an attempt panicked");
            metrics.ended(Outcome::Panicked);
            Verdict::Release(back_off(delivery))
        }
    }
}

/// Ends the job where its watchers see it, and keeps its message where its operators do.
async fn give_up(attempt: Attempt, delivery: &Delivery, reason: &str) -> Verdict {
    let context = &attempt.context.clone();
    let metrics = &context.metrics;
    tracing::error!(attempt = %attempt.lease.attempt, reason, "a job is given up");
    match attempt.give_up(reason).await {
        Ok(outcome @ Outcome::Failed) => {
            metrics.ended(outcome);
            Verdict::DeadLetter(reason.to_owned())
        }
        Ok(outcome) => {
            metrics.ended(outcome);
            verdict(outcome)
        }
        Err(error) => failed(context, &error, delivery),
    }
}

const fn verdict(outcome: Outcome) -> Verdict {
    match outcome {
        Outcome::Done | Outcome::Cancelled | Outcome::Failed => Verdict::Ack,
        Outcome::Released => Verdict::Release(Duration::ZERO),
        Outcome::HandedOver => Verdict::PassOn,
        Outcome::Lost | Outcome::Panicked => Verdict::Leave,
    }
}

fn failed(context: &JobContext, error: &JournalError, delivery: &Delivery) -> Verdict {
    match error {
        JournalError::LeaseLost => Verdict::Leave,
        JournalError::Rewound => Verdict::Release(Duration::ZERO),
        JournalError::Damaged(reason) => {
            tracing::error!(reason, "the job's record is damaged");
            Verdict::DeadLetter(error.to_string())
        }
        JournalError::Store(reason) => {
            tracing::error!(reason, "the journal failed; the job waits");
            context.outage.begins();
            Verdict::Release(back_off(delivery))
        }
    }
}

fn back_off(delivery: &Delivery) -> Duration {
    jittered(BACK_OFF * delivery.receive_count, fastrand::f64())
}

/// Logs a failure to tell the queue. A delivery whose receipt is stale has been received again: whoever has it now settles it.
fn note(told: Result<(), QueueError>) {
    match told {
        Ok(()) => {}
        Err(QueueError::StaleReceipt) => {
            tracing::info!("the delivery has been received again meanwhile");
        }
        Err(error) => {
            tracing::error!(%error, "could not tell the queue; the message comes back by itself");
        }
    }
}
