//! The parts that deliveries to webhooks work with.

use std::sync::Arc;

use engine::fetch::Poster;
use shared::Clock;
use shared::token::TokenKeys;
use store::journal::{JobLog, Journal, WebhookOutbox};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use super::WebhookMetrics;
use super::shares::Shares;

/// Permits of a tenant at the least, however many tenants there are: of deliverers, and of posts.
const LEAST_DELIVERERS: usize = 100;
const LEAST_POSTS: usize = 4;

/// Bounds of what all webhooks of a worker use together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WebhookLimits {
    /// Tenants that share it: an equal part each.
    pub(crate) tenants: usize,
    /// Webhooks that are looked after at once; further ones wait in the journal. A few kilobytes each.
    pub(crate) deliverers: usize,
    /// Posts under way at once.
    pub(crate) posts: usize,
}

/// Parts of the process that deliveries use.
pub(crate) struct WebhookBase {
    /// Open the seals of webhooks' secrets.
    pub(crate) keys: TokenKeys,
    /// Tells when a post is due.
    pub(crate) clock: Clock,
    /// Counts posts.
    pub(crate) metrics: WebhookMetrics,
    /// Cancelled when the worker stops.
    pub(crate) stop: CancellationToken,
}

/// Shared by every delivery.
pub(crate) struct WebhookContext {
    pub(super) log: Arc<dyn JobLog>,
    pub(super) outbox: Arc<dyn WebhookOutbox>,
    pub(super) poster: Arc<dyn Poster>,
    /// Open the seals of webhooks' secrets.
    pub(super) keys: TokenKeys,
    pub(super) clock: Clock,
    pub(super) metrics: WebhookMetrics,
    pub(super) stop: CancellationToken,
    /// Bounds the deliverers of each tenant.
    pub(super) deliverers: Shares,
    /// Bounds the posts of each tenant: one whose servers hang fills its share, not the worker.
    tenants_posts: Shares,
    /// Bounds all posts. First come, first served, among as many as the shares let in.
    posts: Arc<Semaphore>,
}

impl WebhookContext {
    /// Reads from `journal` and posts with `poster`, until the worker stops.
    pub(crate) fn new(
        journal: Arc<dyn Journal>,
        poster: Arc<dyn Poster>,
        base: WebhookBase,
        limits: WebhookLimits,
    ) -> Self {
        let WebhookBase {
            keys,
            clock,
            metrics,
            stop,
        } = base;
        let WebhookLimits {
            tenants,
            deliverers,
            posts,
        } = limits;
        Self {
            log: journal.clone(),
            outbox: journal,
            poster,
            keys,
            clock,
            metrics,
            stop,
            deliverers: Shares::new(deliverers, tenants, LEAST_DELIVERERS.min(deliverers)),
            tenants_posts: Shares::new(posts, tenants, LEAST_POSTS.min(posts)),
            posts: Arc::new(Semaphore::new(posts)),
        }
    }

    /// Waits for the turn of one post of `tenant`. The permits are given back when dropped.
    pub(super) async fn post_permits(&self, tenant: &str) -> [Option<OwnedSemaphorePermit>; 2] {
        // The tenant's own first: only as many of its posts wait for the worker's as may run.
        let own = self.tenants_posts.of(tenant).acquire_owned().await.ok();
        [own, self.posts.clone().acquire_owned().await.ok()]
    }
}
