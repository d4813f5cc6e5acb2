//! Keeps a job's two leases: on the delivery, and on the journal's record.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use store::journal::{JobLeases, JournalError, Lease};
use store::queue::{JobQueue, QueueError, Receipt};

/// Renews both leases of one attempt.
pub(super) struct Renewal {
    pub(super) queue: Arc<dyn JobQueue>,
    pub(super) leases: Arc<dyn JobLeases>,
    pub(super) receipt: Receipt,
    pub(super) lease: Lease,
    pub(super) visibility: Duration,
}

/// Result of a renewal.
enum Renewed {
    Confirmed,
    /// The lease is somebody else's.
    Refused,
    /// No answer, or an error that may pass.
    Unconfirmed,
}

impl Renewal {
    /// Renews until a renewal is refused, or not confirmed before the leases may have lapsed: from then on another attempt
    /// may have the job, and this one must not write.
    pub(super) async fn run(self) {
        // Counted from the start of a call: when the answer comes, the lease has lasted that long already.
        let mut confirmed = Instant::now();
        loop {
            let half = self.visibility / 2;
            sleep(
                half.mul_f64(0.8 + 0.2 * fastrand::f64())
                    .saturating_sub(confirmed.elapsed()),
            )
            .await;
            let asked = Instant::now();
            match self.renew().await {
                Renewed::Confirmed => confirmed = asked,
                Renewed::Refused => break,
                Renewed::Unconfirmed if confirmed.elapsed() >= self.visibility * 3 / 4 => break,
                Renewed::Unconfirmed => sleep(self.visibility / 20).await,
            }
        }
        tracing::warn!(channel = %self.lease.channel, attempt = %self.lease.attempt, "the lease was not renewed in time");
    }

    async fn renew(&self) -> Renewed {
        let call = async {
            let delivery = self.queue.extend(&self.receipt, self.visibility).await;
            let record = self.leases.renew(&self.lease, self.visibility).await;
            (delivery, record)
        };
        match timeout(self.visibility / 6, call).await {
            Ok((Ok(()), Ok(()))) => Renewed::Confirmed,
            Ok((Err(QueueError::StaleReceipt), _) | (_, Err(JournalError::LeaseLost))) => {
                Renewed::Refused
            }
            Ok((delivery, record)) => {
                let error = delivery
                    .err()
                    .map(|e| e.to_string())
                    .or(record.err().map(|e| e.to_string()));
                tracing::warn!(channel = %self.lease.channel, error, "could not renew a lease; trying again");
                Renewed::Unconfirmed
            }
            Err(_elapsed) => Renewed::Unconfirmed,
        }
    }
}
