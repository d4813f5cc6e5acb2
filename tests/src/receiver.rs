//! A server that a webhook posts to: it keeps what it was told, and can refuse it or keep it waiting.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{HeaderMap, HeaderValue, RETRY_AFTER};
use http::{Request, Response};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use serde_json::Value;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::within;

/// One post that arrived.
#[derive(Debug, Clone)]
pub struct Told {
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
    /// Status that it was answered with.
    pub status: u16,
}

/// A webhook's server. It closes when this is dropped.
pub struct Receiver {
    address: SocketAddr,
    kept: Arc<Kept>,
    _stop: DropGuard,
}

struct Kept {
    told: watch::Sender<Vec<Told>>,
    /// Statuses to answer with, one after the other; then 204.
    answers: Mutex<Vec<u16>>,
    /// Seconds after which to come back, said with every refusal.
    retry_after: Mutex<Option<u32>>,
    /// True while posts are answered.
    is_open: watch::Sender<bool>,
}

impl Told {
    /// The body as JSON.
    ///
    /// # Panics
    /// If it is no JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a post is JSON")
    }

    /// A header's text.
    ///
    /// # Panics
    /// If it is not there.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_else(|| panic!("{name} is sent"))
    }

    /// The IDs of its events.
    #[must_use]
    pub fn ids(&self) -> Vec<String> {
        let body = self.json();
        let events = body["events"].as_array().into_iter().flatten();
        events
            .filter_map(|event| event["id"].as_str().map(str::to_owned))
            .collect()
    }
}

impl Receiver {
    /// One that takes everything.
    pub async fn start() -> Self {
        Self::answering(&[]).await
    }

    /// One that answers with these statuses first.
    pub async fn answering(statuses: &[u16]) -> Self {
        Self::at(SocketAddr::from(([127, 0, 0, 1], 0)), statuses).await
    }

    /// One at an address of an earlier one.
    ///
    /// # Panics
    /// If the address is taken.
    pub async fn at(address: SocketAddr, statuses: &[u16]) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket can be made");
        socket.set_reuseaddr(true).expect("it can be told so");
        socket.bind(address).expect("the address is free");
        let listener = socket.listen(64).expect("it can listen");
        let address = listener
            .local_addr()
            .expect("a bound socket has an address");
        let kept = Arc::new(Kept {
            told: watch::Sender::default(),
            answers: Mutex::new(statuses.to_vec()),
            retry_after: Mutex::default(),
            is_open: watch::Sender::new(true),
        });
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        tasks.spawn(serve(listener, kept.clone(), tasks.clone(), stop.clone()));
        Self {
            address,
            kept,
            _stop: stop.drop_guard(),
        }
    }

    /// URL to post to.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// The address that it listens on.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers nothing from now on, or answers again.
    pub fn open(&self, is_open: bool) {
        self.kept.is_open.send_replace(is_open);
    }

    /// Says with every refusal from now on after how many seconds to come back.
    pub fn retry_after(&self, seconds: u32) {
        *self.kept.retry_after.lock() = Some(seconds);
    }

    /// Every post so far.
    #[must_use]
    pub fn told(&self) -> Vec<Told> {
        self.kept.told.borrow().clone()
    }

    /// Waits until the posts are as `enough` wants them.
    ///
    /// # Panics
    /// If they never are.
    pub async fn until(&self, what: &str, enough: impl Fn(&[Told]) -> bool) -> Vec<Told> {
        let mut told = self.kept.told.subscribe();
        let waited = within(what, told.wait_for(|told| enough(told))).await;
        waited
            .expect("the log lives as long as the receiver")
            .clone()
    }
}

async fn serve(
    listener: TcpListener,
    kept: Arc<Kept>,
    tasks: TaskTracker,
    stop: CancellationToken,
) {
    while let Some(Ok((socket, _))) = stop.run_until_cancelled(listener.accept()).await {
        let (kept, stop) = (kept.clone(), stop.clone());
        tasks.spawn(async move {
            let service = service_fn(move |request| answer(kept.clone(), request));
            let connection = http1::Builder::new().serve_connection(TokioIo::new(socket), service);
            // That the worker leaves is no fault.
            let _ended = stop.run_until_cancelled(connection).await;
        });
    }
}

async fn answer(
    kept: Arc<Kept>,
    request: Request<Incoming>,
) -> Result<Response<Empty<Bytes>>, Infallible> {
    let headers = request.headers().clone();
    let body = request.into_body().collect().await;
    let body = body
        .map(http_body_util::Collected::to_bytes)
        .unwrap_or_default();
    let status = {
        let mut answers = kept.answers.lock();
        if answers.is_empty() {
            204
        } else {
            answers.remove(0)
        }
    };
    let told = Told {
        headers,
        body,
        status,
    };
    kept.told.send_modify(|all| all.push(told));
    let mut is_open = kept.is_open.subscribe();
    // The gate lives as long as the receiver.
    drop(is_open.wait_for(|is_open| *is_open).await);
    let mut response = Response::new(Empty::new());
    *response.status_mut() = http::StatusCode::from_u16(status).expect("a status has three digits");
    let retry_after = *kept.retry_after.lock();
    if let Some(seconds) = retry_after.filter(|_| status >= 400) {
        let seconds = HeaderValue::from(seconds);
        response.headers_mut().insert(RETRY_AFTER, seconds);
    }
    Ok(response)
}
