//! A redirect: the visit goes on at the target, at once if robots.txt and the host's pace allow it.

use http::HeaderMap;
use shared::event::ErrorCode;
use url::Url;

use super::page::failure;
use super::run::Engine;
use crate::crawl::admission::redirect_target::RedirectTarget;
use crate::crawl::frontier::visit::{Hop, RedirectChain, Visit, Work};
use crate::crawl::request_url::without_fragment_and_user;
use crate::fetch::ChainCookies;

/// Redirects that one visit follows at most.
const MAX_HOPS: usize = 10;

impl Engine<'_> {
    /// Sends a visit that asked for `url` on to `target`, or ends it if that is in a circle, too far or not to be crawled.
    pub(super) fn follow(&mut self, mut visit: Visit, url: &Url, target: Url, headers: &HeaderMap) {
        let target = without_fragment_and_user(target);
        let (mut passed, mut cookies) = match visit.redirects.take() {
            Some(chain) => (chain.passed, chain.cookies),
            None => (Vec::new(), ChainCookies::default()),
        };
        let sent = cookies.header(url);
        passed.push(Hop {
            url: url.clone(),
            cookies: sent,
        });
        cookies.take(headers, url);
        let next = Hop {
            url: target.clone(),
            cookies: cookies.header(&target),
        };
        if passed.contains(&next) {
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
        let requested = match judged {
            RedirectTarget::Admit(requested) => requested,
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
            cookies,
            target,
            requested,
        }));
        self.ledger.put_back();
        self.frontier.push_first(&back, Work::Page(visit));
    }
}
