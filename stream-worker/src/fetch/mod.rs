//! One page from the network, within bounds.
//!
//! It owns the connector with the address guard, the deadlines and the body budget. It refuses to know why a page is
//! wanted: redirects, statuses and robots rules are judged by the crawl.

mod guard;
mod resolver;
mod failure;
mod body;
mod redirect;
mod http_fetcher;

pub use guard::AddressGuard;
pub use http_fetcher::{FetchConfig, HttpFetcher, SetUpError};

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use http::HeaderMap;
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

/// What to fetch.
#[derive(Debug, Clone)]
pub struct FetchRequest {
    /// From where.
    pub url: Url,
    /// How long it may take, body included.
    pub timeout: Duration,
    /// Bytes of the body at most, after decoding.
    pub max_body_bytes: u64,
}

/// The head of an answer, and its body to come.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, decoded, within its budget and deadlines; ends after the first error.
    pub body: BoxStream<'static, Result<Bytes, FetchError>>,
}

/// Why there is no page, or not all of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The address is not one that may be dialled. Says nothing about what is there.
    #[error("the address is not one that this service may dial")]
    BlockedAddress,
    /// The network or the server failed.
    #[error("{message}")]
    Failed {
        /// The kind of failure.
        code: ErrorCode,
        /// What happened, for a person; no addresses.
        message: String,
        /// Whether another try may succeed.
        transient: bool,
    },
}

#[cfg(test)]
mod tests;
