//! Waits out a journal whose store fails.
//!
//! It owns the pauses between tries and what the log says of them. It refuses to know what is tried: the loop is the
//! caller's, so that each call is borrowed only while it runs.

use std::time::Duration;

use prometheus_client::metrics::gauge::Gauge;
use store::journal::JournalError;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::metrics::JobMetrics;

/// Pause before a store that failed is asked again: a job goes on a second after there is room.
const RETRY: Duration = Duration::from_secs(1);

/// The longest silence of the log while an outage lasts. The first failure is logged at once, then the silence doubles, so
/// that a thousand jobs on a full disk do not fill another one with lines.
const LONGEST_SILENCE: Duration = Duration::from_secs(300);

/// One operation's tries. A failure of the store is waited out until the worker drains; nothing is retried past that.
pub(super) struct Patience<'a> {
    /// The operation, for the log.
    waits_for: &'static str,
    drain: &'a CancellationToken,
    /// Counts the operations that wait.
    waiting: Gauge,
    outage: Option<Outage>,
}

/// A store that has failed at least once.
struct Outage {
    began: Instant,
    silence: Duration,
    /// Earliest time of the next log line about it.
    next_line: Instant,
}

impl<'a> Patience<'a> {
    pub(super) fn new(
        waits_for: &'static str,
        metrics: &JobMetrics,
        drain: &'a CancellationToken,
    ) -> Self {
        Self {
            waits_for,
            drain,
            waiting: metrics.waiting.clone(),
            outage: None,
        }
    }

    /// Waits until the operation may be tried again.
    ///
    /// # Errors
    /// The failure itself, once the worker drains.
    pub(super) async fn pause(&mut self, reason: String) -> Result<(), JournalError> {
        if self.drain.is_cancelled() {
            return Err(JournalError::Store(reason));
        }
        self.tell(&reason);
        match self.drain.run_until_cancelled(sleep(RETRY)).await {
            Some(()) => Ok(()),
            None => Err(JournalError::Store(reason)),
        }
    }

    fn tell(&mut self, reason: &str) {
        let now = Instant::now();
        let outage = self.outage.get_or_insert_with(|| {
            self.waiting.inc();
            Outage {
                began: now,
                silence: RETRY,
                next_line: now,
            }
        });
        if now < outage.next_line {
            return;
        }
        tracing::error!(
            reason,
            waits_for = self.waits_for,
            elapsed_ms = outage.began.elapsed().as_millis(),
            "the journal's store failed; the job waits"
        );
        outage.next_line = now + outage.silence;
        outage.silence = (outage.silence * 2).min(LONGEST_SILENCE);
    }
}

impl Drop for Patience<'_> {
    fn drop(&mut self) {
        if let Some(outage) = &self.outage {
            self.waiting.dec();
            tracing::info!(
                waits_for = self.waits_for,
                elapsed_ms = outage.began.elapsed().as_millis(),
                "the job waits no longer for the journal's store"
            );
        }
    }
}
