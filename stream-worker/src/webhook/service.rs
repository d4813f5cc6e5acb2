//! Starts a deliverer for every pending webhook, as far as its tenant's share goes.
//!
//! The journal lists pending webhooks in the order in which their jobs began. A tenant whose share is taken is left out of
//! that walk and taken up again, from the first webhook that was left out, when a deliverer ends. So a tenant with thousands
//! of webhooks that nobody answers holds up its own later ones alone.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use store::journal::{JournalError, PendingWebhook};
use tokio::sync::{Notify, OwnedSemaphorePermit};
use tokio_util::task::TaskTracker;

use super::WebhookContext;
use super::deliverer::deliver;

/// Pause before a journal that failed is asked again.
const RETRY: Duration = Duration::from_secs(5);
/// Webhooks that are listed at once.
const LISTED: usize = 100;

/// The service that posts to webhooks.
pub(crate) struct Webhooks {
    context: Arc<WebhookContext>,
    tasks: TaskTracker,
    /// Signals that a deliverer has ended: a tenant that was left out may have a place.
    ended: Arc<Notify>,
}

/// Progress through the list of pending webhooks.
#[derive(Default)]
struct Walk {
    /// Number of the last webhook that was looked at.
    after: u64,
    /// Tenants whose share was taken, each with the number after which its webhooks are not looked after yet.
    left_out: BTreeMap<String, u64>,
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
    /// stops.
    pub(crate) async fn run(self) {
        let stop = self.context.stop.clone();
        stop.run_until_cancelled(self.look_after()).await;
    }

    async fn look_after(&self) {
        let mut new = self.context.outbox.new_webhooks();
        let mut walk = Walk::default();
        loop {
            match self.go_on(&mut walk).await {
                Ok(Listed::Some) => {}
                Ok(Listed::None) => {
                    // Both arms are cancel-safe: a number stays changed, and a signal stays until it is heard.
                    tokio::select! {
                        changed = new.changed() => if changed.is_err() {
                            return;
                        },
                        () = self.ended.notified(), if !walk.left_out.is_empty() => {}
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "the journal did not list pending webhooks");
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
    }

    async fn go_on(&self, walk: &mut Walk) -> Result<Listed, JournalError> {
        self.take_left_out(walk).await?;
        self.take_next(walk).await
    }

    /// Starts deliverers of tenants that were left out, as far as places have become free.
    async fn take_left_out(&self, walk: &mut Walk) -> Result<(), JournalError> {
        for (tenant, mut after) in walk.left_out.clone() {
            let share = self.context.deliverers.of(&tenant);
            let free = share.available_permits().min(LISTED);
            if free == 0 {
                continue;
            }
            let outbox = &self.context.outbox;
            let listed = outbox.pending_webhooks(after, Some(&tenant), free).await?;
            let mut is_last = listed.len() < free;
            for webhook in listed {
                if webhook.number > walk.after {
                    // The walk comes to it by itself.
                    is_last = true;
                    break;
                }
                let Ok(place) = share.clone().try_acquire_owned() else {
                    is_last = false;
                    break;
                };
                after = webhook.number;
                self.start(webhook, place);
            }
            if is_last {
                walk.left_out.remove(&tenant);
            } else {
                walk.left_out.insert(tenant, after);
            }
        }
        Ok(())
    }

    /// Starts deliverers of the webhooks that come next in the list.
    async fn take_next(&self, walk: &mut Walk) -> Result<Listed, JournalError> {
        let outbox = &self.context.outbox;
        let listed = outbox.pending_webhooks(walk.after, None, LISTED).await?;
        if listed.is_empty() {
            return Ok(Listed::None);
        }
        for webhook in listed {
            let before = std::mem::replace(&mut walk.after, webhook.number);
            if walk.left_out.contains_key(&webhook.tenant) {
                continue;
            }
            let share = self.context.deliverers.of(&webhook.tenant);
            match share.try_acquire_owned() {
                Ok(place) => self.start(webhook, place),
                Err(_taken) => {
                    walk.left_out.insert(webhook.tenant, before);
                }
            }
        }
        Ok(Listed::Some)
    }

    fn start(&self, webhook: PendingWebhook, place: OwnedSemaphorePermit) {
        let (context, ended) = (self.context.clone(), self.ended.clone());
        self.tasks.spawn(async move {
            context.metrics.pending.inc();
            deliver(&context, &webhook).await;
            context.metrics.pending.dec();
            drop(place);
            ended.notify_one();
        });
    }
}

/// Result of one step through the list.
enum Listed {
    Some,
    None,
}
