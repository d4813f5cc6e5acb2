//! Every metric of the worker, in one registry.

use std::sync::Arc;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use store::queue::Depth;
use store::sqlite::{CommitObserver, CommitStats};

use crate::channel::ChannelMetrics;
use crate::http::HttpMetrics;
use crate::job::JobMetrics;
use crate::webhook::WebhookMetrics;

/// What each part counts, and what is measured here: the stores and the queue's depth. Cheap to clone; clones count
/// together.
#[derive(Debug, Clone, Default)]
pub struct WorkerMetrics {
    /// The live side.
    pub channel: ChannelMetrics,
    /// The front.
    pub http: HttpMetrics,
    /// The write side.
    pub job: JobMetrics,
    /// What webhooks are told.
    pub webhook: WebhookMetrics,
    queue_ready: Gauge,
    queue_hidden: Gauge,
    queue_dead: Gauge,
    queue_oldest: Gauge<f64, std::sync::atomic::AtomicU64>,
    commits: Family<StoreLabels, Counter>,
    commands: Family<StoreLabels, Counter>,
    commit_time: CommitTime,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StoreLabels {
    store: &'static str,
}

/// From 0.1 ms, an SSD with a battery, to 3 s, a disk in trouble.
#[derive(Debug, Clone)]
struct CommitTime(Histogram);

impl Default for CommitTime {
    fn default() -> Self {
        Self(Histogram::new(exponential_buckets(0.0001, 2.0, 16)))
    }
}

impl WorkerMetrics {
    /// Takes note of how full the queue is.
    pub fn observe_queue(&self, depth: Depth) {
        let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        self.queue_ready.set(count(depth.ready));
        self.queue_hidden.set(count(depth.hidden));
        self.queue_dead.set(count(depth.dead));
        self.queue_oldest.set(depth.oldest.as_secs_f64());
    }

    /// What a store tells of its commits.
    #[must_use]
    pub fn commit_observer(&self, store: &'static str) -> CommitObserver {
        let labels = StoreLabels { store };
        let commits = self.commits.get_or_create(&labels).clone();
        let commands = self.commands.get_or_create(&labels).clone();
        let time = self.commit_time.0.clone();
        Arc::new(move |stats: CommitStats| {
            commits.inc();
            commands.inc_by(stats.commands as u64);
            time.observe(stats.elapsed.as_secs_f64());
        })
    }

    /// Renders all of it in the text format of OpenMetrics.
    #[must_use]
    pub fn exposition(&self) -> Box<dyn Fn() -> String + Send + Sync> {
        let mut registry = Registry::with_prefix("crawlcast");
        self.channel.register(&mut registry);
        self.http.register(&mut registry);
        self.job.register(&mut registry);
        self.webhook.register(&mut registry);
        registry.register(
            "queue_ready",
            "Jobs that wait for a worker",
            self.queue_ready.clone(),
        );
        registry.register(
            "queue_hidden",
            "Jobs that are taken, or put off",
            self.queue_hidden.clone(),
        );
        registry.register("queue_dead", "Dead letters", self.queue_dead.clone());
        registry.register_with_unit(
            "queue_oldest",
            "Age of the oldest waiting job",
            Unit::Seconds,
            self.queue_oldest.clone(),
        );
        registry.register(
            "commits",
            "Transactions of a store, each with one fsync",
            self.commits.clone(),
        );
        registry.register("commands", "Changes in them", self.commands.clone());
        registry.register_with_unit(
            "commit",
            "Time of a transaction's commit, fsync included",
            Unit::Seconds,
            self.commit_time.0.clone(),
        );
        Box::new(move || {
            let mut text = String::new();
            encode(&mut text, &registry).expect("a string takes every character");
            text
        })
    }
}
