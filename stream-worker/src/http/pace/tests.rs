//! A turned clock over real requests and answers.

use std::convert::Infallible;
use std::future::{pending, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::{Request, Response};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use shared::numbers::{HEAD_TIMEOUT, IDLE_TIMEOUT, PROXY_IDLE_TIMEOUT, STALL};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::{Instant, sleep};

use super::progress::Late;
use super::{Pace, PaceConfig, PaceTimer, Paced, PacedBody};
use crate::connection::STALL_WHILE_STOPPING;
use crate::http::answer::{Body, whole};

/// Bytes that the pipe between client and server holds.
const PIPE: usize = 1024;

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";

/// An answer without an end.
fn endless() -> Body {
    let frame = || Ok(Frame::data(Bytes::from_static(&[b'x'; PIPE])));
    StreamBody::new(stream::repeat_with(frame)).boxed_unsync()
}

/// Serves `body` to every request until the connection ends; answers which limit ended it, and after what time.
async fn serve(
    socket: DuplexStream,
    body: fn() -> Body,
    pace: Arc<Pace>,
) -> (Option<Late>, Duration) {
    let began = Instant::now();
    let service = service_fn(|_request: Request<Incoming>| {
        let body = PacedBody::new(body(), pace.answering());
        async move { Ok::<_, Infallible>(Response::new(body)) }
    });
    let io = TokioIo::new(Paced::new(socket, pace.clone()));
    let mut connection = http1::Builder::new().serve_connection(io, service);
    let mut timer = PaceTimer::new(pace.clone());
    let late = poll_fn(|cx| match Pin::new(&mut connection).poll(cx) {
        Poll::Ready(_ended) => Poll::Ready(None),
        Poll::Pending => timer.poll(cx).map(Some),
    })
    .await;
    (late, began.elapsed())
}

fn pace() -> Arc<Pace> {
    Pace::new(PaceConfig {
        idle: IDLE_TIMEOUT,
        head: HEAD_TIMEOUT,
        stall: STALL,
    })
}

/// Asks once and reads the whole of a short answer.
async fn ask(client: &mut DuplexStream) {
    client.write_all(REQUEST).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"ok\n") {
        assert!(client.read_buf(&mut answer).await.unwrap() > 0, "answered");
    }
}

fn ok() -> Body {
    whole(Bytes::from_static(b"ok\n"))
}

#[tokio::test(start_paused = true)]
async fn a_connection_may_idle_for_longer_than_a_balancer_keeps_it() {
    let (mut client, server) = duplex(PIPE);
    let client = async {
        for _ in 0..3 {
            ask(&mut client).await;
            sleep(PROXY_IDLE_TIMEOUT).await;
        }
        ask(&mut client).await;
        pending::<()>().await;
    };

    let (late, after) = tokio::select! {
        served = serve(server, ok, pace()) => served,
        () = client => unreachable!("it waits"),
    };

    assert_eq!(late, Some(Late::Idle));
    assert_eq!(
        after.as_secs(),
        (PROXY_IDLE_TIMEOUT * 3 + IDLE_TIMEOUT).as_secs()
    );
}

#[tokio::test(start_paused = true)]
async fn a_head_that_has_begun_must_end_soon_also_after_a_first_request() {
    let (mut client, server) = duplex(PIPE);
    let client = async {
        ask(&mut client).await;
        sleep(Duration::from_secs(30)).await;
        for byte in REQUEST {
            client.write_all(&[*byte]).await.unwrap();
            sleep(Duration::from_secs(1)).await;
        }
        pending::<()>().await;
    };

    let (late, after) = tokio::select! {
        served = serve(server, ok, pace()) => served,
        () = client => unreachable!("it waits"),
    };

    assert_eq!(late, Some(Late::Head));
    assert_eq!(after.as_secs(), 30 + HEAD_TIMEOUT.as_secs());
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_nobody_reads_is_broken_off() {
    let (mut client, server) = duplex(PIPE);
    client.write_all(REQUEST).await.unwrap();

    let (late, after) = serve(server, endless, pace()).await;

    assert_eq!(late, Some(Late::Stalled));
    assert_eq!(after.as_secs(), STALL.as_secs());
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_nobody_reads_does_not_hold_up_a_stop() {
    let (mut client, server) = duplex(PIPE);
    client.write_all(REQUEST).await.unwrap();
    let pace = pace();
    pace.stopping();

    let (late, after) = serve(server, endless, pace).await;

    assert_eq!(late, Some(Late::Stalled));
    assert_eq!(after.as_secs(), STALL_WHILE_STOPPING.as_secs());
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_read_slowly_goes_on() {
    let (mut client, server) = duplex(PIPE);
    client.write_all(REQUEST).await.unwrap();
    let client = async move {
        for _ in 0..30 {
            sleep(STALL / 2).await;
            client.read_exact(&mut [0; PIPE]).await.unwrap();
        }
    };

    tokio::select! {
        served = serve(server, endless, pace()) => panic!("broken off: {served:?}"),
        () = client => {}
    }
}
