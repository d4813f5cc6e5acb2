//! One page from the network, within bounds.
//!
//! It owns the connector with the address guard, the deadlines and the body budget. It refuses to know why a page is
//! wanted: redirects, statuses and robots rules are judged by the crawl.

mod guard;
mod resolver;
mod dialer;
mod kept;
mod exchange;
mod http_client;
mod failure;
mod local_fault;
mod body;
mod encoding;
mod gzip;
mod octets;
mod redirect;
mod retry_after;
mod http_fetcher;
mod post;

pub use guard::AddressGuard;
pub use http_fetcher::{FetchConfig, HttpFetcher, SetUpError};
pub use local_fault::LocalFault;
pub(crate) use octets::escape_non_utf8;
pub use post::{Post, PostAnswer, Poster};
pub use retry_after::retry_after;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use http::header::{HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH};
use shared::event::ErrorCode;
use url::Url;

/// Fetches pages.
#[async_trait]
pub trait Fetcher: Send + Sync + 'static {
    /// Asks for a page and waits for the head of the answer. Redirects are answers like any other.
    ///
    /// # Cancel safety
    /// Dropping the future, or the answer's body, aborts the request.
    async fn fetch(&self, request: FetchRequest) -> Result<Answer, FetchError>;
}

/// One request for a page.
#[derive(Debug, Clone)]
pub struct FetchRequest {
    /// An http(s) URL.
    pub url: Url,
    /// Time that the request may take, body included.
    pub timeout: Duration,
    /// Bytes of the body at most, after decoding.
    pub max_body_bytes: u64,
    /// Asks for the page only if it is not the one with these; else the answer is `304`.
    pub unless: Option<Validators>,
    /// The `Cookie` header.
    pub cookies: Option<HeaderValue>,
    /// Further headers, in place of the connector's own of the same names. Secret ones are marked as sensitive, and then neither
    /// printed nor recorded.
    pub headers: Option<Arc<HeaderMap>>,
}

/// The validators of a page's state (RFC 9110, section 8.8), as the server has sent them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// The `ETag` header.
    pub etag: Option<String>,
    /// The `Last-Modified` header.
    pub last_modified: Option<String>,
}

impl Validators {
    /// True if the server has sent neither.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.etag.is_none() && self.last_modified.is_none()
    }

    /// The headers of a conditional request.
    fn headers(&self) -> HeaderMap {
        let header = |name: HeaderName, value: &Option<String>| {
            let value = HeaderValue::from_str(value.as_deref()?).ok()?;
            Some((name, value))
        };
        let headers = [
            header(IF_NONE_MATCH, &self.etag),
            header(IF_MODIFIED_SINCE, &self.last_modified),
        ];
        headers.into_iter().flatten().collect()
    }
}

/// The head of an answer, and its body to come.
pub struct Answer {
    /// HTTP status, from 200 on.
    pub status: u16,
    /// As the server has sent them; the body's encoding is undone all the same.
    pub headers: HeaderMap,
    /// The body, decoded, within its budget and deadlines; ends after the first error.
    pub body: BoxStream<'static, Result<Bytes, FetchError>>,
}

/// The reason why there is no page, or not all of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The address is not one that may be dialled. Says nothing about what is there.
    #[error("the address is not one that this service may dial")]
    BlockedAddress,
    /// This machine could not ask. Says nothing about the server; the same request may succeed later.
    #[error("this worker cannot ask: {0}")]
    Local(LocalFault),
    /// The network or the server failed.
    #[error("{message}")]
    Failed {
        /// The kind of failure, as events name it.
        code: ErrorCode,
        /// The failure in words, without addresses.
        message: String,
        /// True if another try may succeed.
        transient: bool,
    },
}

#[cfg(test)]
mod tests;
