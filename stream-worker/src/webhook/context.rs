//! The parts that deliveries to webhooks work with.

use std::sync::Arc;

use engine::fetch::Poster;
use shared::Clock;
use store::journal::{JobLog, Journal, WebhookOutbox};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::WebhookMetrics;

/// Posts at the same time at most.
const MAX_POSTS: usize = 32;

/// Shared by every delivery.
pub(crate) struct WebhookContext {
    pub(super) log: Arc<dyn JobLog>,
    pub(super) outbox: Arc<dyn WebhookOutbox>,
    pub(super) poster: Arc<dyn Poster>,
    pub(super) clock: Clock,
    pub(super) metrics: WebhookMetrics,
    pub(super) stop: CancellationToken,
    /// Bounds the posts that run.
    pub(super) posts: Semaphore,
}

impl WebhookContext {
    /// Reads from `journal` and posts with `poster`, until `stop`.
    pub(crate) fn new(
        journal: Arc<dyn Journal>,
        poster: Arc<dyn Poster>,
        clock: Clock,
        metrics: WebhookMetrics,
        stop: CancellationToken,
    ) -> Self {
        Self {
            log: journal.clone(),
            outbox: journal,
            poster,
            clock,
            metrics,
            stop,
            posts: Semaphore::new(MAX_POSTS),
        }
    }
}
