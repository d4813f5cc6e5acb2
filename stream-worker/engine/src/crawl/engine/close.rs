//! The end of a crawl: every URL that is left gets its event.

use shared::event::{NoticeCode, SkipReason};

use super::run::Engine;
use super::{Ending, Interrupt};

/// URLs that are read back and refused at a time.
const BATCH: usize = 1_000;

impl Engine<'_> {
    /// Refuses every URL that is left for `reason`, makes that durable, and returns how the crawl ended. If an earlier attempt
    /// crashed while refusing the rest, its reason wins. If only parked URLs are left, which would be refused anyway, and no
    /// sitemap was cut off, the crawl is complete. Otherwise it ended with `ending`.
    pub(super) async fn close(
        &mut self,
        reason: SkipReason,
        ending: Ending,
    ) -> Result<Ending, Interrupt> {
        // A limit would have been reached with whatever they list.
        let has_sitemaps = ending == Ending::DurationReached && !self.sitemaps.is_over();
        for _visit in self.in_flight.abort_all().await {
            self.ledger.put_back();
        }
        self.frontier.clear();
        self.admission.clear_backlog();
        self.hand_over().await?;
        let nothing_left = self.admission.has_only_parked(self.ledger.counts());
        self.refuse_rest(reason).await?;
        // An attempt that was resumed has not seen what earlier ones found.
        if !self.is_resumed {
            for text in self.admission.complaints() {
                self.ledger.notice(NoticeCode::PatternUnmatched, text);
            }
            self.hand_over().await?;
        }
        self.outlet.flush().await?;
        Ok(match self.cut_for {
            Some(SkipReason::Limit) => Ending::LimitReached,
            Some(_) => Ending::DurationReached,
            None if nothing_left && !has_sitemaps => Ending::Complete,
            None => ending,
        })
    }

    /// Refuses every URL that waits in the store, in the order of discovery.
    async fn refuse_rest(&mut self, reason: SkipReason) -> Result<(), Interrupt> {
        let mut after = 0;
        while self.ledger.counts().queued > 0 {
            let batch = self.outlet.waiting(after, BATCH).await?;
            let Some(last) = batch.last() else { break };
            after = last.ordinal;
            for candidate in batch {
                let reason = self.admission.refusal_at_end(&candidate, reason);
                self.ledger.skip_queued(candidate, reason);
                if self.ledger.is_full() {
                    self.hand_over().await?;
                }
            }
        }
        self.hand_over().await
    }
}
