//! The URL that a redirect leads to.
//!
//! It owns the questions that such a URL is asked, much as if it had been found: is it ours, is it known. It refuses to know
//! how many redirects there were, and what robots.txt says of the target: that is asked when its turn comes.

use shared::event::SkipReason;
use url::Url;

use super::intake::Intake;
use super::seen::UrlHash;
use crate::crawl::Candidate;
use crate::crawl::frontier::visit::Hop;
use crate::crawl::request_url::RequestUrl;

/// The judgement of a redirect's target.
#[derive(Debug)]
pub(crate) enum RedirectTarget {
    /// It is to be asked for; it is known under this URL.
    Admit(String),
    /// It is another page that is known under this URL.
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
        passed: &[Hop],
        target: &Url,
    ) -> RedirectTarget {
        let requested = match self.form.apply(target) {
            RequestUrl::Usable(requested) => requested.into_owned(),
            RequestUrl::TooLong(_) => return RedirectTarget::Refuse(SkipReason::TooLarge),
        };
        // A start page is where the caller wants to begin, wherever it has moved to.
        let is_seed = candidate.depth == 0;
        let is_ours = if is_seed {
            !self.scope.excludes(target, &requested)
        } else {
            self.scope.admits(target, &requested)
        };
        if !is_ours {
            return RedirectTarget::Refuse(SkipReason::Scope);
        }
        let hash = self.seen.hash(&requested);
        let is_new = self.seen.insert(hash);
        // Another spelling of where it has been is no other page, nor is a parked URL known as a page.
        let is_own = self.has_passed(candidate, passed, hash);
        if !is_new && !is_own && !self.parked.holds(hash) {
            return RedirectTarget::Duplicate(requested);
        }
        if is_seed {
            self.widen(target, &requested);
        }
        RedirectTarget::Admit(requested)
    }

    fn has_passed(&self, candidate: &Candidate, passed: &[Hop], hash: UrlHash) -> bool {
        let is_it = |hop: &Hop| matches!(self.form.apply(&hop.url), RequestUrl::Usable(text) if self.seen.hash(&text) == hash);
        self.seen.hash(&candidate.url) == hash || passed.iter().any(is_it)
    }
}
