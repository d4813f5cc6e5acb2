//! A page: asking for it, and what its answer means for the page, its host and its retries.

use std::time::Duration;

use http::HeaderMap;
use shared::event::{ErrorCode, FetchFailure, NoticeCode, PageResult, SkipReason};
use tokio::time::Instant;
use url::Url;

use super::Interrupt;
use super::in_flight::{Asked, Report, RequestKind};
use super::run::Engine;
use crate::crawl::frontier::visit::{Visit, Work};
use crate::crawl::host_name::HostName;
use crate::crawl::page::reader::PageAnswer;
use crate::crawl::page::set_cookies;
use crate::crawl::politeness::retry_pause;
use crate::crawl::robots::RobotsVerdict;
use crate::fetch::{FetchError, retry_after};

impl Engine<'_> {
    /// Asks for a page whose turn has come, unless its host's robots.txt objects.
    pub(super) fn start_page(&mut self, host: HostName, visit: Visit, rules: &RobotsVerdict) {
        let Some(url) = visit.url() else {
            self.ledger.skip_queued(visit.candidate, SkipReason::Scope);
            return self.frontier.passed_over(&host);
        };
        if let Some(reason) = rules.objection(&url) {
            self.ledger.skip_queued(visit.candidate, reason);
            return self.frontier.passed_over(&host);
        }
        self.ledger.take();
        self.frontier.started(&host, Instant::now());
        let unless = self
            .earlier
            .as_ref()
            .and_then(|earlier| earlier.validators(visit.asked()));
        let cookies = self.cookies(&visit, &url);
        let reading = self
            .pages
            .clone()
            .read(url.clone(), unless, cookies.clone());
        let request = async move { Report::Page(reading.await) };
        let asked = Asked { url, cookies };
        self.in_flight
            .start(host, RequestKind::Page(visit, asked), request);
    }

    /// Judges the result of a request for a page.
    pub(super) async fn settle_page(
        &mut self,
        host: &HostName,
        visit: Visit,
        asked: &Asked,
        answer: PageAnswer,
    ) -> Result<(), Interrupt> {
        let url = &asked.url;
        if !matches!(answer, PageAnswer::Lost(_)) {
            self.outage.answered();
        }
        if let Some(jar) = &mut self.jar {
            jar.take(set_cookies(&answer), url);
        }
        match answer {
            PageAnswer::Lost(FetchError::Local(fault)) => {
                self.ledger.put_back();
                self.frontier.push_first(url, Work::Page(visit));
                return self.could_not_ask(fault).await;
            }
            PageAnswer::Page(page) => {
                self.answered(host, page.waited);
                self.complete(visit, *page);
            }
            PageAnswer::NotModified(unmodified) => {
                self.answered(host, unmodified.waited);
                self.complete_unmodified(visit, *unmodified);
            }
            PageAnswer::Redirect(redirect) => {
                self.answered(host, redirect.waited);
                match redirect.target {
                    Some(target) => self.follow(visit, asked, target, &redirect.headers),
                    None => self.fail(visit, failure(ErrorCode::Protocol, "a redirect to nowhere")),
                }
            }
            PageAnswer::Status(status, headers) => {
                self.settle_status(host, visit, url, status, &headers);
            }
            PageAnswer::Lost(FetchError::BlockedAddress) => {
                self.ledger
                    .skip(visit.candidate, SkipReason::BlockedAddress);
            }
            PageAnswer::Lost(FetchError::Failed {
                code,
                message,
                transient,
            }) => {
                if transient && visit.tries < self.request.retries {
                    self.retry_later(visit, url);
                } else {
                    self.fail(visit, failure(code, &message));
                }
            }
        }
        Ok(())
    }

    /// Fails a page whose request ended without a result: reading the page panicked.
    pub(super) fn lose(&mut self, visit: Visit) {
        let failure = failure(ErrorCode::Protocol, "this page cannot be read");
        self.fail(visit, failure);
    }

    /// Fails a URL for good.
    pub(super) fn fail(&mut self, visit: Visit, error: FetchFailure) {
        self.ledger.fail();
        self.ledger
            .settled(visit.candidate, PageResult::Failed { error });
    }

    fn answered(&mut self, host: &HostName, waited: Duration) {
        self.frontier
            .queue(host)
            .pace
            .answered(waited, Instant::now());
    }

    fn settle_status(
        &mut self,
        host: &HostName,
        mut visit: Visit,
        url: &Url,
        status: u16,
        headers: &HeaderMap,
    ) {
        let may_retry = visit.tries < self.request.retries;
        let is_overload = matches!(status, 429 | 503);
        if is_overload {
            self.back_off(host, status, headers);
        }
        if may_retry && is_overload {
            // The host's pause is the page's pause too: it comes first when that is over.
            visit.tries += 1;
            self.ledger.put_back();
            self.frontier.push_first(url, Work::Page(visit));
        } else if may_retry && may_pass(status) {
            self.retry_later(visit, url);
        } else {
            self.fail(
                visit,
                FetchFailure {
                    status: Some(status),
                    ..failure(ErrorCode::Status, &format!("the server answers {status}"))
                },
            );
        }
    }

    fn back_off(&mut self, host: &HostName, status: u16, headers: &HeaderMap) {
        let wish = retry_after(headers, self.clock.now());
        let pace = &mut self.frontier.queue(host).pace;
        let back_off = pace.refused(wish, Instant::now());
        if back_off.begins {
            let seconds = back_off.pause.as_secs_f64();
            let text = format!("{host} answers {status}: it is left alone for {seconds:.1} s");
            self.ledger.notice(NoticeCode::BackOff, text);
        }
    }

    fn retry_later(&mut self, mut visit: Visit, url: &Url) {
        visit.tries += 1;
        let pause = retry_pause(visit.tries);
        self.ledger.put_back();
        self.frontier.push_later(url, visit, pause);
    }
}

/// True for statuses that may pass by themselves.
const fn may_pass(status: u16) -> bool {
    matches!(status, 408 | 425 | 500 | 502 | 504 | 507..=509 | 520..=599)
}

/// A failure without an HTTP status.
pub(crate) fn failure(code: ErrorCode, message: &str) -> FetchFailure {
    FetchFailure {
        code,
        message: message.to_owned(),
        status: None,
    }
}
