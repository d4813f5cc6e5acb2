//! Looks after every webhook that has not been told all yet.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use super::WebhookContext;
use super::deliverer::deliver;

/// Webhooks that are looked after at once; further ones wait in the journal. A few kilobytes each.
const MAX_DELIVERERS: usize = 10_000;
/// How long to wait before a journal that failed is asked again.
const RETRY: Duration = Duration::from_secs(5);
/// Jobs that are looked up at once.
const PAGE: usize = 100;

/// The service that tells webhooks.
pub(crate) struct Webhooks {
    context: Arc<WebhookContext>,
    tasks: TaskTracker,
}

impl Webhooks {
    /// A service whose tasks belong to `tasks`.
    #[must_use]
    pub(crate) const fn new(context: Arc<WebhookContext>, tasks: TaskTracker) -> Self {
        Self { context, tasks }
    }

    /// Takes care of what is owed from before, and of every job that begins, until the worker stops.
    pub(crate) async fn run(self) {
        let stop = self.context.stop.clone();
        stop.run_until_cancelled(self.look_after()).await;
    }

    async fn look_after(&self) {
        let mut owing = self.context.outbox.owing();
        let room = Arc::new(Semaphore::new(MAX_DELIVERERS));
        let mut after = 0;
        loop {
            let owed = match self.context.outbox.owed(after, PAGE).await {
                Ok(owed) => owed,
                Err(error) => {
                    tracing::error!(%error, "the journal did not say which webhooks to tell");
                    tokio::time::sleep(RETRY).await;
                    continue;
                }
            };
            if owed.is_empty() && owing.changed().await.is_err() {
                return;
            }
            for owed in owed {
                let Ok(place) = Arc::clone(&room).acquire_owned().await else {
                    return;
                };
                after = owed.number;
                let context = Arc::clone(&self.context);
                self.tasks.spawn(async move {
                    context.metrics.owed.inc();
                    deliver(Arc::clone(&context), owed.channel).await;
                    context.metrics.owed.dec();
                    drop(place);
                });
            }
        }
    }
}
