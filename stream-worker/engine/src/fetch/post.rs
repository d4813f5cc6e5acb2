//! Posts to a server, through the same guard that pages are fetched through.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Method};
use tokio::time::timeout;
use url::Url;

use super::failure::{timed_out, translate};
use super::http_client::HttpRequest;
use super::{FetchError, HttpFetcher};

/// Posts to servers that have asked for it: webhooks.
#[async_trait]
pub trait Poster: Send + Sync + 'static {
    /// Posts and waits for the head of the answer. Redirects are answers like any other.
    ///
    /// # Errors
    /// As for [`Fetcher::fetch`](super::Fetcher::fetch).
    ///
    /// # Cancel safety
    /// Dropping the future aborts the request; the server may have taken it all the same.
    async fn post(&self, post: Post) -> Result<PostAnswer, FetchError>;
}

/// One request with a body.
#[derive(Debug, Clone)]
pub struct Post {
    /// An http(s) URL.
    pub url: Url,
    /// Sent as they are, beside those of the connector.
    pub headers: HeaderMap,
    /// Body, sent whole.
    pub body: Bytes,
    /// Time until the head of the answer must be there.
    pub timeout: Duration,
}

/// The head of an answer. Nobody reads its body.
#[derive(Debug, Clone)]
pub struct PostAnswer {
    /// HTTP status, from 200 on.
    pub status: u16,
    /// As the server has sent them.
    pub headers: HeaderMap,
}

#[async_trait]
impl Poster for HttpFetcher {
    async fn post(&self, post: Post) -> Result<PostAnswer, FetchError> {
        if !self.guard.allows_host_of(&post.url) {
            return Err(FetchError::BlockedAddress);
        }
        let mut headers = self.own_headers();
        headers.extend(post.headers);
        let request = HttpRequest {
            method: Method::POST,
            url: &post.url,
            headers,
            body: post.body,
        };
        let answer = timeout(post.timeout, self.http.send(request))
            .await
            .map_err(|_elapsed| timed_out())?
            .map_err(|error| translate(&error))?;
        let (head, _unread) = answer.into_parts();
        Ok(PostAnswer {
            status: head.status.as_u16(),
            headers: head.headers,
        })
    }
}
