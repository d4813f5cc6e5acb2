//! A redirect: the visit goes on at the target, at once if robots.txt and the host's pace allow it.

use http::HeaderMap;
use http::header::{HeaderValue, SET_COOKIE};
use shared::event::{ErrorCode, NoticeCode};
use url::Url;

use super::in_flight::Asked;
use super::page::failure;
use super::run::Engine;
use crate::crawl::admission::redirect_target::RedirectTarget;
use crate::crawl::frontier::visit::{Hop, RedirectChain, Visit, Work};
use crate::crawl::request_url::without_fragment_and_user;
use crate::crawl::session::ChainCookies;

/// Redirects that one visit follows at most.
const MAX_HOPS: usize = 10;

/// Origins that are told of at most.
const MAX_TOLD: usize = 10;

impl Engine<'_> {
    /// The `Cookie` header of the next request of a visit, which is for `url`.
    pub(super) fn cookies(&self, visit: &Visit, url: &Url) -> Option<HeaderValue> {
        match &self.jar {
            Some(jar) => jar.header(url),
            None => visit.redirects.as_ref()?.cookies.header(url),
        }
    }

    /// Sends a visit on to `target`, or ends it if that is in a circle, too far or not to be crawled.
    pub(super) fn follow(
        &mut self,
        mut visit: Visit,
        asked: &Asked,
        target: Url,
        headers: &HeaderMap,
    ) {
        let target = without_fragment_and_user(target);
        let (mut passed, mut cookies) = match visit.redirects.take() {
            Some(chain) => (chain.passed, chain.cookies),
            None => (Vec::new(), ChainCookies::default()),
        };
        passed.push(Hop {
            url: asked.url.clone(),
            // As it was sent: the jar may have changed since.
            cookies: asked.cookies.clone(),
        });
        let next = match &self.jar {
            Some(jar) => jar.header(&target),
            None => {
                cookies.take(headers.get_all(SET_COOKIE).iter(), &asked.url);
                cookies.header(&target)
            }
        };
        let next = Hop {
            url: target.clone(),
            cookies: next,
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
            self.tell_of_withheld(&asked.url, &target);
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

    /// Tells that a start page leads where the caller's headers do not go: often they meant the other origin.
    fn tell_of_withheld(&mut self, url: &Url, target: &Url) {
        let credentials = self.credentials.as_deref();
        let Some(origin) = credentials.and_then(|given| given.lost_at(url, target)) else {
            return;
        };
        if self.withheld.len() < MAX_TOLD && !self.withheld.contains(&origin) {
            let text = format!(
                "a start page redirects to {origin}, which gets none of the headers and cookies: name it in headersFor if it should"
            );
            self.ledger.notice(NoticeCode::HeadersWithheld, text);
            self.withheld.push(origin);
        }
    }
}
