//! Metrics of channels and watchers.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::close::Close;

/// Counters of the live side. Cheap to clone; clones count together.
#[derive(Debug, Clone)]
pub struct ChannelMetrics {
    /// Channels that are watched here.
    pub channels: Gauge,
    /// Watchers.
    pub watchers: Gauge,
    /// Frames handed to watchers' sockets.
    pub frames: Counter,
    /// Bytes written to watchers.
    pub bytes: Counter,
    /// Heartbeats.
    pub heartbeats: Counter,
    /// Reads from the journal for watchers that were behind the tail.
    pub catch_ups: Counter,
    /// Such reads that failed and are tried again.
    pub failed_reads: Counter,
    /// Frames behind the head when a watcher had to catch up.
    pub lag: Histogram,
    /// Streams that ended, by reason.
    pub closes: Family<CloseLabels, Counter>,
}

/// Labels of `closes`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct CloseLabels {
    /// The label's value.
    pub reason: Close,
}

impl Default for ChannelMetrics {
    fn default() -> Self {
        Self {
            channels: Gauge::default(),
            watchers: Gauge::default(),
            frames: Counter::default(),
            bytes: Counter::default(),
            heartbeats: Counter::default(),
            catch_ups: Counter::default(),
            failed_reads: Counter::default(),
            lag: Histogram::new([1.0, 10.0, 100.0, 1e3, 1e4, 1e5]),
            closes: Family::default(),
        }
    }
}

impl ChannelMetrics {
    /// Names the metrics in `registry`.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "channels",
            "Channels that are watched here",
            self.channels.clone(),
        );
        registry.register("watchers", "Open event streams", self.watchers.clone());
        registry.register(
            "stream_frames",
            "Frames written to watchers",
            self.frames.clone(),
        );
        registry.register(
            "stream_bytes",
            "Bytes written to watchers",
            self.bytes.clone(),
        );
        registry.register(
            "stream_heartbeats",
            "Heartbeats written to watchers",
            self.heartbeats.clone(),
        );
        registry.register(
            "stream_catch_ups",
            "Reads from the journal for watchers behind the tail",
            self.catch_ups.clone(),
        );
        registry.register(
            "stream_failed_reads",
            "Reads from the journal for watchers that failed and are tried again",
            self.failed_reads.clone(),
        );
        registry.register(
            "stream_lag_frames",
            "Frames behind the head when a watcher caught up",
            self.lag.clone(),
        );
        registry.register(
            "stream_closes",
            "Event streams that ended, by reason",
            self.closes.clone(),
        );
    }

    /// Counts a stream that ended.
    pub fn closed(&self, reason: Close) {
        self.closes.get_or_create(&CloseLabels { reason }).inc();
    }
}
