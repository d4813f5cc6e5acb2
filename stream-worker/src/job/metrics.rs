//! Metrics of jobs and crawls.

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use shared::Event;
use shared::event::PageResult;

/// Counters of the write side. Cheap to clone; clones count together.
#[derive(Debug, Clone, Default)]
pub struct JobMetrics {
    /// Attempts that run now.
    pub running: Gauge,
    /// Attempts that wait for a store that failed.
    pub(super) waiting: Gauge,
    ended: Family<EndLabels, Counter>,
    pages: Family<PageLabels, Counter>,
    page_bytes: Counter,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EndLabels {
    outcome: Outcome,
}

/// End of an attempt; a label of the metric `attempts`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub(super) enum Outcome {
    /// The job is done.
    Done,
    /// The job is cancelled.
    Cancelled,
    /// The job failed.
    Failed,
    /// The worker stops; another attempt goes on.
    Released,
    /// The message was held for as long as the queue allows; the job goes on under a new one.
    HandedOver,
    /// Another attempt has taken over.
    Lost,
    /// The attempt panicked.
    Panicked,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PageLabels {
    outcome: PageOutcome,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
enum PageOutcome {
    Fetched,
    Failed,
    Skipped,
}

impl JobMetrics {
    /// Names the metrics in `registry`.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "jobs_running",
            "Attempts that run now",
            self.running.clone(),
        );
        registry.register(
            "jobs_waiting",
            "Attempts that wait until the journal's store, or the object store, takes or gives what it refused",
            self.waiting.clone(),
        );
        registry.register(
            "attempts",
            "Attempts that ended, by outcome",
            self.ended.clone(),
        );
        registry.register(
            "pages",
            "URLs that were finished, by outcome",
            self.pages.clone(),
        );
        registry.register(
            "page_bytes",
            "Bytes of pages, decoded",
            self.page_bytes.clone(),
        );
    }

    pub(super) fn ended(&self, outcome: Outcome) {
        self.ended.get_or_create(&EndLabels { outcome }).inc();
    }

    pub(super) fn count(&self, events: &[Event]) {
        for event in events {
            let outcome = match event {
                Event::Progress(progress) => match &progress.result {
                    PageResult::Fetched(page) => {
                        self.page_bytes.inc_by(page.bytes);
                        PageOutcome::Fetched
                    }
                    PageResult::Failed { .. } => PageOutcome::Failed,
                },
                Event::Skipped(_) => PageOutcome::Skipped,
                Event::Started(_)
                | Event::Notice(_)
                | Event::Resumed(_)
                | Event::Done(_)
                | Event::Cancelled(_)
                | Event::Failed(_) => continue,
            };
            self.pages.get_or_create(&PageLabels { outcome }).inc();
        }
    }
}
