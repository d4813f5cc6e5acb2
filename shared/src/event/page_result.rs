//! The result of one page: its content, or a failure.

use serde::{Deserialize, Serialize};

use super::PageMetadata;

/// The result of one page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum PageResult {
    /// An answer arrived, whole.
    Fetched(Box<Fetched>),
    /// No answer that could be used.
    Failed {
        /// Kind of failure, with a message.
        error: FetchFailure,
    },
}

/// A page that was fetched.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Fetched {
    /// The HTTP status.
    pub status: u16,
    /// The media type as the server gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Bytes of the body after decoding.
    pub bytes: u64,
    /// Milliseconds from the request to the end of the body.
    pub elapsed_ms: u64,
    /// The page's title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Different links of the page.
    pub links: u32,
    /// URL of the page after redirects, if there were any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirected_to: Option<String>,
    /// The page of this crawl that had the same content first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicate_of: Option<String>,
    /// True if the server says that the page is as it was in the crawl that the request's `since` names; title, links and
    /// checksum are from there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_modified: bool,
    /// The SHA-256 of the body after decoding, in hexadecimal; absent if it was empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The `ETag` header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// The `Last-Modified` header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
    /// The formats that were asked for.
    #[serde(flatten)]
    pub formats: PageFormats,
    /// True if a format, or a list of the metadata, was cut to fit into a frame, and is whole in the results; or if formats were
    /// left out because the job's record has no more room for them, after a notice `formatsCut`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
}

impl Fetched {
    /// The same page without its formats, which are most of its bytes.
    #[must_use]
    pub fn without_formats(&self) -> Self {
        Self {
            content_type: self.content_type.clone(),
            title: self.title.clone(),
            redirected_to: self.redirected_to.clone(),
            duplicate_of: self.duplicate_of.clone(),
            sha256: self.sha256.clone(),
            etag: self.etag.clone(),
            last_modified: self.last_modified.clone(),
            formats: PageFormats::default(),
            ..*self
        }
    }
}

impl PageFormats {
    /// True if there is more than metadata.
    #[must_use]
    pub const fn has_content(&self) -> bool {
        let Self {
            metadata: _,
            outlinks,
            images,
            markdown,
            text,
            html,
            raw_html,
            clean_html,
        } = self;
        outlinks.is_some()
            || images.is_some()
            || markdown.is_some()
            || text.is_some()
            || html.is_some()
            || raw_html.is_some()
            || clean_html.is_some()
    }

    /// True if no format was asked for.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.metadata.is_none() && !self.has_content()
    }
}

/// The formats that a request may ask for; those not asked for are absent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PageFormats {
    /// Metadata from its head, its JSON-LD and its headings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<PageMetadata>,
    /// Its links, absolute, each once, in document order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlinks: Option<Vec<String>>,
    /// URLs of its pictures, absolute, each once, in document order; at most 2,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images: Option<Vec<String>>,
    /// Its content as Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub markdown: Option<String>,
    /// Its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Its HTML in UTF-8: as it was fetched, or what `includeTags` and `excludeTags` leave of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// Its HTML in UTF-8, as it was fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw_html: Option<String>,
    /// Its content as HTML without scripts, styles and forms, with absolute URLs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clean_html: Option<String>,
}

/// Failure to fetch a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FetchFailure {
    /// Stable name of the kind of failure.
    pub code: ErrorCode,
    /// The failure as a sentence for a person.
    pub message: String,
    /// The HTTP status, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
}

/// Kinds of failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ErrorCode {
    /// It took longer than `timeoutMs`, or no answer came for too long.
    Timeout,
    /// The answer had begun, and then nothing came for too long.
    Stalled,
    /// The host's name has no address.
    Dns,
    /// The server's certificate or TLS is not acceptable.
    Tls,
    /// No connection could be made.
    Connect,
    /// The server answered with a status from 400 on.
    Status,
    /// The body is larger than `maxBodyBytes`.
    TooLarge,
    /// The body ended before its announced length.
    Truncated,
    /// The server broke the connection or the stream off.
    Reset,
    /// The answer is not valid HTTP.
    Protocol,
    /// The answer's head has too many headers, or too long ones.
    Headers,
    /// The body is not encoded as its `Content-Encoding` says, or in a way that cannot be undone.
    Encoding,
    /// Too many redirects, or in a circle.
    Redirects,
}
