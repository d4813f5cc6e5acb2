//! One request and its answer on a connection.
//!
//! Over HTTP/1 whoever waits for the answer also moves the connection on: there is no task to wake. At the end of the answer the
//! connection is kept for the next request, if both sides let it go on.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_util::Stream as Chunks;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use hyper::client::conn::{http1, http2};

use super::dialer::Stream;
use super::kept::{KeptConnections, Origin};

/// The body of an answer, in pieces as they come. Dropping it before its end gives the request up.
pub(super) struct AnswerBody {
    incoming: Incoming,
    /// The connection, over HTTP/1 and until the body's end.
    connection: Option<Box<Connection>>,
}

/// A connection over HTTP/1 with a request on it.
struct Connection {
    io: http1::Connection<Stream, Full<Bytes>>,
    sender: http1::SendRequest<Full<Bytes>>,
    /// True once nothing can be read or written any more.
    is_over: bool,
    origin: Origin,
    kept: Arc<KeptConnections>,
}

/// Sends a request with an origin-form URL and a `Host` header on a connection to `origin`; waits for the head of the answer.
///
/// # Errors
/// Those of the connection, and of an answer that is not HTTP.
pub(super) async fn over_http1(
    stream: Stream,
    request: Request<Full<Bytes>>,
    origin: Origin,
    kept: Arc<KeptConnections>,
) -> hyper::Result<Response<AnswerBody>> {
    // As browsers do: the line that is wrong is left out, not the page. What could smuggle an answer (two lengths, a NUL, a length
    // beside a transfer coding) is refused all the same.
    let (mut sender, io) = http1::Builder::new()
        .ignore_invalid_headers_in_responses(true)
        .allow_spaces_after_header_name_in_responses(true)
        .allow_obsolete_multiline_headers_in_responses(true)
        .handshake(stream)
        .await?;
    let mut answered = pin!(sender.send_request(request));
    let mut connection = Box::new(Connection {
        io,
        is_over: false,
        sender,
        origin,
        kept,
    });
    let answer = poll_fn(|cx| {
        connection.move_on(cx);
        answered.as_mut().poll(cx)
    });
    let answer = answer.await?;
    Ok(answer.map(|incoming| AnswerBody {
        incoming,
        connection: Some(connection),
    }))
}

/// Sends a request with an absolute URL on a shared connection; waits for the head of the answer.
///
/// # Errors
/// Those of the connection or of the request's stream on it.
pub(super) async fn over_http2(
    mut sender: http2::SendRequest<Full<Bytes>>,
    request: Request<Full<Bytes>>,
) -> hyper::Result<Response<AnswerBody>> {
    sender.ready().await?;
    let answer = sender.send_request(request).await?;
    Ok(answer.map(|incoming| AnswerBody {
        incoming,
        connection: None,
    }))
}

impl Connection {
    /// Reads and writes what can be.
    fn move_on(&mut self, cx: &mut Context<'_>) {
        if !self.is_over {
            // Its error is the answer's, or its body's.
            self.is_over = self.io.poll_without_shutdown(cx).is_ready();
        }
    }

    /// Keeps the connection after the end of an answer, unless it must be closed or the server has sent more.
    fn put_by(mut self, cx: &mut Context<'_>) {
        self.move_on(cx);
        if self.is_over || !matches!(self.sender.poll_ready(cx), Poll::Ready(Ok(()))) {
            return;
        }
        let parts = self.io.into_parts();
        if parts.read_buf.is_empty() {
            self.kept.keep(self.origin, parts.io.into());
        }
    }
}

impl AnswerBody {
    fn poll_incoming(&mut self, cx: &mut Context<'_>) -> Poll<Option<hyper::Result<Bytes>>> {
        while let Some(frame) = ready!(Pin::new(&mut self.incoming).poll_frame(cx)?) {
            // Trailers say nothing that a crawl would ask for.
            if let Ok(chunk) = frame.into_data() {
                return Poll::Ready(Some(Ok(chunk)));
            }
        }
        Poll::Ready(None)
    }
}

impl Chunks for AnswerBody {
    type Item = hyper::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let body = &mut *self;
        let mut next = body.poll_incoming(cx);
        if next.is_pending()
            && let Some(connection) = &mut body.connection
        {
            connection.move_on(cx);
            next = body.poll_incoming(cx);
        }
        if let Poll::Ready(None) = next
            && let Some(connection) = body.connection.take()
        {
            connection.put_by(cx);
        }
        next
    }
}
