//! One client: its requests, until it leaves or its socket becomes a watcher's.

use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt;
use http::header::{CONNECTION, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Version};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use shared::answer::let_origins_read;
use tokio::net::TcpStream;
use tokio_util::task::TaskTracker;

use super::HttpState;
use super::answer::{Answer, Body, empty};
use super::endpoints::events::{stream_headers, stream_response};
use super::h2_stream::{StreamTasks, TimedBody};
use super::handover::{Content, Grant, Handover};
use super::pace::{Pace, PaceTimer, Paced, PacedBody};
use super::place::Place;
use super::protocol::{Protocol, detect};
use super::router::Router;
use crate::connection::{Delimiter, body, socket};

/// Bytes that the HTTP server buffers for one connection at most, in each direction.
const MAX_BUFFER: usize = 64 * 1024;
/// Headers of one request at most.
const MAX_HEADERS: usize = 100;
/// Streams of one HTTP/2 connection at most: a proxy may carry many watchers over one.
const MAX_STREAMS: u32 = 1000;
/// Silence on an HTTP/2 connection after which it is pinged, and the time that it has for the answer.
const PING: Duration = Duration::from_secs(20);
/// Bytes that the kernel keeps for a watcher that does not read. Without a bound they grow to megabytes for each.
const SEND_BUFFER: usize = 128 * 1024;
/// Time after which the kernel gives up on a peer that acknowledges nothing.
const USER_TIMEOUT: Duration = Duration::from_secs(60);

/// One client, from its first byte to its last.
pub(super) struct Peer {
    /// Given back with the last byte.
    pub(super) place: Place,
}

impl Peer {
    pub(super) async fn run(self, socket: TcpStream) {
        if socket.set_nodelay(true).is_err() {
            return;
        }
        let protocol = self
            .place
            .context()
            .stop
            .run_until_cancelled(detect(&socket))
            .await;
        match protocol {
            Some(Ok(Protocol::Http1)) => self.serve_http1(socket).await,
            // Boxed: the connection's state is large, and this task may live long.
            Some(Ok(Protocol::Http2)) => log_end(&Box::pin(self.http2(socket)).await),
            Some(Err(_)) | None => {}
        }
    }

    /// Serves HTTP/1.1 until the client leaves or its socket becomes a watcher's. A stream that has ended cleanly comes back
    /// here: its client may ask again.
    fn serve_http1(self, socket: TcpStream) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async move { log_end(&self.http1(socket).await) })
    }

    async fn http1(self, socket: TcpStream) -> hyper::Result<()> {
        let context = Arc::clone(self.place.context());
        let handover = Arc::new(Handover::default());
        let pace = Pace::new(context.pace);
        let mut timer = PaceTimer::new(pace.clone());
        let service = service_fn(|mut request| {
            let (router, handover) = (context.router.clone(), handover.clone());
            let answering = pace.answering();
            let_doctor_see(&pace, &mut request);
            Box::pin(async move {
                let response = answer_or_hand_over(&router, request, &handover).await;
                Ok::<_, Infallible>(response.map(|body| PacedBody::new(body, answering)))
            })
        });
        let mut connection = http1::Builder::new()
            // A client that has asked may close its side and still read.
            .half_close(true)
            // The pace has a time for each phase; this one would count idling as well.
            .header_read_timeout(None)
            .max_buf_size(MAX_BUFFER)
            .max_headers(MAX_HEADERS)
            .serve_connection(TokioIo::new(Paced::new(socket, pace.clone())), service);
        let mut stopping = pin!(context.stop.cancelled());
        let mut asked = false;
        let grant = loop {
            // All arms are cancel-safe: the connection and the grant keep their state.
            tokio::select! {
                ended = drive(&mut connection, &mut timer) => return ended,
                grant = handover.taken() => break grant,
                () = &mut stopping, if !asked => {
                    asked = true;
                    pace.stopping();
                    Pin::new(&mut connection).graceful_shutdown();
                }
            }
        };
        let parts = connection.into_parts();
        let socket = parts.io.into_inner().into_inner();
        if let Err(error) = bound_kernel_buffers(&socket) {
            tracing::debug!(%error, "could not bound a watcher's socket");
        }
        self.hand_over(socket, parts.read_buf, grant);
        Ok(())
    }

    async fn http2(self, socket: TcpStream) -> hyper::Result<()> {
        let context = self.place.context();
        let (router, tasks) = (context.router.clone(), context.tasks.clone());
        let service = service_fn(move |request| {
            let (router, tasks) = (router.clone(), tasks.clone());
            async move {
                let response = answer_with_body(&router, request, &tasks).await;
                Ok::<_, Infallible>(response.map(TimedBody::new))
            }
        });
        let stall = context.pace.stall;
        let executor = StreamTasks {
            tasks: context.tasks.clone(),
            stall,
            stop: context.stop.clone(),
        };
        let pace = Pace::of_stream(stall);
        let mut timer = PaceTimer::new(pace.clone());
        let connection = http2::Builder::new(executor)
            .timer(TokioTimer::new())
            .max_concurrent_streams(MAX_STREAMS)
            .max_send_buf_size(MAX_BUFFER)
            .max_header_list_size(16 * 1024)
            .keep_alive_interval(PING)
            .keep_alive_timeout(PING)
            .serve_connection(TokioIo::new(Paced::new(socket, pace.clone())), service);
        let mut connection = pin!(connection);
        let mut stopping = pin!(context.stop.cancelled());
        let mut asked = false;
        loop {
            // Both arms are cancel-safe: the connection keeps its state.
            tokio::select! {
                ended = drive(&mut connection, &mut timer) => return ended,
                () = &mut stopping, if !asked => {
                    asked = true;
                    pace.stopping();
                    connection.as_mut().graceful_shutdown();
                }
            }
        }
    }

    /// Gives the socket to a task of its own: what the HTTP server needed is freed when the caller's ends. `early` is what the
    /// client has sent behind its request.
    fn hand_over(self, socket: TcpStream, early: Bytes, grant: Grant) {
        let place = self.place;
        let context = Arc::clone(place.context());
        let tasks = &context.tasks;
        let (head, delimiter, content) = match grant {
            Grant::Stream {
                head,
                delimiter,
                content,
            } => (head, delimiter, content),
            Grant::WebSocket(watch) => {
                tasks.spawn(watch.run(socket, early, place));
                return;
            }
        };
        match content {
            Content::Events(welcome) => {
                let stream = socket::run(socket, &head, delimiter, *welcome, place);
                // Not an `async` block, which would keep the stream twice for as long as it lasts.
                tasks.spawn(stream.map(|left| {
                    if let Some((socket, place)) = left {
                        let context = Arc::clone(place.context());
                        context.tasks.spawn(Self { place }.serve_http1(socket));
                    }
                }));
            }
            Content::Bye(bye) => {
                let stall = context.pace.stall;
                tasks.spawn(socket::turn_away(
                    socket, head, delimiter, bye, stall, place,
                ));
            }
        }
    }
}

