//! The end of the process: who asks for it, and what has to be over by when.

use std::io;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, timeout_at};
use tokio_util::task::TaskTracker;

/// SIGINT and SIGTERM.
pub(crate) struct StopSignals {
    interrupt: Signal,
    terminate: Signal,
}

impl StopSignals {
    /// Takes the signals over from the system, which would end the process at once.
    ///
    /// # Errors
    /// The system's.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Waits for the next one and names it.
    ///
    /// # Cancel safety
    /// Cancel-safe: a signal stays until it is received.
    pub(crate) async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
        }
    }
}

/// What is left of the time that a stop may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline(Instant);

impl Deadline {
    /// A deadline `after` from now.
    #[must_use]
    pub(crate) fn after(after: Duration) -> Self {
        Self(Instant::now() + after)
    }

    /// Waits until every task of a stage has ended, or the time is over; says whether all have.
    pub(crate) async fn phase(self, name: &'static str, tasks: &TaskTracker) -> bool {
        tasks.close();
        let ended = timeout_at(self.0, tasks.wait()).await.is_ok();
        if ended {
            tracing::debug!(phase = name, "a phase of the stop is over");
        } else {
            tracing::warn!(
                phase = name,
                tasks = tasks.len(),
                "the stop is cut short; nothing durable is lost"
            );
        }
        ended
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn all_phases_share_one_deadline() {
        let deadline = Deadline::after(Duration::from_secs(25));
        let (stuck, idle) = (TaskTracker::new(), TaskTracker::new());
        stuck.spawn(std::future::pending::<()>());
        let began = Instant::now();
        assert!(!deadline.phase("stuck", &stuck).await);
        assert!(deadline.phase("idle", &idle).await);
        assert!(!deadline.phase("stuck", &stuck).await);
        assert_eq!(began.elapsed(), Duration::from_secs(25));
    }
}
