//! The counters of a crawl.

use serde::{Deserialize, Serialize};

/// Numbers of URLs that a crawl knows, by their state.
///
/// `discovered = fetched + failed + skipped + queued + inFlight` holds in every value that anyone is shown. To keep it so,
/// counters are changed only through the methods here, each of which moves one URL from one state to another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Counts {
    /// Different in-scope URLs that were seen.
    pub discovered: u64,
    /// Pages fetched.
    pub fetched: u64,
    /// URLs that could not be fetched.
    pub failed: u64,
    /// URLs that were refused, each with a reason.
    pub skipped: u64,
    /// URLs that wait.
    pub queued: u64,
    /// URLs being fetched, or fetched and not yet in the journal.
    pub in_flight: u64,
}

impl Counts {
    /// Counts a new URL as queued.
    pub fn queue(&mut self) {
        self.discovered += 1;
        self.queued += 1;
    }

    /// Counts a new URL as skipped.
    pub fn refuse(&mut self) {
        self.discovered += 1;
        self.skipped += 1;
    }

    /// Counts a queued URL as in flight.
    pub fn take(&mut self) {
        self.queued -= 1;
        self.in_flight += 1;
    }

    /// Counts a URL in flight as queued again.
    pub fn put_back(&mut self) {
        self.in_flight -= 1;
        self.queued += 1;
    }

    /// Counts a URL in flight as fetched.
    pub fn fetch(&mut self) {
        self.in_flight -= 1;
        self.fetched += 1;
    }

    /// Counts a URL in flight as failed.
    pub fn fail(&mut self) {
        self.in_flight -= 1;
        self.failed += 1;
    }

    /// Counts a URL in flight as skipped.
    pub fn skip(&mut self) {
        self.in_flight -= 1;
        self.skipped += 1;
    }

    /// Counts a queued URL as skipped.
    pub fn skip_queued(&mut self) {
        self.queued -= 1;
        self.skipped += 1;
    }

    /// These counts with nothing in flight: what an attempt that ended there leaves to the next.
    #[must_use]
    pub fn at_rest(mut self) -> Self {
        self.queued += self.in_flight;
        self.in_flight = 0;
        self
    }

    /// URLs in a final state: fetched, failed or skipped.
    #[must_use]
    pub const fn finished(&self) -> u64 {
        self.fetched + self.failed + self.skipped
    }

    /// True if `discovered` is the sum of all other counters.
    #[must_use]
    pub const fn add_up(&self) -> bool {
        self.discovered == self.finished() + self.queued + self.in_flight
    }

    /// Finished URLs in per cent of those known so far, rounded down. It may fall when a page reveals many new ones.
    #[must_use]
    pub fn percent(&self) -> u8 {
        let share = self
            .finished()
            .saturating_mul(100)
            .checked_div(self.discovered)
            .unwrap_or(0);
        u8::try_from(share).unwrap_or(100)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn counts_add_up_after_any_moves(moves in prop::collection::vec(0_u8..8, 0..200)) {
            let mut counts = Counts::default();
            for step in moves {
                match step {
                    0 | 1 => counts.queue(),
                    2 => counts.refuse(),
                    3 if counts.queued > 0 => counts.take(),
                    4 if counts.in_flight > 0 => counts.put_back(),
                    5 if counts.in_flight > 0 => counts.fetch(),
                    6 if counts.in_flight > 0 => counts.fail(),
                    7 if counts.queued > 0 => counts.skip_queued(),
                    _ => {}
                }
                prop_assert!(counts.add_up());
                prop_assert!(counts.at_rest().add_up());
                prop_assert!(counts.percent() <= 100);
            }
        }
    }
}
