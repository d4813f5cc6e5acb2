//! A redirect: the visit goes on at the target, at once if robots.txt and the host's pace allow it.

use shared::event::ErrorCode;
use url::Url;

use super::page::failure;
use super::run::Engine;
use crate::crawl::admission::redirect_target::RedirectTarget;
use crate::crawl::canonical_url::without_fragment_and_user;
use crate::crawl::frontier::visit::{RedirectChain, Visit, Work};

/// Redirects that one visit follows at most.
const MAX_HOPS: usize = 10;

impl Engine<'_> {
    /// Sends a visit that asked for `url` on to `target`, or ends it if that is in a circle, too far or not to be crawled.
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
        let judged = self
            .admission
            .judge_target(&visit.candidate, &passed, &target);
        let canonical = match judged {
            RedirectTarget::Admit(canonical) => canonical,
            RedirectTarget::Duplicate(known) => {
                return self.ledger.skip_duplicate(visit.candidate, known);
            }
            RedirectTarget::Refuse(reason) => return self.ledger.skip(visit.candidate, reason),
        };
        if visit.candidate.depth == 0 {
            self.sitemaps.search(&target, &mut self.frontier);
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
}
