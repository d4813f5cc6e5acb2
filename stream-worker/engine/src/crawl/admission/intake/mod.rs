//! The judgement of a URL that was found.
//!
//! It owns the questions that every found URL is asked, in the order of their cost: is it known, is it ours, is it sane, may
//! it be followed, is it near enough. It records the answer in the ledger; putting what waits into the frontier is the
//! engine's. What is known is bounded: later URLs are not taken in, and a notice says so.

use std::sync::Arc;

use shared::CrawlRequest;
use shared::event::{NoticeCode, SkipReason};
use url::{Position, Url};

use super::link_hasher::LinkHasher;
use super::parked::{META_ROBOTS_DEPTH, NOFOLLOW_DEPTH, Parked};
use super::scope::Scope;
use super::seen::{Seen, UrlHash};
use super::strangers::Strangers;
use super::trap::{TrapVerdict, Traps};
use crate::crawl::Candidate;
use crate::crawl::ledger::Ledger;
use crate::crawl::request_url::{RequestForm, RequestUrl};

/// Judges found URLs, and remembers which ones are known.
#[derive(Debug)]
pub(crate) struct Intake {
    pub(super) form: Arc<RequestForm>,
    pub(super) scope: Scope,
    pub(super) seen: Seen,
    pub(super) parked: Parked,
    strangers: Strangers,
    traps: Traps,
    max_depth: u32,
    told_full: bool,
}

/// The place at which a URL was found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Find<'a> {
    /// Link hops from a start page.
    pub(crate) depth: u32,
    /// Its canonical URL. `None` for start pages and pages of an earlier crawl.
    pub(crate) referrer: Option<&'a str>,
    pub(crate) mention: Mention,
}

/// The kind of mention that led to a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mention {
    /// A start page.
    Seed,
    /// A link that may be followed.
    Link,
    /// An entry of a sitemap, or a page of an earlier crawl.
    Sitemap,
    /// A link marked `rel=nofollow`.
    Nofollow,
    /// A link on a page whose meta robots forbid to follow any.
    MetaRobots,
}

/// URLs that were refused at once. They are recorded after the event of the page on which they were found.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    skips: Vec<(String, SkipReason)>,
    notices: Vec<String>,
}

/// The outcome for a URL that is not known yet.
enum Judgement {
    /// It is neither recorded nor remembered: it is another site's, or too many are known.
    Ignore,
    /// It gets its event at once.
    Refuse(SkipReason),
    /// It waits for its turn.
    Admit,
}

impl Intake {
    /// An intake that knows the URLs in `seen`, which `traps` has counted, and of which some are `parked`.
    pub(crate) fn new(request: &CrawlRequest, seen: Seen, parked: Parked, traps: Traps) -> Self {
        Self {
            form: Arc::new(RequestForm::new(request)),
            scope: Scope::new(request),
            seen,
            parked,
            strangers: Strangers::default(),
            traps: traps.except(&request.trap_exemptions),
            max_depth: request.max_discovery_depth,
            told_full: false,
        }
    }

    /// Hashes links as this crawl does.
    pub(crate) fn link_hasher(&self) -> LinkHasher {
        LinkHasher::new(Arc::clone(&self.form), self.seen.seed())
    }

    /// True if another mention of the URL with this hash changes nothing.
    pub(crate) fn is_settled(&self, hash: UrlHash) -> bool {
        if self.seen.contains(hash) {
            return !self.parked.holds(hash);
        }
        self.strangers.hold(hash)
    }

    /// Texts of notices about patterns that have matched no URL that was found.
    pub(crate) fn complaints(&self) -> impl Iterator<Item = String> {
        self.scope.complaints().chain(self.traps.complaint())
    }

    /// Widens the scope by a start page, unless the request excludes that page. Returns true if it is not excluded.
    pub(crate) fn widen_to_seed(&mut self, url: &Url) -> bool {
        match self.form.apply(url) {
            RequestUrl::Usable(requested) => {
                if self.scope.excludes(url, &requested) {
                    return false;
                }
                self.widen(url, &requested);
                true
            }
            RequestUrl::TooLong(beginning) => !self.scope.excludes(url, &beginning),
        }
    }

    /// Widens the scope by the page that a start page redirected to in an earlier attempt.
    pub(crate) fn widen_to_seed_target(&mut self, url: &Url) {
        self.widen(url, url.as_str());
    }

    /// Widens the scope: a URL that was ignored so far may be within it.
    pub(super) fn widen(&mut self, url: &Url, requested: &str) {
        self.scope.widen(url, requested);
        self.strangers.clear();
    }

    /// Judges a URL that was found, and records the outcome. Returns the candidate if it is to wait for its turn.
    pub(crate) fn offer(
        &mut self,
        url: &Url,
        find: Find<'_>,
        ledger: &mut Ledger,
        refusals: &mut Refusals,
    ) -> Option<Candidate> {
        let requested = match self.form.apply(url) {
            RequestUrl::Usable(requested) => requested,
            RequestUrl::TooLong(beginning) => {
                self.refuse_too_long(url, beginning, find, refusals);
                return None;
            }
        };
        let hash = self.seen.hash(&requested);
        if self.seen.contains(hash) {
            return self.reconsider(&requested, hash, find, ledger);
        }
        match self.judge(url, &requested, find, refusals) {
            Judgement::Ignore => {
                self.strangers.add(hash);
                return None;
            }
            Judgement::Refuse(reason) => {
                self.seen.insert(hash);
                refusals.skips.push((requested.into_owned(), reason));
                return None;
            }
            Judgement::Admit => {}
        }
        self.seen.insert(hash);
        let depth = self.depth_of(find);
        let candidate = ledger.queue(requested.into_owned(), depth, find.referrer);
        if depth > self.max_depth {
            self.parked.park(hash, candidate.ordinal);
            return None;
        }
        Some(candidate)
    }

