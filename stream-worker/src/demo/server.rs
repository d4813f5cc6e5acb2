//! The site on a socket.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::page::DemoPage;
use super::site;

/// Connections at the same time at most.
const MAX_CONNECTIONS: usize = 256;
/// Time that a client may keep silent between requests.
const IDLE: Duration = Duration::from_secs(30);

type Body = UnsyncBoxBody<Bytes, io::Error>;

/// The demo site, bound.
pub(crate) struct DemoSite {
    listener: TcpListener,
    address: SocketAddr,
}

struct Visit {
    host: SocketAddr,
    /// Requests to the busy page: every other one is sent away.
    busy: AtomicU32,
}

impl DemoSite {
    /// Binds the site; it answers once it [`run`](Self::run)s.
    ///
    /// # Errors
    /// The system's, when the address is taken.
    pub(crate) async fn bind(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// The address that it listens on.
    #[must_use]
    pub(crate) const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `stop`; then ends every connection.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let visit = Arc::new(Visit {
            host: self.address,
            busy: AtomicU32::new(0),
        });
        let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        let connections = TaskTracker::new();
        while let Some(Ok(place)) = stop
            .run_until_cancelled(places.clone().acquire_owned())
            .await
        {
            match stop.run_until_cancelled(self.listener.accept()).await {
                Some(Ok((socket, _))) => {
                    let (visit, stop) = (visit.clone(), stop.clone());
                    connections.spawn(async move {
                        stop.run_until_cancelled(serve(socket, visit)).await;
                        drop(place);
                    });
                }
                Some(Err(error)) => {
                    tracing::warn!(%error, "the demo site could not accept a connection")
                }
                None => break,
            }
        }
        connections.close();
        connections.wait().await;
    }
}

async fn serve(socket: TcpStream, visit: Arc<Visit>) {
    let service = service_fn(|request| {
        let visit = visit.clone();
        async move { Ok::<_, Infallible>(answer(&visit, &request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE)
        .serve_connection(TokioIo::new(socket), service);
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a visit to the demo site ended badly");
    }
}

async fn answer(visit: &Visit, request: &Request<Incoming>) -> Response<Body> {
    let (path, query) = (
        request.uri().path(),
        request.uri().query().unwrap_or_default(),
    );
    let mut page = site::page(visit.host, path, query);
    if path == "/oddities/busy" && visit.busy.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) {
        page = page.status(503).header("retry-after", "1");
    }
    tokio::time::sleep(page.delay).await;
    response(page)
}

fn response(page: DemoPage) -> Response<Body> {
    let cut = page.headers.iter().any(|(name, _)| *name == "x-demo-cut");
    let mut response = Response::new(if cut {
        half(&page.body)
    } else {
        Full::new(page.body)
            .map_err(|never| match never {})
            .boxed_unsync()
    });
    *response.status_mut() = StatusCode::from_u16(page.status).unwrap_or_default();
    for (name, value) in page.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// The first half of a body, and then the connection breaks off.
fn half(body: &Bytes) -> Body {
    let half = body.slice(..body.len() / 2);
    let pieces = [Ok(Frame::data(half)), Err(io::ErrorKind::BrokenPipe.into())];
    StreamBody::new(stream::iter(pieces)).boxed_unsync()
}
