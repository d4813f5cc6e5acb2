//! Chores of the process: samples of the stores, the end of retention, the limit of open files.

use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use shared::Clock;
use store::bodies::BodyStore;
use store::journal::{JournalError, Upkeep};
use store::queue::JobQueue;
use tokio::time::{Interval, MissedTickBehavior, timeout};
use tokio_util::sync::CancellationToken;

use crate::health::Health;
use crate::telemetry::WorkerMetrics;

/// Interval of the samples.
const SAMPLING: Duration = Duration::from_secs(5);
/// Time without a write or without a read after which the object store is probed. A probe is a write and a read, at S3 less than
/// a quarter of a dollar a month.
const PROBE_BODIES: Duration = Duration::from_secs(60);
/// The longest interval between two searches for records past their retention.
const EXPIRY: Duration = Duration::from_secs(600);
/// Open files that are no sockets of clients: the stores, and connections of crawls, of which 1,024 may be kept for later pages.
const OTHER_FILES: u64 = 2_048;

/// The stores that samples are taken of.
pub(super) struct Sampled {
    pub(super) queue: Arc<dyn JobQueue>,
    pub(super) journal: Arc<dyn Upkeep>,
    pub(super) bodies: Option<Arc<BodyStore>>,
}

/// Takes samples of the stores until `stop`. A journal without a commit for `probe_after` is probed.
pub(super) async fn sample(
    stores: Sampled,
    probe_after: Duration,
    health: Arc<Health>,
    metrics: WorkerMetrics,
    stop: CancellationToken,
) {
    let Sampled {
        queue,
        journal,
        bodies,
    } = stores;
    let measure_queue = async {
        let mut tick = interval();
        loop {
            tick.tick().await;
            let measured = queue.depth().await;
            health.queue_measured(&measured);
            match measured {
                Ok(depth) => metrics.observe_queue(depth),
                Err(error) => tracing::warn!(%error, "could not measure the queue"),
            }
        }
    };
    let probe_journal = async {
        let mut tick = interval();
        loop {
            tick.tick().await;
            if health.journal_needs_probe(probe_after) {
                let probed = timeout(SAMPLING, journal.probe()).await;
                health.journal_probed(&probed.unwrap_or_else(|_elapsed| {
                    Err(JournalError::Store("it does not answer in time".into()))
                }));
            }
        }
    };
    let probe_bodies = async {
        let Some(bodies) = bodies else {
            return;
        };
        let mut tick = interval();
        loop {
            tick.tick().await;
            if health.bodies_need_probe(PROBE_BODIES) {
                // The store's observer is told of each call.
                let _told = bodies.probe().await;
            }
        }
    };
    let all = async { tokio::join!(measure_queue, probe_journal, probe_bodies) };
    stop.run_until_cancelled(all).await;
}

fn interval() -> Interval {
    let mut tick = tokio::time::interval(SAMPLING);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tick
}

/// Deletes records past their retention until `stop`.
pub(super) async fn expire(
    journal: Arc<dyn Upkeep>,
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

/// Raises the limit of open files so far that `sockets` fit, or as far as the system allows. Each watcher needs one, and the
/// limit that a shell sets is often lower.
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
