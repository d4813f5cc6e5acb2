//! One request for a page, from the question to the extracted page.
//!
//! It owns which bodies are read and how: HTML goes through the extractor while it arrives, other bodies are only counted,
//! bodies of redirects and errors are not read at all. It refuses to judge: redirects and statuses are reported as they are.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use http::HeaderMap;
use http::header::{
    CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LAST_MODIFIED, LINK, REFRESH, SET_COOKIE,
};
use shared::CrawlRequest;
use shared::event::ErrorCode;
use tokio::time::Instant;
use url::Url;

use super::contents::{Content, ContentHash};
use super::conversions::Conversions;
use super::memory::{PageMemory, PageShare};
use crate::crawl::admission::link_hasher::LinkHasher;
use crate::crawl::admission::seen::UrlHash;
use crate::crawl::session::Credentials;
use crate::extract::{
    DocumentType, ExtractOptions, Extractor, Formats, MediaType, MetaRobots, Page,
    canonical_in_link_header, parse_robots_header, refresh_target,
};
use crate::fetch::escape_non_utf8;
use crate::fetch::{Answer, FetchError, FetchRequest, Fetcher, LocalFault, Validators};

/// The header with the same directives to robots as `<meta name=robots>`.
const ROBOTS_HEADER: &str = "x-robots-tag";

/// Bytes of a `Content-Type` that are kept.
const MAX_CONTENT_TYPE: usize = 1024;

/// Bytes of a canonical URL in a header; a longer one is left out, since no URL of a crawl is longer.
const MAX_CANONICAL: usize = 2048;

/// Characters of a validator that is kept; nobody needs longer ones.
const MAX_VALIDATOR: usize = 256;

/// The result of a request for a page.
#[derive(Debug)]
pub(crate) enum PageAnswer {
    /// The page arrived whole.
    Page(Box<FetchedPage>),
    /// `304`: the page has not changed since the earlier crawl.
    NotModified(Box<UnmodifiedPage>),
    /// The page is elsewhere; nothing if the answer does not say where.
    Redirect(Box<Redirect>),
    /// A status from 400 on, with its headers.
    Status(u16, HeaderMap),
    /// No answer arrived, or not all of it.
    Lost(FetchError),
}

/// A redirect, not followed.
#[derive(Debug)]
pub(crate) struct Redirect {
    /// None if the answer does not say where the page is.
    pub(crate) target: Option<Url>,
    /// From the request to the head of the answer.
    pub(crate) waited: Duration,
    /// Of the answer: it may set cookies for the next request.
    pub(crate) headers: HeaderMap,
}

/// A page that has not changed since the earlier crawl.
#[derive(Debug)]
pub(crate) struct UnmodifiedPage {
    /// From the request to the head of the answer.
    pub(crate) waited: Duration,
    /// The validators that the answer brought, which may be others than were asked with.
    pub(crate) validators: Validators,
    /// The `Set-Cookie` headers.
    pub(crate) set_cookies: Vec<HeaderValue>,
}

/// A page that arrived whole.
#[derive(Debug)]
pub(crate) struct FetchedPage {
    /// HTTP status, below 400 and not a redirect's.
    pub(crate) status: u16,
    /// The `Content-Type` header, cut to 1 KiB.
    pub(crate) content_type: Option<String>,
    /// Bytes of the body after decoding.
    pub(crate) bytes: u64,
    /// SHA-256 of the decoded body; `None` if it is empty.
    pub(crate) hash: Option<ContentHash>,
    /// Each at most 256 characters; longer ones are left out.
    pub(crate) validators: Validators,
    /// The `Set-Cookie` headers.
    pub(crate) set_cookies: Vec<HeaderValue>,
    /// From the request to the head of the answer.
    pub(crate) waited: Duration,
    /// From the request to the end of the body.
    pub(crate) elapsed: Duration,
    /// True for a document that has no links by its type, or nothing at all.
    pub(crate) is_unread: bool,
    /// Empty if the body is neither HTML nor text.
    pub(crate) page: Page,
    /// The hashes by which the crawl knows the page's links, in their order.
    pub(crate) link_hashes: Vec<UrlHash>,
    /// Directives of the page and of its headers together.
    pub(crate) robots: MetaRobots,
    /// Kept for its drop: gives the page's memory back when the page has been taken in.
    pub(crate) _share: PageShare,
}

