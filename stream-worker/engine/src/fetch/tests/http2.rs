use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use h2::Reason;
use h2::server::{self, SendResponse};
use http::Response;
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use tokio_util::task::TaskTracker;

use super::tls::Tls;
use super::*;

/// The treatment of a request by the server.
#[derive(Clone, Copy)]
enum Treats {
    /// Answers it.
    Well,
    /// Resets its stream at once.
    WithReset,
    /// Answers half of it and resets.
    WithHalf,
    /// Says that it will take no further requests, this one included.
    WithGoAway,
}

async fn speak(stream: TlsStream<TcpStream>, treats: Treats) {
    let Ok(mut connection) = server::handshake(stream).await else {
        return;
    };
    while let Some(Ok((_request, respond))) = connection.accept().await {
        match treats {
            Treats::Well => answer(respond, true),
            Treats::WithReset => {
                let mut respond = respond;
                respond.send_reset(Reason::INTERNAL_ERROR);
            }
            Treats::WithHalf => answer(respond, false),
            Treats::WithGoAway => {
                connection.abrupt_shutdown(Reason::ENHANCE_YOUR_CALM);
            }
        }
    }
}

fn answer(mut respond: SendResponse<Bytes>, is_whole: bool) {
    let head = Response::builder().header("a", "b").body(()).unwrap();
    let mut body = respond.send_response(head, false).unwrap();
    body.send_data(Bytes::from_static(b"hello"), is_whole)
        .unwrap();
    if !is_whole {
        body.send_reset(Reason::INTERNAL_ERROR);
    }
}

/// Fetches a page over HTTP/2 from a server that treats the requests on each connection so, and the last one from then on.
async fn fetched(treatments: &'static [Treats]) -> (Result<Vec<u8>, FetchError>, usize) {
    let (mut fetched, connections) = fetched_times(1, treatments).await;
    (fetched.remove(0), connections)
}

/// Fetches a page so many times; also answers how many connections that took.
async fn fetched_times(
    times: usize,
    treatments: &'static [Treats],
) -> (Vec<Result<Vec<u8>, FetchError>>, usize) {
    let tls = Tls::new("localhost", 2099, &[b"h2"]);
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = connections.clone();
    let url = tls
        .serve(&TaskTracker::new(), move |stream| {
            let number = counted.fetch_add(1, Ordering::SeqCst);
            speak(stream, treatments[number.min(treatments.len() - 1)])
        })
        .await;
    let mut config = on_loopback();
    config.roots.push(tls.authority.clone());
    let (fetcher, mut fetched) = (fetcher(config), Vec::new());
    for _ in 0..times {
        let page = whole(&fetcher, &url, LONG).await;
        fetched.push(page.map(|(_, body)| body));
    }
    (fetched, connections.load(Ordering::SeqCst))
}

#[tokio::test]
async fn a_page_arrives_over_http_2() {
    assert_eq!(fetched(&[Treats::Well]).await.0.unwrap(), b"hello");
}

#[tokio::test]
async fn later_pages_share_the_connection_of_the_first() {
    let (pages, connections) = fetched_times(3, &[Treats::Well]).await;
    assert!(pages.iter().all(Result::is_ok));
    assert_eq!(connections, 1);
}

#[tokio::test]
async fn a_stream_that_is_reset_is_a_failure_of_its_own() {
    for treats in [&[Treats::WithReset], &[Treats::WithHalf]] {
        let (fetched, _) = fetched(treats).await;
        assert_eq!(code(&fetched.err().unwrap()), ErrorCode::Reset);
    }
}

#[tokio::test]
async fn a_server_that_goes_away_is_asked_again_on_a_new_connection() {
    let (fetched, connections) = fetched(&[Treats::WithGoAway, Treats::Well]).await;
    assert_eq!(
        (fetched.unwrap().as_slice(), connections),
        (&b"hello"[..], 2)
    );
}

#[tokio::test]
async fn a_server_that_goes_away_each_time_is_given_up() {
    let (fetched, connections) = fetched(&[Treats::WithGoAway]).await;
    assert_eq!(code(&fetched.err().unwrap()), ErrorCode::Reset);
    assert!(connections <= 4, "{connections} connections for one page");
}
