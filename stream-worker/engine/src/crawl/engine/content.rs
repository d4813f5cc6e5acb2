//! A fetched page: its links are taken in, its result is recorded, and its content tells if it is a new page at all.

use std::sync::Arc;

use shared::event::{Fetched, NoticeCode, PageFormats, PageResult};
use shared::request::{Format, SitemapMode};
use url::Url;

use super::run::Engine;
use crate::crawl::Candidate;
use crate::crawl::admission::intake::{Find, Mention, Refusals};
use crate::crawl::frontier::visit::Visit;
use crate::crawl::page::contents::{ContentHash, are_similar};
use crate::crawl::page::reader::{FetchedPage, UnmodifiedPage};
use crate::extract::Page;

impl Engine<'_> {
    /// Takes in a page that arrived whole.
    pub(super) fn complete(&mut self, visit: Visit, fetched: FetchedPage) {
        let sha256 = fetched.hash.map(ContentHash::to_hex);
        let duplicate_of = self.first_with(sha256.as_deref(), &visit);
        let Some((candidate, redirected_to)) = self.spelled_anew(visit, duplicate_of.as_deref())
        else {
            return;
        };
        self.ledger.fetch();
        let unread = unread_start_page(&candidate, &fetched);
        // The same shell under many URLs is told once.
        let is_new_shell = fetched.page.is_shell && duplicate_of.is_none();
        let empty = is_new_shell
            .then(|| self.shells.tell(&candidate.url))
            .flatten();
        // A duplicate's links are followed too: in another directory they lead elsewhere, and nothing may be missed.
        let refusals = self.take_links(&fetched, &candidate);
        let cut = links_cut(&candidate, &fetched.page);
        let result = Fetched {
            redirected_to,
            duplicate_of,
            sha256,
            ..self.result(fetched)
        };
        self.ledger
            .settled(candidate, PageResult::Fetched(Box::new(result)));
        if let Some(text) = unread {
            self.ledger.notice(NoticeCode::StartPageUnread, text);
        }
        if let Some(text) = empty {
            self.ledger.notice(NoticeCode::RenderingNeeded, text);
        }
        if let Some(text) = cut {
            self.ledger.notice(NoticeCode::LinksCut, text);
        }
        refusals.record(&mut self.ledger);
    }

    /// Takes in a page that has not changed since the earlier crawl. Its links need no reading: the pages of that crawl are
    /// all taken in already.
    pub(super) fn complete_unmodified(&mut self, visit: Visit, unmodified: UnmodifiedPage) {
        let earlier = self.earlier.as_ref();
        let known = earlier.and_then(|earlier| earlier.page(visit.asked()).cloned());
        let known = known.unwrap_or_default();
        let duplicate_of = self.first_with(known.sha256.as_deref(), &visit);
        let Some((candidate, redirected_to)) = self.spelled_anew(visit, duplicate_of.as_deref())
        else {
            return;
        };
        self.ledger.fetch();
        let validators = unmodified.validators;
        let result = Fetched {
            status: 304,
            bytes: 0,
            elapsed_ms: millis(unmodified.waited),
            redirected_to,
            duplicate_of,
            not_modified: true,
            etag: validators.etag.or(known.etag),
            last_modified: validators.last_modified.or(known.last_modified),
            ..known
        };
        self.ledger
            .settled(candidate, PageResult::Fetched(Box::new(result)));
    }

    /// Returns the candidate and the URL that it redirected to. `None` if it is only another spelling of `duplicate_of`: that
    /// is recorded as a skip.
    fn spelled_anew(
        &mut self,
        visit: Visit,
        duplicate_of: Option<&str>,
    ) -> Option<(Candidate, Option<String>)> {
        if let Some(first) = duplicate_of
            && are_similar(first, visit.asked())
        {
            let first = first.to_owned();
            self.ledger.skip_duplicate(visit.candidate, first);
            return None;
        }
        let redirected_to = visit.redirects.map(|chain| chain.requested);
        Some((visit.candidate, redirected_to))
    }

    /// The URL of the page that had this content first, if it was another one.
    fn first_with(&mut self, sha256: Option<&str>, visit: &Visit) -> Option<String> {
        if !self.request.deduplicate_content {
            return None;
        }
        self.contents.first(sha256?, &visit.candidate.url)
    }

    fn take_links(&mut self, fetched: &FetchedPage, candidate: &Candidate) -> Refusals {
        let mut refusals = Refusals::default();
        let request = Arc::clone(&self.request);
        if request.sitemap == SitemapMode::Only {
            return refusals;
        }
        let find = Find {
            depth: candidate.depth.saturating_add(1),
            referrer: Some(&candidate.url),
            mention: if request.respect_meta_robots && fetched.robots.nofollow {
                Mention::MetaRobots
            } else {
                Mention::Link
            },
        };
        let page = &fetched.page;
        let canonical = page.metadata.canonical.as_deref();
        let canonical = canonical.and_then(|url| Url::parse(url).ok());
        for url in page.refresh.iter().chain(&canonical) {
            self.take_in(url, find, &mut refusals);
        }
        for (link, hash) in page.links.iter().zip(&fetched.link_hashes) {
            if self.admission.is_settled(*hash) {
                continue;
            }
            // The text of a URL is one.
            let Ok(url) = Url::parse(link.url) else {
                continue;
            };
            let mention = if link.nofollow && request.respect_nofollow {
                Mention::Nofollow
            } else {
                find.mention
            };
            self.take_in(&url, Find { mention, ..find }, &mut refusals);
        }
        refusals
    }

    fn result(&self, fetched: FetchedPage) -> Fetched {
        let is_hidden = self.request.respect_meta_robots && fetched.robots.noindex;
        let mut page = fetched.page;
        Fetched {
            status: fetched.status,
            content_type: fetched.content_type,
            bytes: fetched.bytes,
            elapsed_ms: millis(fetched.elapsed),
            title: page.title.take(),
            links: page.link_count,
            etag: fetched.validators.etag,
            last_modified: fetched.validators.last_modified,
            formats: if is_hidden {
                PageFormats::default()
            } else {
                self.formats(page)
            },
            ..Fetched::default()
        }
    }

    fn formats(&self, page: Page) -> PageFormats {
        let wants = |format| self.request.wants(format);
        let outlinks = || page.links.iter().map(|link| link.url.to_owned()).collect();
        PageFormats {
            metadata: wants(Format::Metadata).then_some(page.metadata),
            outlinks: wants(Format::Links).then(outlinks),
            images: page.images,
            markdown: page.markdown.filter(|_| wants(Format::Markdown)),
            text: page.text.filter(|_| wants(Format::Text)),
            html: page.html.filter(|_| wants(Format::Html)),
            raw_html: page.raw_html,
            clean_html: page.clean_html,
        }
    }
}

/// Text of the notice about a start page that has no links to follow, since it is no HTML.
fn unread_start_page(candidate: &Candidate, fetched: &FetchedPage) -> Option<String> {
    (candidate.depth == 0 && fetched.is_unread).then(|| {
        let url = &candidate.url;
        let stated = fetched.content_type.as_deref();
        let kind = stated.map_or("no type".into(), |stated| format!("the type {stated}"));
        format!("the start page {url} has {kind}: it was fetched, but only HTML and XHTML have links to follow")
    })
}

fn links_cut(candidate: &Candidate, page: &Page) -> Option<String> {
    let (links, kept) = (page.link_count, page.links.len());
    (links as usize > kept).then(|| {
        let url = &candidate.url;
        format!("{url} has {links} links: {kept} of them are followed")
    })
}

fn millis(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