/// Reads the pages of one crawl.
#[derive(Clone)]
pub(crate) struct PageReader {
    fetcher: Arc<dyn Fetcher>,
    agent: Arc<str>,
    links: LinkHasher,
    credentials: Option<Arc<Credentials>>,
    timeout: Duration,
    max_body_bytes: u64,
    formats: Formats,
    /// Runs the making of Markdown and text.
    conversions: Conversions,
    /// Counts the bytes of pages that are kept whole.
    memory: PageMemory,
}

impl PageReader {
    /// A reader with the limits and formats of `request`. Robots directives may name it `agent`.
    pub(crate) fn new(
        fetcher: Arc<dyn Fetcher>,
        request: &CrawlRequest,
        agent: Arc<str>,
        links: LinkHasher,
        conversions: Conversions,
        memory: PageMemory,
    ) -> Self {
        Self {
            fetcher,
            agent,
            links,
            credentials: None,
            timeout: Duration::from_millis(request.timeout_ms),
            max_body_bytes: request.max_body_bytes,
            formats: Formats::of(request),
            conversions,
            memory,
        }
    }

    /// The same, which asks with `credentials` where these may be seen.
    pub(crate) fn asking_with(self, credentials: Option<Arc<Credentials>>) -> Self {
        Self {
            credentials,
            ..self
        }
    }

    /// Asks for a page, unless it is still the one that the validators name.
    ///
    /// # Cancel safety
    /// Dropping the future aborts the request.
    pub(crate) async fn read(
        self,
        url: Url,
        unless: Option<Validators>,
        cookies: Option<HeaderValue>,
    ) -> PageAnswer {
        let started = Instant::now();
        let is_conditional = unless.is_some();
        let request = FetchRequest {
            url: url.clone(),
            timeout: self.timeout,
            max_body_bytes: self.max_body_bytes,
            unless,
            cookies,
            headers: self
                .credentials
                .as_ref()
                .and_then(|given| given.for_page(&url)),
        };
        let answer = match self.fetcher.fetch(request).await {
            Ok(answer) => answer,
            Err(error) => return PageAnswer::Lost(error),
        };
        match answer.status {
            301 | 302 | 303 | 307 | 308 => {
                let target = answer.redirect_target(&url);
                PageAnswer::Redirect(Box::new(Redirect {
                    target,
                    waited: started.elapsed(),
                    headers: answer.headers,
                }))
            }
            304 if is_conditional => PageAnswer::NotModified(Box::new(UnmodifiedPage {
                waited: started.elapsed(),
                validators: validators(&answer.headers),
                set_cookies: set_cookies(&answer.headers),
            })),
            400.. => PageAnswer::Status(answer.status, answer.headers),
            _ => match self.read_body(answer, url, started).await {
                Ok(page) => PageAnswer::Page(Box::new(page)),
                Err(error) => PageAnswer::Lost(error),
            },
        }
    }

    async fn read_body(
        &self,
        mut answer: Answer,
        url: Url,
        started: Instant,
    ) -> Result<FetchedPage, FetchError> {
        let waited = started.elapsed();
        let content_type = content_type(&answer.headers);
        let mut robots = self.robots_of(&answer.headers);
        let media_type = MediaType::of(&answer.headers);
        let is_read = self.is_read(media_type.document);
        let refresh = refresh_of(&answer.headers, &url);
        let canonical = canonical_of(&answer.headers, &url);
        let options = ExtractOptions {
            url,
            media_type,
            agent: Arc::clone(&self.agent),
            formats: self.formats.clone(),
        };
        let validators = validators(&answer.headers);
        let set_cookies = set_cookies(&answer.headers);
        let mut body = Body {
            answer: &mut answer,
            content: Content::default(),
            share: self.memory.share(),
        };
        let mut page = if !is_read {
            while body.next().await?.is_some() {}
            Page::default()
        } else if self.formats.need_processor() || media_type.document == DocumentType::Xhtml {
            self.convert(&mut body, options).await?
        } else {
            extract(&mut body, options).await?
        };
        let Body { content, share, .. } = body;
        page.metadata.canonical = page.metadata.canonical.or(canonical);
        page.refresh = refresh.or(page.refresh);
        let (bytes, hash) = content.finish();
        robots.noindex |= page.robots.noindex;
        robots.nofollow |= page.robots.nofollow;
        Ok(FetchedPage {
            status: answer.status,
            content_type,
            bytes,
            hash,
            validators,
            set_cookies,
            waited,
            elapsed: started.elapsed(),
            link_hashes: self.links.hashes(&page.links),
            is_unread: !is_read || page == Page::default(),
            page,
            robots,
            _share: share,
        })
    }

