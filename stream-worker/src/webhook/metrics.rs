//! Metrics of webhooks.

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// Counters of webhooks. Cheap to clone; clones count together.
#[derive(Debug, Clone, Default)]
pub struct WebhookMetrics {
    /// Webhooks that this worker delivers to now.
    pub(super) pending: Gauge,
    posts: Family<PostLabels, Counter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PostLabels {
    outcome: PostOutcome,
}

/// Outcome of one post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub(super) enum PostOutcome {
    /// Answered with a status from 200 to 299.
    Delivered,
    /// Not delivered; will be retried.
    Failed,
    /// Not retried any more: failed for 24 h, a final status, or an address that may not be dialled.
    GivenUp,
}

impl WebhookMetrics {
    /// Names the metrics in `registry`.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "webhooks_owed",
            "Jobs whose webhook has not received all events yet and is delivered to by this worker",
            self.pending.clone(),
        );
        registry.register(
            "webhook_posts",
            "Posts to webhooks, by outcome",
            self.posts.clone(),
        );
    }

    pub(super) fn posted(&self, outcome: PostOutcome) {
        self.posts.get_or_create(&PostLabels { outcome }).inc();
    }
}
