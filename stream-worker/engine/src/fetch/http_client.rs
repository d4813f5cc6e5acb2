//! Sends requests over HTTP/1.1 and HTTP/2, on kept connections where there are any.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{HOST, HeaderMap, HeaderValue};
use http::uri::{InvalidUri, PathAndQuery};
use http::{Method, Request, Response, StatusCode, Uri, Version};
use http_body_util::Full;
use hyper::client::conn::http2;
use hyper_util::rt::TokioExecutor;
use tokio_util::task::TaskTracker;
use url::{Position, Url};

use super::dialer::{DialError, Dialer, Stream, speaks_http2};
use super::exchange::{AnswerBody, Unanswered, over_http1, over_http2};
use super::kept::{Kept, KeptConnections, Origin};

/// A client without opinions: no redirects, cookies, proxies or encodings.
pub(super) struct HttpClient {
    dialer: Dialer,
    kept: Arc<KeptConnections>,
    /// The connections over HTTP/2: each ends when nobody can send on it any more.
    connections: TaskTracker,
}

/// A request.
#[derive(Clone)]
pub(super) struct HttpRequest<'u> {
    pub(super) method: Method,
    pub(super) url: &'u Url,
    /// Sent as they are; the URL's host and port are added.
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl From<HttpRequest<'_>> for Request<Full<Bytes>> {
    fn from(plain: HttpRequest<'_>) -> Self {
        let mut request = Self::new(Full::new(plain.body));
        *request.method_mut() = plain.method;
        *request.headers_mut() = plain.headers;
        request
    }
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
    /// The server answers in another protocol.
    #[error("the server changed to another protocol")]
    Switched,
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

    /// Asks once, and waits for the head of the answer.
    ///
    /// # Errors
    /// [`RequestError`].
    ///
    /// # Cancel safety
    /// Dropping the future, or the answer's body, gives the request up.
    pub(super) async fn send(
        &self,
        request: HttpRequest<'_>,
    ) -> Result<Response<AnswerBody>, RequestError> {
        let target = Target::of(request.url)?;
        let kept = self.kept.take(&target.origin);
        self.send_on_kept(kept, &target, request.into()).await
    }

    /// As [`send`](Self::send), after a try that broke off: connections over HTTP/1 that were kept may all have ended.
    ///
    /// # Errors
    /// [`RequestError`].
    pub(super) async fn send_again(
        &self,
        request: HttpRequest<'_>,
    ) -> Result<Response<AnswerBody>, RequestError> {
        let target = Target::of(request.url)?;
        let kept = self.kept.take(&target.origin);
        let shared = kept.filter(|kept| matches!(kept, Kept::Shared(_)));
        self.send_on_kept(shared, &target, request.into()).await
    }

    /// On a new connection if there is none, or if nothing was sent on it.
    async fn send_on_kept(
        &self,
        kept: Option<Kept>,
        target: &Target,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<AnswerBody>, RequestError> {
        let Some(kept) = kept else {
            return self.send_anew(target, request).await;
        };
        match self.send_on(kept, target, request).await {
            Ok(answer) => final_answer(answer),
            Err(Unanswered {
                unsent: Some(request),
                ..
            }) => self.send_anew(target, *request).await,
            Err(Unanswered { error, .. }) => Err(error.into()),
        }
    }

    async fn send_anew(
        &self,
        target: &Target,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<AnswerBody>, RequestError> {
        let connection = self.connect(target).await?;
        let sent = self.send_on(connection, target, request).await;
        final_answer(sent.map_err(|unanswered| unanswered.error)?)
    }

    async fn send_on(
        &self,
        connection: Kept,
        target: &Target,
        mut request: Request<Full<Bytes>>,
    ) -> Result<Response<AnswerBody>, Unanswered> {
        let stream = match connection {
            Kept::Plain(plain) => Stream::Http(plain),
            Kept::Encrypted(encrypted) => *encrypted,
            Kept::Shared(sender) => {
                *request.version_mut() = Version::HTTP_2;
                *request.uri_mut() = target.uri.clone();
                request.headers_mut().remove(HOST);
                return over_http2(sender, request).await;
            }
        };
        *request.version_mut() = Version::HTTP_11;
        *request.uri_mut() = target.origin_form();
        request.headers_mut().insert(HOST, target.host.clone());
        over_http1(stream, request, target.origin.clone(), self.kept.clone()).await
    }

    /// A new connection, over HTTP/2 if the server speaks it.
    async fn connect(&self, target: &Target) -> Result<Kept, RequestError> {
        let (uri, origin) = (target.uri.clone(), &target.origin);
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

/// Other answers below 200 come before the final one, and nobody sees them.
fn final_answer(answer: Response<AnswerBody>) -> Result<Response<AnswerBody>, RequestError> {
    if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
        return Err(RequestError::Switched);
    }
    Ok(answer)
}

/// A URL in the forms that a request needs, without a user name and a fragment.
struct Target {
    origin: Origin,
    uri: Uri,
    /// The `Host` header.
    host: HeaderValue,
}

impl Target {
    fn of(url: &Url) -> Result<Self, InvalidUri> {
        let (scheme, host) = (
            &url[..Position::AfterScheme],
            &url[Position::BeforeHost..Position::AfterPort],
        );
        let origin = [scheme, "://", host].concat();
        let path = &url[Position::BeforePath..Position::AfterQuery];
        Ok(Self {
            uri: [&origin, path].concat().parse()?,
            origin: origin.into(),
            host: HeaderValue::from_str(host).expect("the URL's parser lets nothing else through"),
        })
    }

    /// Path and query, as a request over HTTP/1 names its target.
    fn origin_form(&self) -> Uri {
        let path_and_query = self.uri.path_and_query().cloned();
        path_and_query
            .unwrap_or_else(|| PathAndQuery::from_static("/"))
            .into()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hyper_util::rt::TokioIo;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;
    use crate::fetch::AddressGuard;
    use crate::fetch::resolver::{GuardedResolver, SystemLookup};

    #[tokio::test]
    async fn a_request_of_which_nothing_was_sent_is_sent_on_a_new_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let ended = TcpStream::connect(address).await.unwrap();
        drop(listener.accept().await.unwrap());
        ended.readable().await.unwrap();
        let resolver =
            GuardedResolver::new(Arc::new(AddressGuard::default()), Arc::new(SystemLookup));
        let dialer = Dialer::new(resolver, Vec::new(), Duration::from_secs(10)).unwrap();
        let (client, url) = (HttpClient::new(dialer), format!("http://{address}/"));
        let url = url.parse().unwrap();
        let post = HttpRequest {
            method: Method::POST,
            url: &url,
            headers: HeaderMap::new(),
            body: Bytes::from_static(b"news"),
        };
        TaskTracker::new().spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            let _asked = socket.read(&mut [0; 4096]).await;
            let answer = b"HTTP/1.1 204 No Content\r\n\r\n";
            socket.write_all(answer).await.unwrap();
        });
        let kept = Some(Kept::Plain(TokioIo::new(ended)));
        let target = Target::of(&url).unwrap();
        let sent = client.send_on_kept(kept, &target, post.into()).await;
        assert_eq!(sent.unwrap().status(), StatusCode::NO_CONTENT);
    }
}