    /// Collects the body and extracts it on a thread where it keeps nobody waiting.
    async fn convert(
        &self,
        body: &mut Body<'_>,
        options: ExtractOptions,
    ) -> Result<Page, FetchError> {
        let mut chunks: Vec<Bytes> = Vec::new();
        while let Some(chunk) = body.next_to_keep().await? {
            chunks.push(chunk);
        }
        let convert = move || {
            let mut extractor = Extractor::new(options);
            for chunk in &chunks {
                extractor.feed(chunk);
            }
            extractor.finish()
        };
        let page = self.conversions.run(convert).await;
        Ok(page.unwrap_or_default())
    }

    /// True for a document that is worth extracting. Text is read only for itself, since it has no links.
    fn is_read(&self, document: DocumentType) -> bool {
        match document {
            DocumentType::Html | DocumentType::Xhtml | DocumentType::Unknown => true,
            DocumentType::Text | DocumentType::Markdown => self.formats.need_text(),
            DocumentType::Other => false,
        }
    }

    fn robots_of(&self, headers: &HeaderMap) -> MetaRobots {
        let mut robots = MetaRobots::default();
        for value in headers.get_all(ROBOTS_HEADER) {
            let Ok(value) = value.to_str() else { continue };
            let said = parse_robots_header(value, &self.agent);
            robots.noindex |= said.noindex;
            robots.nofollow |= said.nofollow;
        }
        robots
    }
}

/// Extracts the body while it arrives.
async fn extract(body: &mut Body<'_>, options: ExtractOptions) -> Result<Page, FetchError> {
    let is_kept = options.formats.need_source();
    let mut extractor = Extractor::new(options);
    while let Some(chunk) = if is_kept {
        body.next_to_keep().await?
    } else {
        body.next().await?
    } {
        extractor.feed(&chunk);
    }
    Ok(extractor.finish())
}

/// A body while it is read.
struct Body<'a> {
    answer: &'a mut Answer,
    content: Content,
    share: PageShare,
}

impl Body<'_> {
    /// The next bytes, which are counted and hashed. `None` at the end.
    async fn next(&mut self) -> Result<Option<Bytes>, FetchError> {
        let chunk = self.answer.body.next().await.transpose()?;
        if let Some(chunk) = &chunk {
            self.content.add(chunk);
        }
        Ok(chunk)
    }

    /// The next bytes, which stay in memory with all before. A time that has run out while others had the memory is not the
    /// server's fault.
    async fn next_to_keep(&mut self) -> Result<Option<Bytes>, FetchError> {
        let chunk = match self.next().await {
            Err(FetchError::Failed {
                code: ErrorCode::Timeout,
                ..
            }) if self.share.has_waited() => {
                return Err(FetchError::Local(LocalFault::PageMemory));
            }
            chunk => chunk?,
        };
        if let Some(chunk) = &chunk {
            self.share.grow(chunk.len()).await;
        }
        Ok(chunk)
    }
}

fn set_cookies(headers: &HeaderMap) -> Vec<HeaderValue> {
    headers.get_all(SET_COOKIE).iter().cloned().collect()
}

fn validators(headers: &HeaderMap) -> Validators {
    let short = |name: HeaderName| {
        let text = header_text(headers, name.as_str())?;
        (text.len() <= MAX_VALIDATOR).then_some(text)
    };
    Validators {
        etag: short(ETAG),
        last_modified: short(LAST_MODIFIED),
    }
}

/// The canonical URL of the page that its headers name.
fn canonical_of(headers: &HeaderMap, url: &Url) -> Option<String> {
    let values = headers.get_all(LINK).iter();
    let mut links = values.filter_map(|value| canonical_in_link_header(value.to_str().ok()?, url));
    let canonical = links.next().map(String::from);
    canonical.filter(|url| url.len() <= MAX_CANONICAL)
}

/// The page that a `Refresh` header leads to, as a `<meta>` may.
fn refresh_of(headers: &HeaderMap, url: &Url) -> Option<Url> {
    let value = escape_non_utf8(headers.get(REFRESH)?.as_bytes());
    let target = url.join(refresh_target(&value)?).ok()?;
    matches!(target.scheme(), "http" | "https").then_some(target)
}

/// The `Content-Type` header, cut: its type comes first, and what follows is for people.
fn content_type(headers: &HeaderMap) -> Option<String> {
    let mut text = header_text(headers, CONTENT_TYPE.as_str())?;
    // Text of a header is ASCII.
    text.truncate(MAX_CONTENT_TYPE);
    Some(text)
}

fn header_text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}
