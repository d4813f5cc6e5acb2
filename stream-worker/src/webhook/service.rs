//! Claims pending webhooks, as many as their tenants' shares have places for, and starts a deliverer for each.
//!
//! It looks for some when a job with a webhook begins, when a place becomes free, and every few seconds for those that another
//! worker has let lapse or given back. Each tenant is asked for on its own, so that one with thousands of webhooks that nobody
//! answers holds up its own later ones alone.

use std::sync::Arc;
use std::time::Duration;

use store::journal::{JournalError, WebhookClaim};
use tokio::sync::{Notify, OwnedSemaphorePermit, watch};
use tokio_util::task::TaskTracker;

use super::WebhookContext;
use super::deliverer::deliver;

/// Pause before a journal that failed is asked again.
const RETRY: Duration = Duration::from_secs(5);
/// Longest time between two looks for webhooks of which nobody tells.
const LOOK: Duration = Duration::from_secs(5);
/// Webhooks of a tenant that are claimed at once. The next tenant has its turn before more are.
const CLAIMED: usize = 100;

/// The service that posts to webhooks.
pub(crate) struct Webhooks {
    context: Arc<WebhookContext>,
    tasks: TaskTracker,
    /// Signals that a deliverer has ended: its tenant has a place for another webhook.
    ended: Arc<Notify>,
}

/// Claimable webhooks that a look has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    /// Perhaps some, and places for them.
    Some,
    /// None, or no place for them.
    None,
}

impl Webhooks {
    /// A service whose tasks belong to `tasks`.
    #[must_use]
    pub(crate) fn new(context: Arc<WebhookContext>, tasks: TaskTracker) -> Self {
        Self {
            context,
            tasks,
            ended: Arc::default(),
        }
    }

    /// Looks after the webhooks that are pending from before, and after those of every job that begins, until the worker
    /// stops. It stops between two calls of the journal only: what is claimed has a deliverer, which gives it back.
    pub(crate) async fn run(self) {
        let stop = &self.context.stop;
        let mut new = self.context.outbox.new_webhooks();
        while !stop.is_cancelled() {
            // Before the look: whatever comes during it causes another.
            new.mark_unchanged();
            match self.look().await {
                Ok(Left::Some) => {}
                Ok(Left::None) => self.wait(&mut new).await,
                Err(error) => {
                    tracing::error!(%error, "the journal did not give pending webhooks");
                    stop.run_until_cancelled(tokio::time::sleep(RETRY)).await;
                }
            }
        }
    }

    /// Waits until there may be something to claim, or the worker stops.
    async fn wait(&self, new: &mut watch::Receiver<u64>) {
        // All arms are cancel-safe: a number stays changed, and a signal stays until it is heard.
        tokio::select! {
            Ok(()) = new.changed() => {}
            () = self.ended.notified() => {}
            () = tokio::time::sleep(LOOK) => {}
            () = self.context.stop.cancelled() => {}
        }
    }

    /// Claims some webhooks of every tenant that has any.
    async fn look(&self) -> Result<Left, JournalError> {
        let mut left = Left::None;
        for tenant in self.context.outbox.tenants_with_webhooks().await? {
            if self.claim(&tenant).await? == Left::Some {
                left = Left::Some;
            }
        }
        Ok(left)
    }

    /// Claims webhooks of a tenant and starts their deliverers.
    async fn claim(&self, tenant: &str) -> Result<Left, JournalError> {
        let mut places = self.context.deliverers.take_free(tenant, CLAIMED);
        if places.is_empty() {
            return Ok(Left::None);
        }
        let outbox = &self.context.outbox;
        let claims = outbox.claim_webhooks(tenant, places.len()).await?;
        for claim in claims {
            if let Some(place) = places.pop() {
                self.start(claim, place);
            }
        }
        Ok(if places.is_empty() {
            Left::Some
        } else {
            Left::None
        })
    }

    fn start(&self, claim: WebhookClaim, place: OwnedSemaphorePermit) {
        let (context, ended) = (self.context.clone(), self.ended.clone());
        self.tasks.spawn(async move {
            context.metrics.pending.inc();
            deliver(&context, &claim).await;
            context.metrics.pending.dec();
            drop(place);
            ended.notify_one();
        });
    }
}
