//! Sends requests over HTTP/1.1 and HTTP/2, on kept connections where there are any.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{HOST, HeaderMap, HeaderValue};
use http::uri::{InvalidUri, PathAndQuery};
use http::{Method, Request, Response, Uri, Version};
use http_body_util::Full;
use hyper::client::conn::http2;
use hyper_util::rt::TokioExecutor;
use tokio_util::task::TaskTracker;
use url::{Position, Url};

use super::dialer::{DialError, Dialer, Stream, speaks_http2};
use super::exchange::{AnswerBody, over_http1, over_http2};
use super::kept::{Kept, KeptConnections, Origin};

/// A client without opinions: no redirects, cookies, proxies or encodings.
pub(super) struct HttpClient {
    dialer: Dialer,
    kept: Arc<KeptConnections>,
    /// The connections over HTTP/2: each ends when nobody can send on it any more.
    connections: TaskTracker,
}

/// The reason why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum RequestError {
    /// HTTP cannot ask for such a URL.
    #[error("the URL is not one that HTTP can ask for")]
    Url(#[from] InvalidUri),
    /// There is no connection.
    #[error(transparent)]
    Dial(#[from] DialError),
    /// The exchange failed.
    #[error(transparent)]
    Http(#[from] hyper::Error),
}

impl HttpClient {
    pub(super) fn new(dialer: Dialer) -> Self {
        Self {
            dialer,
            kept: Arc::default(),
            connections: TaskTracker::new(),
        }
    }

    /// Asks once, and waits for the head of the answer. `headers` are sent as they are, and `Host`.
    ///
    /// # Errors
    /// [`RequestError`].
    ///
    /// # Cancel safety
    /// Dropping the future, or the answer's body, gives the request up.
    pub(super) async fn send(
        &self,
        method: Method,
        url: &Url,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Response<AnswerBody>, RequestError> {
        let uri: Uri = url[..Position::AfterQuery].parse()?;
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.headers_mut() = headers;
        let origin = origin_of(url);
        let kept = match self.kept.take(&origin) {
            Some(kept) => kept,
            None => self.connect(uri.clone(), &origin).await?,
        };
        let stream = match kept {
            Kept::Plain(plain) => Stream::Http(plain),
            Kept::Encrypted(encrypted) => *encrypted,
            Kept::Shared(sender) => {
                *request.version_mut() = Version::HTTP_2;
                *request.uri_mut() = uri;
                return Ok(over_http2(sender, request).await?);
            }
        };
        let host = HeaderValue::from_str(&url[Position::BeforeHost..Position::AfterPort]);
        let host = host.expect("the URL's parser lets nothing else through");
        request.headers_mut().insert(HOST, host);
        *request.uri_mut() = origin_form(uri);
        Ok(over_http1(stream, request, origin, self.kept.clone()).await?)
    }

    /// A new connection, over HTTP/2 if the server speaks it.
    async fn connect(&self, uri: Uri, origin: &Origin) -> Result<Kept, RequestError> {
        let stream = self.dialer.dial(uri).await?;
        if !speaks_http2(&stream) {
            return Ok(stream.into());
        }
        // Another request may have made one in the meantime.
        if let Some(kept) = self.kept.take(origin) {
            return Ok(kept);
        }
        let sender = self.share(stream).await?;
        self.kept.keep(origin.clone(), Kept::Shared(sender.clone()));
        Ok(Kept::Shared(sender))
    }

    async fn share(&self, stream: Stream) -> hyper::Result<http2::SendRequest<Full<Bytes>>> {
        let (sender, connection) = http2::handshake(TokioExecutor::new(), stream).await?;
        self.connections.spawn(async move {
            // Its error is that of each request on it.
            let _ended = connection.await;
        });
        Ok(sender)
    }
}

/// Scheme, host and port.
fn origin_of(url: &Url) -> Origin {
    [
        &url[..Position::AfterScheme],
        "://",
        &url[Position::BeforeHost..Position::AfterPort],
    ]
    .concat()
    .into()
}

/// Path and query, as a request over HTTP/1 names its target.
fn origin_form(uri: Uri) -> Uri {
    let target = uri.into_parts().path_and_query;
    target
        .unwrap_or_else(|| PathAndQuery::from_static("/"))
        .into()
}