    /// Gets to know a URL that waits from an earlier attempt.
    pub(crate) fn restore(&mut self, candidate: &Candidate) {
        let hash = self.seen.hash(&candidate.url);
        let is_new = self.seen.insert(hash);
        let mut referrer = candidate.referrer.iter();
        if is_new
            && referrer.any(|page| self.seen.contains(self.seen.hash(page)))
            && let Ok(url) = Url::parse(&candidate.url)
        {
            self.traps.recall(&url);
        }
        if self.is_parked(candidate) {
            self.parked.park(hash, candidate.ordinal);
        } else {
            self.parked.release(hash);
        }
    }

    /// Patterns of URLs whose counts have changed since they were last asked for, and their counts.
    pub(crate) fn changed_patterns(&mut self) -> Vec<(String, u32)> {
        self.traps.changed()
    }

    /// Every URL that is known.
    #[cfg(test)]
    pub(crate) fn known(&self) -> std::collections::BTreeSet<[u8; 16]> {
        self.seen.hashes()
    }

    /// Every URL that is parked, with its ordinal.
    #[cfg(test)]
    pub(crate) fn parked_urls(&self) -> std::collections::BTreeMap<[u8; 16], u64> {
        self.parked.urls()
    }

    /// True if a queued URL is parked.
    pub(crate) const fn is_parked(&self, candidate: &Candidate) -> bool {
        candidate.depth > self.max_depth
    }

    /// The number of parked URLs.
    pub(crate) fn parked_count(&self) -> u64 {
        self.parked.len()
    }

    /// A known URL is taken in again only if it was parked and this mention is a better one.
    fn reconsider(
        &mut self,
        requested: &str,
        hash: UrlHash,
        find: Find<'_>,
        ledger: &mut Ledger,
    ) -> Option<Candidate> {
        let depth = self.depth_of(find);
        if depth > self.max_depth {
            return None;
        }
        let parked = self.parked.release(hash)?;
        Some(ledger.queue_after_all(parked, requested, depth, find.referrer))
    }

    /// Judges a URL that is not known yet.
    fn judge(
        &mut self,
        url: &Url,
        requested: &str,
        find: Find<'_>,
        refusals: &mut Refusals,
    ) -> Judgement {
        let is_seed = find.mention == Mention::Seed;
        if is_seed && self.scope.excludes(url, requested) {
            return Judgement::Refuse(SkipReason::Scope);
        }
        if !is_seed && !self.scope.admits(url, requested) {
            return Judgement::Ignore;
        }
        if self.is_full(refusals) {
            return Judgement::Ignore;
        }
        let is_listed = is_seed || find.mention == Mention::Sitemap;
        if !is_listed && let TrapVerdict::Trap { notice } = self.judge_shape(url, requested) {
            refusals.notices.extend(notice);
            return Judgement::Refuse(SkipReason::Trap);
        }
        Judgement::Admit
    }

    /// Judges the shape of the URL that is asked for, which may be shorter than the one that was linked.
    fn judge_shape(&mut self, url: &Url, requested: &str) -> TrapVerdict {
        if requested.len() == url[..Position::AfterQuery].len() {
            return self.traps.judge(url);
        }
        match Url::parse(requested) {
            Ok(shorter) => self.traps.judge(&shorter),
            Err(_) => self.traps.judge(url),
        }
    }

    fn refuse_too_long(
        &mut self,
        url: &Url,
        beginning: String,
        find: Find<'_>,
        refusals: &mut Refusals,
    ) {
        let is_ours = find.mention == Mention::Seed || self.scope.admits(url, &beginning);
        let hash = self.seen.hash(&beginning);
        if is_ours && !self.is_full(refusals) && self.seen.insert(hash) {
            refusals.skips.push((beginning, SkipReason::TooLarge));
        }
    }

    fn is_full(&mut self, refusals: &mut Refusals) -> bool {
        let is_full = self.seen.is_full();
        if is_full && !self.told_full {
            self.told_full = true;
            let notice = format!(
                "{} URLs are known; further ones are not taken in",
                self.seen.most
            );
            refusals.notices.push(notice);
        }
        is_full
    }

    const fn depth_of(&self, find: Find<'_>) -> u32 {
        match find.mention {
            Mention::Seed | Mention::Link | Mention::Sitemap => find.depth,
            Mention::Nofollow => NOFOLLOW_DEPTH,
            Mention::MetaRobots => META_ROBOTS_DEPTH,
        }
    }
}

impl Refusals {
    /// Records every refusal and notice in the ledger.
    pub(crate) fn record(self, ledger: &mut Ledger) {
        for (url, reason) in self.skips {
            ledger.refuse(url, reason);
        }
        for notice in self.notices {
            ledger.notice(NoticeCode::TrapSuspected, notice);
        }
    }
}

#[cfg(test)]
mod tests;
