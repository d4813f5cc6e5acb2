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
        let mut new = self.context.outbox.new_webhooks();
        let room = Arc::new(Semaphore::new(MAX_DELIVERERS));
        let mut after = 0;
        loop {
            let pending = match self.context.outbox.pending_webhooks(after, PAGE).await {
                Ok(pending) => pending,
                Err(error) => {
                    tracing::error!(%error, "the journal did not say which webhooks to tell");
                    tokio::time::sleep(RETRY).await;
                    continue;
                }
            };
            if pending.is_empty() && new.changed().await.is_err() {
                return;
            }
            for webhook in pending {
                let Ok(place) = Arc::clone(&room).acquire_owned().await else {
                    return;
                };
                after = webhook.number;
                let context = Arc::clone(&self.context);
                self.tasks.spawn(async move {
                    context.metrics.pending.inc();
                    deliver(Arc::clone(&context), webhook.channel).await;
                    context.metrics.pending.dec();
                    drop(place);
                });
            }
        }
    }
}
