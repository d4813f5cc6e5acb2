//! A request that failed for a reason on this machine, which is no answer of a site.

use shared::event::NoticeCode;
use tokio::time::Instant;

use super::Interrupt;
use super::outage::Outlook;
use super::run::Engine;
use crate::fetch::LocalFault;

impl Engine<'_> {
    /// Pauses the crawl because a request, which is queued again, failed for a local reason. The first failure of an outage is
    /// told by a notice; an outage that is too long interrupts the crawl.
    pub(super) async fn could_not_ask(&mut self, fault: LocalFault) -> Result<(), Interrupt> {
        match self.outage.failed(Instant::now()) {
            Outlook::Begins => {
                tracing::warn!(%fault, "requests fail for a local reason; the crawl waits");
                let text =
                    format!("the worker cannot fetch: {fault}; the crawl waits and tries again");
                self.ledger.notice(NoticeCode::WorkerFault, text);
                Ok(())
            }
            Outlook::Lasts => Ok(()),
            Outlook::TooLong => {
                self.hand_over().await?;
                Err(Interrupt::WorkerFault(fault))
            }
        }
    }
}
