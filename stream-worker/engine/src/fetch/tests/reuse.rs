use futures_util::future::join_all;
use rstest::rstest;

use super::*;
use crate::fetch::kept::MOST_OF_A_SERVER;

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
    let server = serve(vec![twice; MOST_OF_A_SERVER]).await;
    let fetcher = fetcher(on_loopback());
    let requests = || (0..MOST_OF_A_SERVER).map(|_| fetcher.fetch(request(&server.url(), LONG)));
    // None has been read when the last one arrives: each has a connection of its own.
    for answer in join_all(requests()).await {
        assert_eq!(body(&mut answer.unwrap()).await.unwrap(), b"first");
    }
    for answer in join_all(requests()).await {
        assert_eq!(body(&mut answer.unwrap()).await.unwrap(), b"second");
    }
}

/// The first connection stays open, and answers nothing more.
#[rstest]
#[case::told_to_close("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nfirst")]
#[case::http_1_0("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nfirst")]
#[case::another_answer_behind_it(
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirstHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"
)]
#[tokio::test]
async fn a_connection_that_must_not_go_on_is_not_used_again(#[case] answer: &str) {
    let first = vec![Act::Read, Act::Write(answer.into()), Act::KeepSilent];
    let server = serve(vec![first, vec![Act::Read, page(b"second")]]).await;
    let fetcher = fetcher(on_loopback());
    for expected in [&b"first"[..], b"second"] {
        let (_, body) = whole(&fetcher, &server.url(), LONG).await.unwrap();
        assert_eq!(body, expected);
    }
}

#[tokio::test]
async fn the_rest_of_an_answer_that_nobody_reads_is_not_the_next_answer() {
    let half = with_head("A: b", &[b'x'; 100_000]);
    let first = vec![Act::Read, Act::Write(half), Act::KeepSilent];
    let server = serve(vec![first, vec![Act::Read, page(b"second")]]).await;
    let fetcher = fetcher(on_loopback());
    let given_up = fetcher.fetch(request(&server.url(), LONG)).await.unwrap();
    drop(given_up);
    let (_, body) = whole(&fetcher, &server.url(), LONG).await.unwrap();
    assert_eq!(body, b"second");
}

#[rstest]
#[case::not_modified("HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n")]
#[case::redirect("HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 5\r\n\r\nmoved")]
#[case::not_found(
    "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngone\r\n0\r\n\r\n"
)]
#[case::with_trailers(
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhere\r\n0\r\nA: b\r\n\r\n"
)]
#[tokio::test]
async fn a_connection_goes_on_behind_a_short_answer_that_nobody_reads(#[case] answer: &str) {
    let acts = [
        Act::Read,
        Act::Write(answer.into()),
        Act::Read,
        page(b"second"),
    ];
    let server = serve(vec![acts.to_vec()]).await;
    let fetcher = fetcher(on_loopback());
    drop(fetcher.fetch(request(&server.url(), LONG)).await.unwrap());
    let (_, body) = whole(&fetcher, &server.url(), LONG).await.unwrap();
    assert_eq!(body, b"second");
}

#[tokio::test]
async fn a_post_is_sent_on_the_connection_of_the_one_before() {
    let twice = vec![Act::Read, page(b"thanks"), Act::Read, page(b"thanks")];
    let server = serve(vec![twice]).await;
    let fetcher = fetcher(on_loopback());
    for _ in 0..2 {
        let post = Post {
            url: server.url(),
            headers: http::HeaderMap::new(),
            body: Bytes::from_static(b"news"),
            timeout: LONG,
        };
        assert_eq!(fetcher.post(post).await.unwrap().status, 200);
    }
}
