//! Where a redirect leads, judged as if it had been found: scope, what is known, and (when its turn comes) robots and
//! address.

use shared::event::{ErrorCode, SkipReason};
use url::Url;

use super::page::failure;
use super::run::Engine;
use crate::crawl::canonical_url::{Canonical, without_fragment_and_user};
use crate::crawl::frontier::visit::{RedirectChain, Visit, Work};

/// Redirects that one visit follows.
const MAX_HOPS: usize = 10;

impl Engine<'_> {
    /// A visit that asked for `url` was sent to `target`.
    pub(super) fn follow(&mut self, mut visit: Visit, url: &Url, target: Url) {
        let target = without_fragment_and_user(target);
        let mut passed = visit
            .redirects
            .take()
            .map_or_else(Vec::new, |chain| chain.passed);
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
        let canonical = match self.intake.canonicalizer.apply(&target) {
            Canonical::Usable(canonical) => canonical.into_owned(),
            Canonical::TooLong(_) => {
                return self.ledger.skip(visit.candidate, SkipReason::TooLarge);
            }
        };
        match self.objection_to_target(&visit, &passed, &target, &canonical) {
            Some(SkipReason::Duplicate) => {
                return self.ledger.skip_duplicate(visit.candidate, canonical);
            }
            Some(reason) => return self.ledger.skip(visit.candidate, reason),
            None => {}
        }
        let back = target.clone();
        visit.redirects = Some(Box::new(RedirectChain {
            passed,
            target,
            canonical,
        }));
        self.ledger.put_back();
        self.frontier.push_first(&back, Work::Page(visit));
    }

    fn objection_to_target(
        &mut self,
        visit: &Visit,
        passed: &[Url],
        target: &Url,
        canonical: &str,
    ) -> Option<SkipReason> {
        // A start page is where the caller wants to begin, wherever it has moved to.
        let is_seed = visit.candidate.depth == 0;
        let is_ours = if is_seed {
            !self.intake.scope.excludes(target)
        } else {
            self.intake.scope.admits(target, canonical)
        };
        if !is_ours {
            return Some(SkipReason::Scope);
        }
        let hash = self.intake.seen.hash(canonical);
        let is_new = self.intake.seen.insert(hash);
        // Another spelling of where it has been is no other page, nor is a parked URL known as a page.
        let is_own = self.has_passed(visit, passed, canonical);
        if !is_new && !is_own && !self.intake.parked.holds(hash) {
            return Some(SkipReason::Duplicate);
        }
        if is_seed {
            self.intake.scope.widen(target, canonical);
            self.want_sitemaps(target);
        }
        None
    }

    fn has_passed(&self, visit: &Visit, passed: &[Url], canonical: &str) -> bool {
        let canonicalizer = &self.intake.canonicalizer;
        let is_it = |url: &Url| matches!(canonicalizer.apply(url), Canonical::Usable(text) if text == canonical);
        visit.candidate.url == canonical || passed.iter().any(is_it)
    }
}
