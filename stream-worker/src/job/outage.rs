//! A flag that keeps a worker from receiving jobs while the journal's store fails.
//!
//! Each receive of a message counts against it. A worker that can write no record leaves messages in the queue, for workers that
//! can, or for later.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use shared::back_off::Doubling;
use store::journal::Upkeep;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// Pauses between probes of a store that fails.
const PROBES: Doubling = Doubling {
    first: Duration::from_secs(1),
    longest: Duration::from_secs(10),
};

/// Set by an attempt that could not write, cleared by a probe that could.
#[derive(Debug, Default)]
pub(crate) struct Outage(AtomicBool);

impl Outage {
    /// Takes note that the store did not take, or did not give, what an attempt needed.
    pub(super) fn begins(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Waits until the store takes writes, or until `stop`. Returns at once unless it is known to fail.
    ///
    /// # Cancel safety
    /// Cancel-safe: the outage stays noted until a probe has succeeded.
    pub(super) async fn is_over(&self, store: &dyn Upkeep, stop: &CancellationToken) {
        let probed = async {
            let mut failures = 0;
            while self.0.load(Ordering::Relaxed) {
                match store.probe().await {
                    Ok(()) => self.0.store(false, Ordering::Relaxed),
                    Err(error) => {
                        failures += 1;
                        tracing::debug!(%error, failures, "no job is taken while the journal's store fails");
                        sleep(PROBES.jittered(failures, fastrand::f64())).await;
                    }
                }
            }
        };
        stop.run_until_cancelled(probed).await;
    }
}