fn log_end(ended: &hyper::Result<()>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended badly");
    }
}

/// Gives a probe the connection that it came on: for how long it has idled is what the doctor may ask.
fn let_doctor_see(pace: &Arc<Pace>, request: &mut Request<Incoming>) {
    if request.uri().path().starts_with("/v1/doctor/") {
        request.extensions_mut().insert(pace.clone());
    }
}

/// Polls a connection until it ends, or its client takes too long.
///
/// # Cancel safety
/// Cancel-safe: the connection and the timer keep their state.
async fn drive(
    connection: &mut (impl Future<Output = hyper::Result<()>> + Unpin),
    timer: &mut PaceTimer,
) -> hyper::Result<()> {
    poll_fn(|cx| match Pin::new(&mut *connection).poll(cx) {
        Poll::Ready(ended) => Poll::Ready(ended),
        Poll::Pending => timer.poll(cx).map(|late| {
            tracing::debug!(?late, "closed a connection whose client took too long");
            Ok(())
        }),
    })
    .await
}

async fn answer_or_hand_over(
    router: &Router,
    request: Request<Incoming>,
    handover: &Handover,
) -> Response<Body> {
    let headers = request.headers().clone();
    // HTTP/1.0 knows no chunks (RFC 9112, section 6.1).
    let delimiter = match request.version() {
        Version::HTTP_09 | Version::HTTP_10 => Delimiter::Close,
        _ => Delimiter::LastChunk,
    };
    let stream = |content| Grant::Stream {
        head: head_of_stream(router.state(), &headers, delimiter),
        delimiter,
        content,
    };
    handover.grant(match router.answer(request).await {
        Answer::Response(response) => return response,
        Answer::Stream(welcome) => stream(Content::Events(welcome)),
        Answer::Bye(bye) => stream(Content::Bye(bye)),
        Answer::WebSocket(watch) => Grant::WebSocket(watch),
    });
    // The connection is taken apart now; no answer comes from here.
    std::future::pending().await
}

async fn answer_with_body(
    router: &Router,
    request: Request<Incoming>,
    tasks: &TaskTracker,
) -> Response<Body> {
    let headers = request.headers().clone();
    let state = router.state();
    let body = match router.answer(request).await {
        Answer::Response(response) => return response,
        Answer::Stream(welcome) => {
            let (body, fill) = body::split(*welcome);
            tasks.spawn(fill);
            body.boxed_unsync()
        }
        Answer::Bye(bye) => body::bye(bye, state.connection.stall).boxed_unsync(),
        // Never: whoever asks over HTTP/2 is not granted one.
        Answer::WebSocket(_) => return empty(StatusCode::BAD_REQUEST),
    };
    let mut response = stream_response(body);
    let_origins_read(&state.cors, &headers, response.headers_mut());
    response
}

/// The head of a stream as bytes, for a socket that has left the HTTP server.
fn head_of_stream(state: &HttpState, request: &HeaderMap, delimiter: Delimiter) -> Bytes {
    let mut headers = stream_headers();
    match delimiter {
        // Without `Connection: close`: popular clients take a cut for the end of a body whose head announces a close.
        Delimiter::LastChunk => {
            headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"))
        }
        Delimiter::Close => headers.insert(CONNECTION, HeaderValue::from_static("close")),
    };
    let_origins_read(&state.cors, request, &mut headers);
    let mut head = BytesMut::from(&b"HTTP/1.1 200 OK\r\n"[..]);
    for (name, value) in &headers {
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    head.freeze()
}

fn bound_kernel_buffers(socket: &TcpStream) -> io::Result<()> {
    let socket = socket2::SockRef::from(socket);
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.set_tcp_user_timeout(Some(USER_TIMEOUT))
}
