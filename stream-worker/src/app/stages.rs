//! The tasks of a worker by stage, and the order in which the stages end.

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::drain::DrainTime;

/// The stages of a worker. Every task belongs to one of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Stages {
    /// The root of the stop: readiness goes false, jobs are released, new streams are told to come back.
    pub(super) draining: CancellationToken,
    /// Ends the listener and what keeps the live side alive, once the watchers are on their way out.
    pub(super) closing: CancellationToken,
    /// The dispatcher and its attempts.
    pub(super) jobs: TaskTracker,
    /// The listener, its connections, and watchers.
    pub(super) connections: TaskTracker,
    /// The registry's tasks, the demo site and housekeeping.
    pub(super) services: TaskTracker,
}

impl Stages {
    /// Ends all of them within `time`. Watchers are dismissed before anything is waited for: however long jobs take, a
    /// browser is with another worker by then.
    pub(super) async fn end(&self, time: DrainTime, dismiss_watchers: impl Fn()) {
        self.draining.cancel();
        dismiss_watchers();
        time.jobs().phase("jobs", &self.jobs).await;
        // Those that were on their way in when the others were told.
        dismiss_watchers();
        self.closing.cancel();
        let connections = time.connections();
        connections.phase("connections", &self.connections).await;
        time.services().phase("services", &self.services).await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use parking_lot::Mutex;
    use tokio::time::{Instant, sleep};

    use super::*;

    const ALL: Duration = Duration::from_secs(25);

    #[tokio::test(start_paused = true)]
    async fn watchers_are_dismissed_before_jobs_are_waited_for() {
        let (stages, told) = (Stages::default(), Mutex::new(Vec::new()));
        stages.jobs.spawn(sleep(Duration::from_secs(10)));
        let began = Instant::now();
        let dismiss = || told.lock().push(began.elapsed());
        stages.end(DrainTime::start(ALL), dismiss).await;
        assert_eq!(told.lock().first(), Some(&Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn a_phase_that_is_stuck_leaves_the_later_ones_their_time() {
        let stages = Stages::default();
        stages.jobs.spawn(std::future::pending::<()>());
        let ended = std::sync::Arc::new(Mutex::new(Vec::new()));
        for (name, tasks) in [
            ("connection", &stages.connections),
            ("service", &stages.services),
        ] {
            let (closing, ended) = (stages.closing.clone(), ended.clone());
            tasks.spawn(async move {
                closing.cancelled().await;
                sleep(Duration::from_secs(1)).await;
                ended.lock().push(name);
            });
        }
        let began = Instant::now();
        stages.end(DrainTime::start(ALL), || {}).await;
        assert_eq!(*ended.lock(), ["connection", "service"]);
        assert!(began.elapsed() < ALL, "{:?}", began.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_takes_no_longer_than_it_may() {
        let stages = Stages::default();
        for tasks in [&stages.jobs, &stages.connections, &stages.services] {
            tasks.spawn(std::future::pending::<()>());
        }
        let began = Instant::now();
        stages.end(DrainTime::start(ALL), || {}).await;
        assert_eq!(began.elapsed(), ALL);
    }
}
