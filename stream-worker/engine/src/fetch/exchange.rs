//! One request and its answer on a connection.
//!
//! Over HTTP/1 whoever waits for the answer also moves the connection on: there is no task to wake. At the end of the answer the
//! connection is kept for the next request, if both sides let it go on.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use bytes::Bytes;
use futures_util::Stream as Chunks;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use hyper::client::conn::{TrySendError, http1, http2};
use tokio::runtime::Handle;

use super::dialer::Stream;
use super::kept::{KeptConnections, Origin};

/// Bytes that a connection reads at once at most, which is also the longest head. hyper's own bound is 400 KB, and on a fast network
/// the buffers of large pages grow to it.
const READ_BUFFER: usize = 64 * 1024;

/// Pieces of a body that are passed over for the sake of its connection, at most.
const LEFT_OVER: usize = 3;

/// The body of an answer, in pieces as they come. Dropping it gives the request up, unless the rest is here already.
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

/// A request without an answer.
pub(super) struct Unanswered {
    pub(super) error: hyper::Error,
    /// The request, if nothing of it was sent.
    pub(super) unsent: Option<Box<Request<Full<Bytes>>>>,
}

impl From<TrySendError<Request<Full<Bytes>>>> for Unanswered {
    fn from(mut error: TrySendError<Request<Full<Bytes>>>) -> Self {
        Self {
            unsent: error.take_message().map(Box::new),
            error: error.into_error(),
        }
    }
}

impl From<hyper::Error> for Unanswered {
    fn from(error: hyper::Error) -> Self {
        Self {
            error,
            unsent: None,
        }
    }
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
) -> Result<Response<AnswerBody>, Unanswered> {
    // As browsers do: the line that is wrong is left out, not the page. An answer with two lengths or with a NUL in its head is
    // refused all the same.
    let (mut sender, io) = http1::Builder::new()
        .ignore_invalid_headers_in_responses(true)
        .allow_spaces_after_header_name_in_responses(true)
        .allow_obsolete_multiline_headers_in_responses(true)
        .max_buf_size(READ_BUFFER)
        .handshake(stream)
        .await?;
    let mut answered = pin!(sender.try_send_request(request));
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
) -> Result<Response<AnswerBody>, Unanswered> {
    if let Err(error) = sender.ready().await {
        let unsent = Some(Box::new(request));
        return Err(Unanswered { error, unsent });
    }
    let answer = sender.try_send_request(request).await?;
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
        match next {
            Poll::Ready(None) => {
                if let Some(connection) = body.connection.take() {
                    connection.put_by(cx);
                }
            }
            Poll::Ready(Some(Err(_))) => body.connection = None,
            Poll::Ready(Some(Ok(_))) | Poll::Pending => {}
        }
        next
    }
}

impl Drop for AnswerBody {
    /// Nobody reads redirects and errors to their end, and a decoder knows its own: what is left may have come already.
    fn drop(&mut self) {
        if Handle::try_current().is_err() {
            return;
        }
        let mut cx = Context::from_waker(Waker::noop());
        for _ in 0..LEFT_OVER {
            if self.connection.is_none() || Pin::new(&mut *self).poll_next(&mut cx).is_pending() {
                return;
            }
        }
    }
}
