//! The way of a URL into the frontier.
//!
//! It owns the questions that a found URL is asked and the bound of the URLs in memory, so that no URL waits for its turn
//! without having passed both. It refuses to read the store: the engine does that, and passes the URLs on.

use shared::event::SkipReason;
use shared::{Counts, CrawlRequest};
use url::Url;

use crate::crawl::Candidate;
use crate::crawl::admission::intake::{Find, Intake, Refusals};
use crate::crawl::admission::link_hasher::LinkHasher;
use crate::crawl::admission::parked::{self, Parked};
use crate::crawl::admission::redirect_target::RedirectTarget;
use crate::crawl::admission::seen::{Seen, UrlHash};
use crate::crawl::admission::trap::Traps;
use crate::crawl::frontier::Frontier;
use crate::crawl::frontier::backlog::Backlog;
use crate::crawl::frontier::visit::{Hop, Visit, Work};
use crate::crawl::ledger::Ledger;

/// Lets URLs into the frontier, or keeps them in the store until there is room.
#[derive(Debug)]
pub(super) struct Admission {
    intake: Intake,
    backlog: Backlog,
}

impl Admission {
    /// Knows the URLs that earlier attempts have seen, parked and counted. Up to `window` URLs wait in memory.
    pub(super) fn new(
        request: &CrawlRequest,
        (seen, parked, traps): (Seen, Parked, Traps),
        window: usize,
    ) -> Self {
        Self {
            intake: Intake::new(request, seen, parked, traps),
            backlog: Backlog::new(window),
        }
    }

    /// Hashes links as this crawl does.
    pub(super) fn link_hasher(&self) -> LinkHasher {
        self.intake.link_hasher()
    }

    /// True if another mention of the URL with this hash changes nothing.
    pub(super) fn is_settled(&self, hash: UrlHash) -> bool {
        self.intake.is_settled(hash)
    }

    /// Texts of notices about patterns that have matched no URL that was found.
    pub(super) fn complaints(&self) -> Vec<String> {
        self.intake.complaints().collect()
    }

    /// Widens the scope by a start page, unless the request excludes that page. Returns true if it is not excluded.
    pub(super) fn widen_to_seed(&mut self, url: &Url) -> bool {
        self.intake.widen_to_seed(url)
    }

    /// Widens the scope by the page that a start page redirected to in an earlier attempt.
    pub(super) fn widen_to_seed_target(&mut self, url: &Url) {
        self.intake.widen_to_seed_target(url);
    }

    /// Queues a URL that was found, if it is to be crawled.
    pub(super) fn take_in(
        &mut self,
        url: &Url,
        find: Find<'_>,
        refusals: &mut Refusals,
        ledger: &mut Ledger,
        frontier: &mut Frontier,
    ) {
        let taken = self.intake.offer(url, find, ledger, refusals);
        if let Some(candidate) = taken
            && !self.backlog.takes(candidate.ordinal, frontier.len())
        {
            frontier.push(url, Work::Page(Visit::new(candidate)));
        }
    }

    /// Marks a URL that an earlier attempt has queued as known.
    pub(super) fn restore(&mut self, candidate: &Candidate) {
        self.intake.restore(candidate);
    }

    /// Goes on with the URLs that an earlier attempt has queued, each of which is known by now: they are to be read back.
    pub(super) fn resume(&mut self, counts: &Counts) {
        let parked = self.intake.parked_count();
        self.backlog.resume(counts.queued.saturating_sub(parked));
    }

    /// Patterns of URLs that became more frequent since they were last asked for, and how many URLs have each.
    pub(super) fn changed_patterns(&mut self) -> Vec<(String, u32)> {
        self.intake.changed_patterns()
    }

    /// The ordinal after which to read URLs back from the store, and how many at most. `None` while memory holds enough or
    /// the store holds no more.
    pub(super) fn wants(&self, frontier: &Frontier) -> Option<(u64, usize)> {
        self.backlog.wants(frontier.len())
    }

    /// Queues URLs that were read back from the store, in the order of discovery. An empty `batch` means that the store holds
    /// no more.
    pub(super) fn read_back(
        &mut self,
        batch: Vec<Candidate>,
        ledger: &mut Ledger,
        frontier: &mut Frontier,
    ) {
        let Some(last) = batch.last() else {
            return self.backlog.clear();
        };
        self.backlog.advance(last.ordinal);
        for candidate in batch {
            if !self.intake.is_parked(&candidate) {
                self.backlog.read_back();
                enqueue(candidate, ledger, frontier);
            }
        }
    }

    /// Judges the URL to which the last of `passed` redirected.
    pub(super) fn judge_target(
        &mut self,
        candidate: &Candidate,
        passed: &[Hop],
        target: &Url,
    ) -> RedirectTarget {
        self.intake.judge_target(candidate, passed, target)
    }

    /// True if no URL waits in the store only, parked ones aside.
    pub(super) const fn is_backlog_empty(&self) -> bool {
        self.backlog.is_empty()
    }

    /// Forgets that URLs wait in the store only: the engine refuses them all, since the crawl ends.
    pub(super) const fn clear_backlog(&mut self) {
        self.backlog.clear();
    }

    /// True if every URL that is queued is parked.
    pub(super) fn has_only_parked(&self, counts: &Counts) -> bool {
        counts.queued <= self.intake.parked_count()
    }

    /// The reason why a URL that is left at the end is refused: `reason`, unless it is parked for one of its own.
    pub(super) const fn refusal_at_end(
        &self,
        candidate: &Candidate,
        reason: SkipReason,
    ) -> SkipReason {
        if self.intake.is_parked(candidate) {
            parked::reason(candidate.depth)
        } else {
            reason
        }
    }
}

fn enqueue(candidate: Candidate, ledger: &mut Ledger, frontier: &mut Frontier) {
    match Url::parse(&candidate.url) {
        Ok(url) => frontier.push(&url, Work::Page(Visit::new(candidate))),
        // What a journal of this service holds is a URL; a damaged one still gets its event.
        Err(_) => ledger.skip_queued(candidate, SkipReason::Scope),
    }
}
