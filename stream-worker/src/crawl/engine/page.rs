//! What came of a page.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use shared::event::{
    ErrorCode, FetchFailure, Fetched, NoticeCode, PageFormats, PageResult, SkipReason,
};
use shared::request::{Format, SitemapMode};
use tokio::time::Instant;
use url::Url;

use super::run::Engine;
use crate::crawl::frontier::HostName;
use crate::crawl::intake::{Find, Mention, Refusals};
use crate::crawl::page_fetch::{FetchedPage, PageAnswer};
use crate::crawl::politeness::{retry_after, retry_pause};
use crate::crawl::visit::Visit;
use crate::extract::Page;
use crate::fetch::FetchError;

/// Links that are followed from one page.
const MAX_LINKS: usize = 10_000;

impl Engine<'_> {
    /// A request for a page was answered, or not.
    pub(super) fn settle_page(
        &mut self,
        host: &HostName,
        visit: Visit,
        url: &Url,
        answer: PageAnswer,
    ) {
        match answer {
            PageAnswer::Page(page) => {
                self.answered(host, page.waited);
                self.complete(visit, *page);
            }
            PageAnswer::Redirect(target, waited) => {
                self.answered(host, waited);
                match target {
                    Some(target) => self.follow(visit, url, target),
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
    }

    /// The request for a page ended without an answer of any kind: reading the page panicked.
    pub(super) fn lose(&mut self, visit: Visit) {
        let failure = failure(ErrorCode::Protocol, "this page cannot be read");
        self.fail(visit, failure);
    }

    /// A URL could not be fetched, for good.
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
            self.frontier.push_first(url, visit);
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

    fn complete(&mut self, visit: Visit, fetched: FetchedPage) {
        let redirected_to = visit.detour.map(|detour| detour.canonical);
        let candidate = visit.candidate;
        self.ledger.fetch();
        let find = Find {
            depth: candidate.depth.saturating_add(1),
            referrer: Some(&candidate.url),
            mention: if self.request.respect_meta_robots && fetched.robots.nofollow {
                Mention::MetaRobots
            } else {
                Mention::Link
            },
        };
        let refusals = self.take_links(&fetched.page, find);
        let is_cut = fetched.page.link_count as usize > MAX_LINKS;
        let cut = is_cut.then(|| {
            let links = fetched.page.link_count;
            format!(
                "{} has {links} links: {MAX_LINKS} of them are followed",
                candidate.url
            )
        });
        let result = self.result(fetched, redirected_to);
        self.ledger.settled(candidate, result);
        if let Some(text) = cut {
            self.ledger.notice(NoticeCode::LinksCut, text);
        }
        refusals.record(&mut self.ledger);
    }

    fn take_links(&mut self, page: &Page, find: Find<'_>) -> Refusals {
        let mut refusals = Refusals::default();
        let request = Arc::clone(&self.request);
        if request.sitemap == SitemapMode::Only {
            return refusals;
        }
        if let Some(refresh) = &page.refresh {
            self.take_in(refresh, find, &mut refusals);
        }
        for link in page.links.iter().take(MAX_LINKS) {
            let mention = if link.nofollow && request.respect_nofollow {
                Mention::Nofollow
            } else {
                find.mention
            };
            self.take_in(&link.url, Find { mention, ..find }, &mut refusals);
        }
        refusals
    }

    fn result(&self, fetched: FetchedPage, redirected_to: Option<String>) -> PageResult {
        let is_hidden = self.request.respect_meta_robots && fetched.robots.noindex;
        let mut page = fetched.page;
        PageResult::Fetched(Box::new(Fetched {
            status: fetched.status,
            content_type: fetched.content_type,
            bytes: fetched.bytes,
            elapsed_ms: u64::try_from(fetched.elapsed.as_millis()).unwrap_or(u64::MAX),
            title: page.title.take(),
            links: page.link_count,
            redirected_to,
            formats: if is_hidden {
                PageFormats::default()
            } else {
                self.formats(page)
            },
            truncated: false,
        }))
    }

    fn formats(&self, page: Page) -> PageFormats {
        let wants = |format| self.request.wants(format);
        let outlinks = || page.links.into_iter().map(|link| link.url.into()).collect();
        PageFormats {
            metadata: wants(Format::Metadata).then_some(page.metadata),
            outlinks: wants(Format::Links).then(outlinks),
            markdown: page.markdown.filter(|_| wants(Format::Markdown)),
            text: page.text.filter(|_| wants(Format::Text)),
            html: page.html.filter(|_| wants(Format::Html)),
        }
    }
}

/// Whether a status may be another one soon.
const fn may_pass(status: u16) -> bool {
    matches!(status, 408 | 425 | 500 | 502 | 504 | 507..=509 | 520..=599)
}

/// A failure without a status.
pub(super) fn failure(code: ErrorCode, message: &str) -> FetchFailure {
    FetchFailure {
        code,
        message: message.to_owned(),
        status: None,
    }
}
