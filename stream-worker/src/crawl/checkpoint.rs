//! Where an attempt at a crawl begins.
//!
//! It owns what must survive from one attempt to the next, which is little: the URLs that wait and the set of those that
//! are known. It refuses to know where they were kept. All else (robots, sitemaps, politeness) is found out again.

use shared::event::PageResult;
use shared::{Counts, Event};

use super::Candidate;
use super::seen::Seen;

/// Where an attempt begins.
#[derive(Debug)]
pub struct Checkpoint {
    pub(super) counts: Counts,
    pub(super) seen: Seen,
    pub(super) pending: Vec<Candidate>,
    /// Where start pages that were fetched earlier redirected to: the scope is widened by them again.
    pub(super) seed_targets: Vec<String>,
}

impl Checkpoint {
    /// The beginning of a crawl. `seed` seeds the hash of the known URLs; every attempt at a job gives the same.
    #[must_use]
    pub fn fresh(seed: u64) -> Self {
        Self::resume(seed, Counts::default())
    }

    /// The state after the last durable step, to be completed with every known and every pending URL.
    #[must_use]
    pub fn resume(seed: u64, counts: Counts) -> Self {
        Self {
            counts: counts.at_rest(),
            seen: Seen::new(seed),
            pending: Vec::new(),
            seed_targets: Vec::new(),
        }
    }

    /// A URL that the crawl knows, in canonical form: it had its event, or waits.
    pub fn mark_seen(&mut self, url: &str) {
        self.seen.insert(self.seen.hash(url));
    }

    /// Where a page at `depth` was found after redirects: it is known too, and where a start page went widens the scope.
    pub fn mark_redirected(&mut self, target: &str, depth: u32) {
        self.mark_seen(target);
        if depth == 0 {
            self.seed_targets.push(target.to_owned());
        }
    }

    /// A URL that waits; it is known with that. Give them in the order of their ordinals.
    pub fn mark_pending(&mut self, candidate: Candidate) {
        self.mark_seen(&candidate.url);
        self.pending.push(candidate);
    }

    /// Takes in a logged event of an earlier attempt: marks what it says to be known. It does all that
    /// [`mark_seen`](Self::mark_seen) does and also remembers where redirects led.
    pub fn replay(&mut self, event: &Event) {
        match event {
            Event::Progress(progress) => {
                self.mark_seen(&progress.url);
                if let PageResult::Fetched(fetched) = &progress.result
                    && let Some(target) = &fetched.redirected_to
                {
                    self.mark_redirected(target, progress.depth);
                }
            }
            Event::Skipped(skipped) => self.mark_seen(&skipped.url),
            Event::Started(_)
            | Event::Notice(_)
            | Event::Resumed(_)
            | Event::Done(_)
            | Event::Cancelled(_)
            | Event::Failed(_) => {}
        }
    }

    /// The ordinal to go on after: above that of every URL that waits. Twice the known URLs, since one that was parked first
    /// and is crawled after all has had two. After many attempts an ordinal may come again that has long been completed.
    pub(super) fn last_ordinal(&self) -> u64 {
        let greatest = self.pending.iter().map(|candidate| candidate.ordinal).max();
        greatest.unwrap_or(0).max(self.counts.discovered * 2)
    }
}
