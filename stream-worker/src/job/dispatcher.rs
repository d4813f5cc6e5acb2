//! Takes deliveries as far as there are permits, and sees each through.

use std::sync::Arc;
use std::time::Duration;

use store::queue::Delivery;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::JobContext;
use super::verdict::see_through;

/// How long to wait when the queue does not answer: at first, and at most.
const QUEUE_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_QUEUE_PAUSE: Duration = Duration::from_secs(30);

/// Deliveries taken in one call at most.
const MAX_RECEIVE: usize = 10;

/// Feeds jobs to attempts.
pub(crate) struct Dispatcher {
    context: Arc<JobContext>,
    /// One for each job that may run. Taken before a delivery is, so that none waits here while it could run elsewhere.
    permits: Arc<Semaphore>,
}

impl Dispatcher {
    /// A dispatcher that has not begun.
    #[must_use]
    pub(crate) fn new(context: Arc<JobContext>) -> Self {
        let permits = Arc::new(Semaphore::new(context.config.max_jobs));
        Self { context, permits }
    }

    /// Takes jobs until the worker drains. What a receive has taken by then is given back.
    pub(crate) async fn run(self) {
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
