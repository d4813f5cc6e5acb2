use futures_util::future::join_all;
use rstest::rstest;
use tokio::task::yield_now;

use super::*;
use crate::fetch::http_fetcher::IDLE_CONNECTIONS;

fn page(body: &[u8]) -> Act {
    Act::Write(with_head("A: b", body))
}

/// The second request on the first connection is read, and then the server is gone.
#[rstest]
#[case::closed(vec![Act::Read, page(b"first"), Act::Read])]
#[case::reset(vec![Act::Read, page(b"first"), Act::Read, Act::Reset])]
#[tokio::test]
async fn a_request_on_a_connection_that_just_ended_is_made_again(#[case] first: Vec<Act>) {
    let server = serve(vec![first, vec![Act::Read, page(b"second")]]).await;
    let fetcher = fetcher(on_loopback());
    assert_eq!(
        whole(&fetcher, &server.url(), LONG).await.unwrap().1,
        b"first"
    );
    assert_eq!(
        whole(&fetcher, &server.url(), LONG).await.unwrap().1,
        b"second"
    );
}

#[tokio::test]
async fn it_is_made_again_once() {
    let server = serve(vec![
        vec![Act::Read],
        vec![Act::Read],
        vec![Act::Read, page(b"the third connection")],
    ])
    .await;
    let failed = whole(&fetcher(on_loopback()), &server.url(), LONG).await;
    assert_eq!(code(&failed.err().unwrap()), ErrorCode::Truncated);
}

#[tokio::test]
async fn a_server_that_resets_at_once_is_told_so() {
    let reset = vec![Act::Read, Act::Reset];
    let server = serve(vec![reset.clone(), reset]).await;
    let failed = whole(&fetcher(on_loopback()), &server.url(), LONG).await;
    assert_eq!(code(&failed.err().unwrap()), ErrorCode::Reset);
}

#[tokio::test]
async fn as_many_connections_are_kept_as_a_crawl_uses_at_once() {
    let twice = vec![Act::Read, page(b"first"), Act::Read, page(b"second")];
    let server = serve(vec![twice; IDLE_CONNECTIONS]).await;
    let fetcher = fetcher(on_loopback());
    let requests = || (0..IDLE_CONNECTIONS).map(|_| fetcher.fetch(request(&server.url(), LONG)));
    // None has been read when the last one arrives: each has a connection of its own.
    for answer in join_all(requests()).await {
        assert_eq!(body(&mut answer.unwrap()).await.unwrap(), b"first");
    }
    // Each connection has a task of its own that puts it by.
    for _ in 0..100 {
        yield_now().await;
    }
    for answer in join_all(requests()).await {
        assert_eq!(body(&mut answer.unwrap()).await.unwrap(), b"second");
    }
}
