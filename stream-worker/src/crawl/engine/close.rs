//! The end of a crawl: every URL that is left gets its event.

use shared::event::SkipReason;

use super::Ending;
use super::run::Engine;
use crate::crawl::Candidate;
use crate::crawl::visit::Visit;

impl Engine<'_> {
    /// Refuses what is left for `reason`, and ends with `ending`; if nothing is left, the crawl is complete.
    pub(super) async fn close(
        &mut self,
        reason: SkipReason,
        ending: Ending,
    ) -> Result<Ending, Ending> {
        let rest = self.take_rest().await;
        let ending = if rest.is_empty() {
            Ending::Complete
        } else {
            ending
        };
        for candidate in rest {
            self.refuse(candidate, reason).await?;
        }
        for (candidate, reason) in self.intake.parked.clear() {
            self.refuse(candidate, reason).await?;
        }
        self.hand_over().await?;
        let flushed = self.sink.flush().await;
        flushed.map_err(|_closed| Ending::SinkClosed)?;
        Ok(ending)
    }

    /// Everything that waits or is in flight, which is aborted.
    async fn take_rest(&mut self) -> Vec<Candidate> {
        let in_flight = self.crew.recall().await;
        let mut visits: Vec<Visit> = self.frontier.clear();
        for visit in in_flight {
            self.ledger.put_back();
            visits.push(visit);
        }
        visits.sort_by_key(|visit| visit.candidate.ordinal);
        visits.into_iter().map(|visit| visit.candidate).collect()
    }

    async fn refuse(&mut self, candidate: Candidate, reason: SkipReason) -> Result<(), Ending> {
        self.ledger.skip_queued(candidate, reason);
        if self.ledger.is_full() {
            self.hand_over().await?;
        }
        Ok(())
    }
}
