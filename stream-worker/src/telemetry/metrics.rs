//! Every metric of the worker, in one registry.

use std::sync::Arc;

use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use store::journal::{RedisMeasurement, RedisObserver};
use store::queue::Depth;
use store::redis::Server;
use store::sqlite::{CommitObserver, CommitOutcome, CommitStats};

use super::bodies::BodiesMetrics;
use super::labels::NoLabels;
use crate::channel::ChannelMetrics;
use crate::http::HttpMetrics;
use crate::job::JobMetrics;
use crate::webhook::WebhookMetrics;

/// The metrics of all parts, and of the stores and the queue's depth, which are measured here. Cheap to clone; clones count
/// together.
#[derive(Debug, Clone, Default)]
pub struct WorkerMetrics {
    /// Metrics of channels and watchers.
    pub channel: ChannelMetrics,
    /// Metrics of sockets and requests.
    pub http: HttpMetrics,
    /// Metrics of jobs and crawls.
    pub job: JobMetrics,
    /// Metrics of webhooks.
    pub webhook: WebhookMetrics,
    /// Metrics of the object store.
    pub bodies: BodiesMetrics,
    queue_ready: Gauge,
    queue_hidden: Gauge,
    queue_dead: Gauge,
    /// Without a series for a queue that does not tell: a zero would say that nothing waits.
    queue_oldest: Family<NoLabels, Gauge<f64, std::sync::atomic::AtomicU64>>,
    commits: Family<CommitLabels, Counter>,
    commands: Family<StoreLabels, Counter>,
    commit_time: CommitTime,
    durability: Family<DurabilityLabels, Gauge>,
    redis_memory: Family<NoLabels, Gauge>,
    redis_memory_limit: Family<NoLabels, Gauge>,
    redis_replicas: Family<NoLabels, Gauge>,
    redis_usable: Family<NoLabels, Gauge>,
    redis_missed: Counter,
    redis_behind: Family<NoLabels, Gauge>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StoreLabels {
    store: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DurabilityLabels {
    durability: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CommitLabels {
    store: &'static str,
    outcome: CommitLabel,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
enum CommitLabel {
    Durable,
    Failed,
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
    /// Takes note of the numbers of messages in the queue.
    pub fn observe_queue(&self, depth: Depth) {
        self.queue_ready.set(gauged(depth.ready));
        self.queue_hidden.set(gauged(depth.hidden));
        self.queue_dead.set(gauged(depth.dead));
        if let Some(oldest) = depth.oldest {
            let gauge = self.queue_oldest.get_or_create(&[]);
            gauge.set(oldest.as_secs_f64());
        }
    }

    /// Takes note of the durability of the journal's store.
    pub fn observe_durability(&self, durability: &'static str) {
        self.durability.clear();
        let labels = DurabilityLabels { durability };
        self.durability.get_or_create(&labels).set(1);
    }

    /// Takes note of what an examination of the Redis has found; nothing if it cannot be used now.
    pub fn observe_redis(&self, server: Option<&Server>) {
        let usable = self.redis_usable.get_or_create(&[]);
        usable.set(i64::from(server.is_some()));
        let Some(server) = server else {
            return;
        };
        for (gauge, value) in [
            (&self.redis_memory, server.used_memory),
            (&self.redis_memory_limit, server.max_memory),
            (&self.redis_replicas, server.replicas),
        ] {
            gauge.get_or_create(&[]).set(gauged(value));
        }
        self.observe_durability(server.durability.name());
    }

    /// An observer that turns the commits of `store` into metrics.
    #[must_use]
    pub fn commit_observer(&self, store: &'static str) -> CommitObserver {
        let (durable, failed) = self.commit_counters(store);
        let commands = self.commands.get_or_create(&StoreLabels { store }).clone();
        let time = self.commit_time.0.clone();
        Arc::new(move |stats: CommitStats| match stats.outcome {
            CommitOutcome::Durable => {
                durable.inc();
                commands.inc_by(stats.commands as u64);
                time.observe(stats.elapsed.as_secs_f64());
            }
            CommitOutcome::Failed(_) => {
                failed.inc();
            }
        })
    }

    /// An observer that turns measurements of the journal in Redis into metrics.
    #[must_use]
    pub fn redis_observer(&self) -> RedisObserver {
        let (durable, failed) = self.commit_counters("redis");
        let time = self.commit_time.0.clone();
        let (missed, behind) = (self.redis_missed.clone(), self.redis_behind.clone());
        Arc::new(move |measurement| match measurement {
            RedisMeasurement::Commit {
                elapsed,
                durable: true,
            } => {
                durable.inc();
                time.observe(elapsed.as_secs_f64());
            }
            RedisMeasurement::Commit { durable: false, .. } => {
                failed.inc();
            }
            RedisMeasurement::Look {
                missed: logs,
                behind: events,
            } => {
                missed.inc_by(logs);
                behind.get_or_create(&[]).set(gauged(events));
            }
        })
    }

    fn commit_counters(&self, store: &'static str) -> (Counter, Counter) {
        let counter = |outcome| {
            let labels = CommitLabels { store, outcome };
            self.commits.get_or_create(&labels).clone()
        };
        (counter(CommitLabel::Durable), counter(CommitLabel::Failed))
    }

    fn register_redis(&self, registry: &mut Registry) {
        registry.register(
            "store_durability",
            "What the journal's store keeps when something dies; 1 for the one that holds",
            self.durability.clone(),
        );
        registry.register_with_unit(
            "redis_used_memory",
            "Memory that Redis uses",
            Unit::Bytes,
            self.redis_memory.clone(),
        );
        registry.register_with_unit(
            "redis_max_memory",
            "Memory that Redis may use; 0 for all there is",
            Unit::Bytes,
            self.redis_memory_limit.clone(),
        );
        registry.register(
            "redis_replicas",
            "Replicas that are connected to Redis",
            self.redis_replicas.clone(),
        );
        registry.register(
            "redis_usable",
            "1 if the last examination found Redis as a worker needs it, 0 if it did not or got no answer",
            self.redis_usable.clone(),
        );
        registry.register(
            "redis_missed_messages",
            "Logs that were found to have grown without a message from Redis",
            self.redis_missed.clone(),
        );
        registry.register(
            "redis_events_behind",
            "Events in Redis that the watchers here had not been told of, at the last look",
            self.redis_behind.clone(),
        );
    }

    /// Renders all of it in the text format of OpenMetrics.
    #[must_use]
    pub fn exposition(&self) -> Box<dyn Fn() -> String + Send + Sync> {
        let mut registry = Registry::with_prefix("crawlcast");
        self.channel.register(&mut registry);
        self.http.register(&mut registry);
        self.job.register(&mut registry);
        self.webhook.register(&mut registry);
        self.bodies.register(&mut registry);
        self.register_redis(&mut registry);
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
            "Age of the oldest waiting job, where the queue tells it",
            Unit::Seconds,
            self.queue_oldest.clone(),
        );
        registry.register(
            "commits",
            "Transactions of a store, by outcome: each with one fsync, or one step of a job's in Redis",
            self.commits.clone(),
        );
        registry.register(
            "commands",
            "Changes in those that are durable",
            self.commands.clone(),
        );
        registry.register_with_unit(
            "commit",
            "Time of a durable transaction, fsync or the way to Redis and replicas included",
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

fn gauged(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use store::sqlite::StoreError;

    use super::*;

    #[test]
    fn commits_that_fail_are_counted_apart() {
        let metrics = WorkerMetrics::default();
        let observer = metrics.commit_observer("journal");
        for outcome in [
            CommitOutcome::Durable,
            CommitOutcome::Durable,
            CommitOutcome::Failed(StoreError::Closed),
        ] {
            observer(CommitStats {
                commands: 3,
                elapsed: Duration::from_millis(1),
                outcome,
            });
        }
        let text = metrics.exposition()();
        for line in [
            r#"crawlcast_commits_total{store="journal",outcome="Durable"} 2"#,
            r#"crawlcast_commits_total{store="journal",outcome="Failed"} 1"#,
            r#"crawlcast_commands_total{store="journal"} 6"#,
        ] {
            assert!(text.contains(line), "{line} is missing in\n{text}");
        }
    }

    #[test]
    fn the_age_of_a_queue_that_does_not_tell_it_is_left_out() {
        let metrics = WorkerMetrics::default();
        metrics.observe_queue(Depth::default());
        let series = "\ncrawlcast_queue_oldest_seconds";
        assert!(!metrics.exposition()().contains(series));
        metrics.observe_queue(Depth {
            oldest: Some(Duration::from_secs(7)),
            ..Depth::default()
        });
        assert!(metrics.exposition()().contains("\ncrawlcast_queue_oldest_seconds{} 7"));
    }
}
