//! A page of the log as a document.

use serde::Serialize;
use serde_json::{Map, Value, json};
use shared::EventId;
use shared::event::{ErrorCode, FetchFailure, Fetched, PageResult, Progress};

use super::head::head;

/// A page.
#[derive(Debug, Clone, Default, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FirecrawlDocument)]
pub struct Document {
    /// Its main content as Markdown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub markdown: Option<String>,
    /// Its text; Firecrawl has no such format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Its main content as HTML.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// Its HTML as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw_html: Option<String>,
    /// Its links, absolute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub links: Option<Vec<String>>,
    /// URLs of its pictures, absolute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub images: Option<Vec<String>>,
    /// Reason why formats are missing, if any are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
    /// Metadata of the page, and of the answer that brought it.
    pub metadata: DocumentMetadata,
}

/// Metadata of a page, and of the answer that brought it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, utoipa::ToSchema)]
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
    /// Where the page is in the job's log, and what this service knows of it besides: `eventId`, `depth`, `referrer`, `sha256`,
    /// `duplicateOf`, `bytes`, `elapsedMs`, `headings`, `jsonLd`.
    #[schema(value_type = Object)]
    pub crawlcast: Map<String, Value>,
    /// Values of the page's head: `description`, `language`, `keywords`, `robots`, `favicon`, `publishedTime`, `ogTitle` and its like, `articleTag`,
    /// `canonical`, `charset`.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub head: Map<String, Value>,
}

impl Document {
    /// The document of one event of the log; nothing for a page that could not be fetched. One whose status is from 400 on is a
    /// document as well.
    #[must_use]
    pub fn of(progress: Progress, id: EventId) -> Option<Self> {
        let metadata = DocumentMetadata::new(&progress, id);
        match progress.result {
            PageResult::Fetched(fetched) => Some(Self::of_page(metadata, *fetched)),
            PageResult::Failed { error } => Self::of_status(metadata, error),
        }
    }

    fn of_page(mut metadata: DocumentMetadata, fetched: Fetched) -> Self {
        let formats = fetched.formats;
        metadata.status_code = fetched.status;
        metadata.content_type = fetched.content_type;
        metadata.title = fetched.title;
        if let Some(url) = fetched.redirected_to {
            metadata.url = url;
        }
        for (name, value) in [
            ("sha256", fetched.sha256),
            ("duplicateOf", fetched.duplicate_of),
        ] {
            if let Some(value) = value {
                metadata.crawlcast.insert(name.to_owned(), value.into());
            }
        }
        let crawlcast = &mut metadata.crawlcast;
        crawlcast.insert("bytes".to_owned(), fetched.bytes.into());
        crawlcast.insert("elapsedMs".to_owned(), fetched.elapsed_ms.into());
        if let Some(said) = &formats.metadata {
            metadata.head = head(said);
            for (name, list) in [
                ("headings", json!(said.headings)),
                ("jsonLd", json!(said.json_ld)),
            ] {
                if list != json!([]) {
                    metadata.crawlcast.insert(name.to_owned(), list);
                }
            }
        }
        Self {
            markdown: formats.markdown,
            text: formats.text,
            html: formats.clean_html,
            raw_html: formats.raw_html,
            links: formats.outlinks,
            images: formats.images,
            warning: fetched.truncated.then(|| {
                "formats were left out: the job's record has no more room for them".to_owned()
            }),
            metadata,
        }
    }

    fn of_status(mut metadata: DocumentMetadata, failure: FetchFailure) -> Option<Self> {
        let status = failure
            .status
            .filter(|_| failure.code == ErrorCode::Status)?;
        metadata.status_code = status;
        metadata.error = Some(failure.message);
        Some(Self {
            metadata,
            ..Self::default()
        })
    }
}

impl DocumentMetadata {
    fn new(progress: &Progress, id: EventId) -> Self {
        let mut crawlcast = Map::from_iter([
            ("eventId".to_owned(), json!(id)),
            ("depth".to_owned(), progress.depth.into()),
        ]);
        if let Some(referrer) = &progress.referrer {
            crawlcast.insert("referrer".to_owned(), referrer.as_str().into());
        }
        Self {
            source_url: progress.url.clone(),
            url: progress.url.clone(),
            proxy_used: "basic",
            cache_state: "miss",
            credits_used: 1,
            crawlcast,
            ..Self::default()
        }
    }
}
