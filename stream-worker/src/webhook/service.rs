//! Looks after every webhook that has not been told all yet.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::WebhookMetrics;
use super::deliverer::deliver;
use crate::clock::Clock;
use crate::fetch::Poster;
use crate::journal::Journal;

/// Webhooks that are looked after at once; further ones wait in the journal. A few kilobytes each.
const MAX_DELIVERERS: usize = 10_000;
/// Posts at the same time at most.
const MAX_POSTS: usize = 32;
/// How long to wait before a journal that failed is asked again.
const RETRY: Duration = Duration::from_secs(5);
/// Jobs that are looked up at once.
const PAGE: usize = 100;

/// What telling webhooks needs.
pub struct WebhookContext {
    pub(super) journal: Arc<dyn Journal>,
    pub(super) poster: Arc<dyn Poster>,
    pub(super) clock: Clock,
    pub(super) metrics: WebhookMetrics,
    pub(super) stop: CancellationToken,
    /// Bounds the posts that run.
    pub(super) posts: Semaphore,
}

/// The service that tells webhooks.
pub struct Webhooks {
    context: Arc<WebhookContext>,
    tasks: TaskTracker,
}

impl WebhookContext {
    /// Reads from `journal` and posts with `poster`, until `stop`.
    pub fn new(
        journal: Arc<dyn Journal>,
        poster: Arc<dyn Poster>,
        clock: Clock,
        metrics: WebhookMetrics,
        stop: CancellationToken,
    ) -> Self {
        Self {
            journal,
            poster,
            clock,
            metrics,
            stop,
            posts: Semaphore::new(MAX_POSTS),
        }
    }
}

impl Webhooks {
    /// A service whose tasks belong to `tasks`.
    #[must_use]
    pub const fn new(context: Arc<WebhookContext>, tasks: TaskTracker) -> Self {
        Self { context, tasks }
    }

    /// Takes care of what is owed from before, and of every job that begins, until the worker stops.
    pub async fn run(self) {
        let stop = self.context.stop.clone();
        stop.run_until_cancelled(self.look_after()).await;
    }

    async fn look_after(&self) {
        let mut owing = self.context.journal.owing();
        let room = Arc::new(Semaphore::new(MAX_DELIVERERS));
        let mut after = 0;
        loop {
            let owed = match self.context.journal.owed(after, PAGE).await {
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
