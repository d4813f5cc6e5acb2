//! The clock, the metrics, the health and the task trackers of a worker, shared by all its parts.

use std::sync::Arc;
use std::time::SystemTime;

use shared::Clock;

use super::stages::Stages;
use crate::health::Health;
use crate::telemetry::WorkerMetrics;

/// Parts of the process that every other part shares.
pub(super) struct Base {
    pub(super) clock: Clock,
    pub(super) metrics: WorkerMetrics,
    pub(super) health: Arc<Health>,
    pub(super) stages: Stages,
}

impl Base {
    pub(super) fn new() -> Self {
        Self {
            clock: Clock::new(|| SystemTime::now().into()),
            metrics: WorkerMetrics::default(),
            health: Arc::default(),
            stages: Stages::default(),
        }
    }
}
