//! What has to be done now and then, and once.

use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use shared::Clock;
use store::journal::Journal;
use store::queue::JobQueue;
use tokio_util::sync::CancellationToken;

use crate::telemetry::WorkerMetrics;

/// How often the queue's depth is measured.
const SAMPLING: Duration = Duration::from_secs(5);
/// How often records past their retention are looked for, at least.
const EXPIRY: Duration = Duration::from_secs(600);
/// Open files that are no sockets of clients: the stores, and connections of crawls.
const OTHER_FILES: u64 = 1_024;

/// Measures the queue until `stop`.
pub(super) async fn sample_queue(
    queue: Arc<dyn JobQueue>,
    metrics: WorkerMetrics,
    stop: CancellationToken,
) {
    let mut tick = tokio::time::interval(SAMPLING);
    while stop.run_until_cancelled(tick.tick()).await.is_some() {
        match queue.depth().await {
            Ok(depth) => metrics.observe_queue(depth),
            Err(error) => tracing::warn!(%error, "could not measure the queue"),
        }
    }
}

/// Deletes records past their retention until `stop`.
pub(super) async fn expire(
    journal: Arc<dyn Journal>,
    retention: Duration,
    clock: Clock,
    stop: CancellationToken,
) {
    let mut tick = tokio::time::interval(EXPIRY.min(retention / 2));
    while stop.run_until_cancelled(tick.tick()).await.is_some() {
        match journal.expire(clock.now().minus(retention)).await {
            Ok(0) => {}
            Ok(channels) => {
                tracing::info!(channels, "deleted the records of jobs past their retention")
            }
            Err(error) => {
                tracing::warn!(%error, "could not delete old records; trying again later")
            }
        }
    }
}

/// Each watcher needs an open file; the limit that a shell sets is often lower than what the system allows.
pub(super) fn raise_open_files(sockets: usize) {
    let wanted = sockets as u64 + OTHER_FILES;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|current| current >= wanted) {
        return;
    }
    let raised = maximum.map_or(wanted, |maximum| maximum.min(wanted));
    let result = setrlimit(
        Resource::Nofile,
        Rlimit {
            current: Some(raised),
            maximum,
        },
    );
    if result.is_err() || raised < wanted {
        tracing::warn!(
            open_files = raised,
            wanted,
            "the system allows fewer open files than max-connections may need"
        );
    }
}
