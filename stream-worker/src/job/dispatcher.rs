//! Takes deliveries as far as there are permits, and sees each through.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use shared::back_off::Doubling;
use store::queue::{Delivery, QueueError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use super::JobContext;
use super::verdict::see_through;

/// Pauses after receives that failed.
const QUEUE_PAUSES: Doubling = Doubling {
    first: Duration::from_secs(1),
    longest: Duration::from_secs(30),
};

/// Deliveries taken in one call at most.
const MAX_RECEIVE: usize = 10;

/// Receives jobs as far as there are permits, and starts an attempt for each.
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
        let mut failures = 0;
        while let Some(Ok(first)) = drain
            .run_until_cancelled(self.permits.clone().acquire_owned())
            .await
        {
            self.context
                .outage
                .is_over(&*self.context.journal, &drain)
                .await;
            let permits = self.permits_beside(first);
            match self.receive(permits.len(), &drain).await {
                Ok(deliveries) => {
                    failures = 0;
                    self.hand_over(deliveries, permits);
                }
                Err(error) => {
                    tracing::error!(%error, "could not receive jobs; trying again");
                    failures += 1;
                    let pause = QUEUE_PAUSES.jittered(failures, fastrand::f64());
                    drain.run_until_cancelled(tokio::time::sleep(pause)).await;
                }
            }
        }
    }

    /// As many permits as one receive may use, `first` among them.
    fn permits_beside(&self, first: OwnedSemaphorePermit) -> Vec<OwnedSemaphorePermit> {
        let mut permits = vec![first];
        // Where tenants share the worker, each job is chosen after the one before it has its place.
        let most = if self.context.tenants.are_many() {
            1
        } else {
            MAX_RECEIVE
        };
        while permits.len() < most
            && let Ok(more) = self.permits.clone().try_acquire_owned()
        {
            permits.push(more);
        }
        permits
    }

    /// Receives jobs of tenants that may run more, and ends early when another one may, or on the drain. Not raced against
    /// either: the call itself ends early, and loses nothing.
    async fn receive(
        &self,
        most: usize,
        drain: &CancellationToken,
    ) -> Result<Vec<Delivery>, QueueError> {
        let tenants = &self.context.tenants;
        let round = drain.child_token();
        // Listen before looking, so that a place that becomes free meanwhile is heard.
        let mut freed = pin!(tenants.freed());
        freed.as_mut().enable();
        let busy = tenants.busy();
        let mut receive = pin!(self.context.queue.receive(most, &busy, &round));
        tokio::select! {
            received = &mut receive => return received,
            () = freed, if !busy.is_empty() => round.cancel(),
        }
        receive.await
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
