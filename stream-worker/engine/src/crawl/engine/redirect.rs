//! Where a redirect leads, judged as if it had been found: scope, what is known, and (when its turn comes) robots and
//! address.

use shared::event::{ErrorCode, SkipReason};
use url::Url;

use super::page::failure;
use super::run::Engine;
use crate::crawl::admission::seen::UrlHash;
use crate::crawl::frontier::visit::{Detour, Visit, Work};
use crate::crawl::request_url::{RequestUrl, without_fragment_and_user};

/// Redirects that one visit follows.
const MAX_HOPS: usize = 10;

impl Engine<'_> {
    /// A visit that asked for `url` was sent to `target`.
    pub(crate) fn follow(&mut self, mut visit: Visit, url: &Url, target: Url) {
        let target = without_fragment_and_user(target);
        let mut passed = visit
            .detour
            .take()
            .map_or_else(Vec::new, |detour| detour.passed);
        passed.push(url.clone());
        if passed.contains(&target) {
            return self.fail(
                visit,
                failure(ErrorCode::Redirects, "redirects in a circle"),
            );
        }
        if passed.len() > MAX_HOPS {
            let message = format!("more than {MAX_HOPS} redirects");
            return self.fail(visit, failure(ErrorCode::Redirects, &message));
        }
        let requested = match self.intake.form.apply(&target) {
            RequestUrl::Usable(requested) => requested.into_owned(),
            RequestUrl::TooLong(_) => {
                return self.ledger.skip(visit.candidate, SkipReason::TooLarge);
            }
        };
        match self.objection_to_target(&visit, &passed, &target, &requested) {
            Some(SkipReason::Duplicate) => {
                return self.ledger.skip_duplicate(visit.candidate, requested);
            }
            Some(reason) => return self.ledger.skip(visit.candidate, reason),
            None => {}
        }
        let back = target.clone();
        visit.detour = Some(Box::new(Detour {
            passed,
            target,
            requested,
        }));
        self.ledger.put_back();
        self.frontier.push_first(&back, Work::Page(visit));
    }

    fn objection_to_target(
        &mut self,
        visit: &Visit,
        passed: &[Url],
        target: &Url,
        requested: &str,
    ) -> Option<SkipReason> {
        // A start page is where the caller wants to begin, wherever it has moved to.
        let is_seed = visit.candidate.depth == 0;
        let is_ours = if is_seed {
            !self.intake.scope.excludes(target)
        } else {
            self.intake.scope.admits(target, requested)
        };
        if !is_ours {
            return Some(SkipReason::Scope);
        }
        let hash = self.intake.seen.hash(requested);
        let is_new = self.intake.seen.insert(hash);
        // Another spelling of where it has been is no other page, nor is one that waits to be refused known as a page.
        let is_own = self.has_passed(visit, passed, hash);
        if !is_new && !is_own && !self.intake.parked.holds(hash) {
            return Some(SkipReason::Duplicate);
        }
        if is_seed {
            self.intake.scope.widen(target, requested);
            self.want_sitemaps(target);
        }
        None
    }

    fn has_passed(&self, visit: &Visit, passed: &[Url], hash: UrlHash) -> bool {
        let seen = &self.intake.seen;
        let is_it = |url: &Url| matches!(self.intake.form.apply(url), RequestUrl::Usable(text) if seen.hash(&text) == hash);
        seen.hash(&visit.candidate.url) == hash || passed.iter().any(is_it)
    }
}
