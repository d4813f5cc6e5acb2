//! A page of the log as a document.

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use shared::EventId;
use shared::event::{ErrorCode, FetchFailure, Heading};

use super::head::head;
use super::logged_page::LoggedPage;

/// A page. Its formats are the JSON of the log: strings, and lists of strings.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FirecrawlDocument)]
pub struct Document {
    /// Its main content as Markdown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub markdown: Option<Box<RawValue>>,
    /// Its text; Firecrawl has no such format.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub text: Option<Box<RawValue>>,
    /// Its main content as HTML.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub html: Option<Box<RawValue>>,
    /// Its HTML as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub raw_html: Option<Box<RawValue>>,
    /// Its links, absolute.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    pub links: Option<Box<RawValue>>,
    /// URLs of its pictures, absolute.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    pub images: Option<Box<RawValue>>,
    /// Reason why formats are missing, if any are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
    /// Metadata of the page, and of the answer that brought it.
    pub metadata: DocumentMetadata,
}

/// Metadata of a page, and of the answer that brought it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FirecrawlDocumentMetadata)]
pub struct DocumentMetadata {
    /// The URL that was asked for.
    #[serde(rename = "sourceURL")]
    pub source_url: String,
    /// The URL after redirects.
    pub url: String,
    /// The HTTP status.
    pub status_code: u16,
    /// The media type as the server gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// The title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The failure as a sentence, for a status from 400 on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Always `basic`: a page is fetched directly.
    pub proxy_used: &'static str,
    /// Always `miss`: a page is fetched for the job that asks for it.
    pub cache_state: &'static str,
    /// Always 1.
    pub credits_used: u8,
    /// Where the page is in the job's log, and what this service knows of it besides.
    pub crawlcast: PageRecord,
    /// Values of the page's head: `description`, `language`, `keywords`, `robots`, `favicon`, `publishedTime`, `ogTitle` and its like, `articleTag`,
    /// `canonical`, `charset`.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub head: Map<String, Value>,
}

/// Where a page is in its job's log, and what Firecrawl has no field for.
#[derive(Debug, Clone, Default, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FirecrawlPageRecord)]
pub struct PageRecord {
    /// Its event in the job's log.
    pub event_id: EventId,
    /// Link hops from a start page.
    pub depth: u32,
    /// The page where its URL was found first; absent for start pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referrer: Option<String>,
    /// The SHA-256 of the body after decoding, in hexadecimal; absent if it was empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The page of this crawl that had the same content first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duplicate_of: Option<String>,
    /// Bytes of the body after decoding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Milliseconds from the request to the end of the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elapsed_ms: Option<u64>,
    /// Its headings, in document order.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Heading>>)]
    pub headings: Option<Box<RawValue>>,
    /// The text of each `<script type="application/ld+json">`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    pub json_ld: Option<Box<RawValue>>,
}

impl Document {
    /// The document of one event of the log, given as JSON; nothing if it is not that of a page, or the page could not be fetched.
    /// One whose status is from 400 on is a document as well.
    #[must_use]
    pub fn of(event: &[u8], id: EventId) -> Option<Self> {
        let mut page: LoggedPage = serde_json::from_slice(event).ok()?;
        match page.result.error.take() {
            None => Some(Self::of_page(page, id)),
            Some(failure) => Self::of_status(page, failure, id),
        }
    }

    fn of_page(page: LoggedPage, id: EventId) -> Self {
        let LoggedPage {
            url,
            depth,
            referrer,
            result,
            ..
        } = page;
        let said = result.metadata.unwrap_or_default();
        let head = head(&said);
        Self {
            markdown: result.markdown,
            text: result.text,
            html: result.clean_html,
            raw_html: result.raw_html,
            links: result.outlinks,
            images: result.images,
            warning: result.truncated.then(|| {
                "formats were left out: the job's record has no more room for them".to_owned()
            }),
            metadata: DocumentMetadata {
                url: result.redirected_to.unwrap_or_else(|| url.clone()),
                source_url: url,
                status_code: result.status,
                content_type: result.content_type,
                title: result.title,
                crawlcast: PageRecord {
                    event_id: id,
                    depth,
                    referrer,
                    sha256: result.sha256,
                    duplicate_of: result.duplicate_of,
                    bytes: result.bytes,
                    elapsed_ms: result.elapsed_ms,
                    headings: said.headings,
                    json_ld: said.json_ld,
                },
                head,
                ..DocumentMetadata::default()
            },
        }
    }

    fn of_status(page: LoggedPage, failure: FetchFailure, id: EventId) -> Option<Self> {
        let status = failure
            .status
            .filter(|_| failure.code == ErrorCode::Status)?;
        let mut document = Self::of_page(page, id);
        document.metadata.status_code = status;
        document.metadata.error = Some(failure.message);
        Some(document)
    }
}

impl Default for DocumentMetadata {
    fn default() -> Self {
        Self {
            source_url: String::new(),
            url: String::new(),
            status_code: 0,
            content_type: None,
            title: None,
            error: None,
            proxy_used: "basic",
            cache_state: "miss",
            credits_used: 1,
            crawlcast: PageRecord::default(),
            head: Map::new(),
        }
    }
}
