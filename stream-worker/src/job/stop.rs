//! The reasons to stop an attempt before its crawl has ended, and the watch for them.

use std::time::Duration;

use shared::request::OnDisconnect;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use shared::Clock;
use store::journal::{CancelReason, Control};

/// Reason to stop an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// The cancel flag is raised.
    Cancel(CancelReason),
    /// The job has been watched, and has had no watcher for the grace period: the flag is to be raised.
    Unwatched,
    /// The worker stops.
    Drain,
    /// The queue takes the message back soon, whoever holds it: the job goes on under a new one.
    HandOver,
}

/// Everything that may stop one attempt.
pub(super) struct StopWatch {
    pub(super) control: watch::Receiver<Control>,
    pub(super) on_disconnect: OnDisconnect,
    pub(super) grace: Duration,
    pub(super) clock: Clock,
    pub(super) drain: CancellationToken,
    /// Time for which the delivery may still be held, where the queue sets a limit.
    pub(super) hold: Option<Duration>,
}

impl StopWatch {
    /// Waits until the attempt must stop.
    ///
    /// # Cancel safety
    /// Cancel-safe: it only looks.
    pub(super) async fn stop(&mut self) -> Stop {
        let mut held_too_long = std::pin::pin!(sleep(self.hold));
        loop {
            let control = *self.control.borrow_and_update();
            if let Some(reason) = control.cancel {
                return Stop::Cancel(reason);
            }
            let left = self.grace_left(control);
            tokio::select! {
                // A cancel first: it ends the job for good, and the others only this attempt.
                biased;
                changed = self.control.changed() => if changed.is_err() {
                    // The journal is closing, and the worker with it.
                    self.drain.cancelled().await;
                    return Stop::Drain;
                },
                () = self.drain.cancelled() => return Stop::Drain,
                () = &mut held_too_long => return Stop::HandOver,
                () = sleep(left) => return Stop::Unwatched,
            }
        }
    }

    /// Time for which the job may still run without a watcher; nothing if it is watched, was never watched, or continues
    /// without.
    fn grace_left(&self, control: Control) -> Option<Duration> {
        let since = control.unwatched_since?;
        match self.on_disconnect {
            OnDisconnect::Continue => None,
            OnDisconnect::Cancel => Some(self.grace.saturating_sub(self.clock.now().since(since))),
        }
    }
}

async fn sleep(left: Option<Duration>) {
    match left {
        Some(left) => tokio::time::sleep(left).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime_clock::runtime_clock;

    const GRACE: Duration = Duration::from_secs(30);

    fn watch(on_disconnect: OnDisconnect) -> (watch::Sender<Control>, StopWatch) {
        let (sender, control) = watch::channel(Control::default());
        let clock = runtime_clock();
        let drain = CancellationToken::new();
        (
            sender,
            StopWatch {
                control,
                on_disconnect,
                grace: GRACE,
                hold: None,
                clock,
                drain,
            },
        )
    }

    #[tokio::test(start_paused = true)]
    async fn a_job_without_watchers_stops_after_the_grace_and_not_before() {
        let (control, mut stop) = watch(OnDisconnect::Cancel);
        let left_at = stop.clock.now();
        control.send_modify(|control| control.unwatched_since = Some(left_at));
        let began = tokio::time::Instant::now();
        assert_eq!(stop.stop().await, Stop::Unwatched);
        assert_eq!(began.elapsed(), GRACE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_watcher_that_comes_back_in_time_keeps_the_job_alive() {
        let (control, mut stop) = watch(OnDisconnect::Cancel);
        let left_at = stop.clock.now();
        control.send_modify(|control| control.unwatched_since = Some(left_at));
        let comes_back = async {
            tokio::time::sleep(GRACE - Duration::from_secs(1)).await;
            control.send_modify(|control| control.unwatched_since = None);
            tokio::time::sleep(GRACE * 100).await;
        };
        tokio::select! {
            stop = stop.stop() => panic!("stopped: {stop:?}"),
            () = comes_back => {}
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_job_that_continues_does_not_mind() {
        let (control, mut stop) = watch(OnDisconnect::Continue);
        let left_at = stop.clock.now();
        control.send_modify(|control| control.unwatched_since = Some(left_at));
        assert!(
            tokio::time::timeout(GRACE * 100, stop.stop())
                .await
                .is_err()
        );
    }
}
