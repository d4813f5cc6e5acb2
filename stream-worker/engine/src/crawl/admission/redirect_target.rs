//! The URL that a redirect leads to.
//!
//! It owns the questions that such a URL is asked, much as if it had been found: is it ours, is it known. It refuses to know
//! how many redirects there were, and what robots.txt says of the target: that is asked when its turn comes.

use shared::event::SkipReason;
use url::Url;

use super::intake::Intake;
use crate::crawl::Candidate;
use crate::crawl::canonical_url::Canonical;

/// The judgement of a redirect's target.
#[derive(Debug)]
pub(crate) enum RedirectTarget {
    /// It is to be asked for; this is its canonical form.
    Admit(String),
    /// It is another page that is known under this canonical URL.
    Duplicate(String),
    /// It is not to be asked for.
    Refuse(SkipReason),
}

impl Intake {
    /// Judges the URL to which the last of `passed` redirected, on a visit of `candidate`. A start page's target widens the
    /// scope.
    pub(crate) fn judge_target(
        &mut self,
        candidate: &Candidate,
        passed: &[Url],
        target: &Url,
    ) -> RedirectTarget {
        let canonical = match self.canonicalizer.apply(target) {
            Canonical::Usable(canonical) => canonical.into_owned(),
            Canonical::TooLong(_) => return RedirectTarget::Refuse(SkipReason::TooLarge),
        };
        // A start page is where the caller wants to begin, wherever it has moved to.
        let is_seed = candidate.depth == 0;
        let is_ours = if is_seed {
            !self.scope.excludes(target)
        } else {
            self.scope.admits(target, &canonical)
        };
        if !is_ours {
            return RedirectTarget::Refuse(SkipReason::Scope);
        }
        let hash = self.seen.hash(&canonical);
        let is_new = self.seen.insert(hash);
        // Another spelling of where it has been is no other page, nor is a parked URL known as a page.
        let is_own = self.has_passed(candidate, passed, &canonical);
        if !is_new && !is_own && !self.parked.holds(hash) {
            return RedirectTarget::Duplicate(canonical);
        }
        if is_seed {
            self.scope.widen(target, &canonical);
        }
        RedirectTarget::Admit(canonical)
    }

    fn has_passed(&self, candidate: &Candidate, passed: &[Url], canonical: &str) -> bool {
        let is_it = |url: &Url| matches!(self.canonicalizer.apply(url), Canonical::Usable(text) if text == canonical);
        candidate.url == canonical || passed.iter().any(is_it)
    }
}
