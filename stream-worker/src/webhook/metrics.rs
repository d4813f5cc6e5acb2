//! What is counted of webhooks.

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// Counters of webhooks. Cheap to clone; clones count together.
#[derive(Debug, Clone, Default)]
pub struct WebhookMetrics {
    /// Jobs whose webhook is being told.
    pub(super) owed: Gauge,
    posts: Family<PostLabels, Counter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PostLabels {
    outcome: PostOutcome,
}

/// What came of a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub(super) enum PostOutcome {
    /// The server took it.
    Delivered,
    /// It will be tried again.
    Failed,
    /// It will not.
    GivenUp,
}

impl WebhookMetrics {
    /// Names the metrics in `registry`.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "webhooks_owed",
            "Jobs whose webhook has not been told all yet",
            self.owed.clone(),
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
