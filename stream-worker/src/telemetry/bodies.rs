//! Metrics of the object store.

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use store::bodies::{BodiesCall, BodiesMeasurement, BodiesOutcome};

use super::labels::NoLabels;

/// Calls to the object store, and whether it can be used. Cheap to clone; clones count together.
#[derive(Debug, Clone, Default)]
pub struct BodiesMetrics {
    calls: Family<CallLabels, Counter>,
    time: CallTime,
    /// Without a series where there is no object store.
    usable: Family<NoLabels, Gauge>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabels {
    call: CallLabel,
    outcome: OutcomeLabel,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TimeLabels {
    call: CallLabel,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
enum CallLabel {
    Write,
    Read,
    List,
    Delete,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
enum OutcomeLabel {
    Done,
    Missing,
    Failed,
}

/// From 0.5 ms, a directory on a fast disk, to 16 s, more than the largest object is given.
#[derive(Debug, Clone)]
struct CallTime(Family<TimeLabels, Histogram, fn() -> Histogram>);

impl Default for CallTime {
    fn default() -> Self {
        let histogram = || Histogram::new(exponential_buckets(0.0005, 2.0, 16));
        Self(Family::new_with_constructor(histogram))
    }
}

impl BodiesMetrics {
    /// Counts a call.
    pub fn observe(&self, measured: &BodiesMeasurement) {
        let call = match measured.call {
            BodiesCall::Write => CallLabel::Write,
            BodiesCall::Read => CallLabel::Read,
            BodiesCall::List => CallLabel::List,
            BodiesCall::Delete => CallLabel::Delete,
        };
        let outcome = match measured.outcome {
            BodiesOutcome::Done => OutcomeLabel::Done,
            BodiesOutcome::Missing => OutcomeLabel::Missing,
            BodiesOutcome::Failed(_) => OutcomeLabel::Failed,
        };
        self.calls
            .get_or_create(&CallLabels { call, outcome })
            .inc();
        if outcome == OutcomeLabel::Done {
            let time = self.time.0.get_or_create(&TimeLabels { call });
            time.observe(measured.elapsed.as_secs_f64());
        }
    }

    /// Takes note of whether objects can be written and read.
    pub fn observe_usable(&self, usable: bool) {
        self.usable.get_or_create(&[]).set(usable.into());
    }

    /// Names the metrics in `registry`.
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "bodies_calls",
            "Calls to the object store, by outcome: one write an object, one read for each piece of 512 KiB that was not at hand",
            self.calls.clone(),
        );
        registry.register_with_unit(
            "bodies_call",
            "Time of a call to the object store that did what it should, with its retries",
            Unit::Seconds,
            self.time.0.clone(),
        );
        registry.register(
            "bodies_usable",
            "1 if objects can be written and read, 0 if not: jobs whose pages go there wait",
            self.usable.clone(),
        );
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::telemetry::WorkerMetrics;

    use super::*;

    #[test]
    fn calls_are_counted_by_what_came_of_them_and_timed_if_they_succeed() {
        let metrics = WorkerMetrics::default();
        let failed = BodiesOutcome::Failed("it is away".to_owned());
        for outcome in [BodiesOutcome::Done, failed, BodiesOutcome::Done] {
            metrics.bodies.observe(&BodiesMeasurement {
                call: BodiesCall::Write,
                elapsed: Duration::from_millis(1),
                outcome,
            });
        }
        let text = metrics.exposition()();
        for line in [
            r#"crawlcast_bodies_calls_total{call="Write",outcome="Done"} 2"#,
            r#"crawlcast_bodies_calls_total{call="Write",outcome="Failed"} 1"#,
            r#"crawlcast_bodies_call_seconds_count{call="Write"} 2"#,
        ] {
            assert!(text.contains(line), "{line} is missing in\n{text}");
        }
        assert!(!text.contains("\ncrawlcast_bodies_usable{"));
        metrics.bodies.observe_usable(false);
        let text = metrics.exposition()();
        assert!(text.contains("\ncrawlcast_bodies_usable{} 0"), "{text}");
    }
}
