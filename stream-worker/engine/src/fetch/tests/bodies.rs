use super::*;
use rstest::rstest;

#[tokio::test]
async fn a_page_arrives_with_its_head() {
    let acts = vec![
        Act::Read,
        Act::Write(with_head("Content-Type: text/html", b"<p>hello")),
    ];
    let (answer, body) = fetch(acts, LONG).await.unwrap();
    assert_eq!((answer.status, body.as_slice()), (200, &b"<p>hello"[..]));
    assert_eq!(answer.headers["content-type"], "text/html");
}

#[rstest]
#[case::close_before_the_length("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this")]
#[case::a_chunk_cut_short("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel")]
#[case::no_last_chunk("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")]
#[tokio::test]
async fn a_body_that_ends_early_is_truncated(#[case] answer: &str) {
    assert_eq!(failure_of(answer).await, ErrorCode::Truncated);
}

#[rstest]
#[case::no_number("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nhello\r\n0\r\n\r\n")]
#[case::a_huge_number(
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nhello"
)]
#[case::no_end_of_chunk(
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloworld\r\n0\r\n\r\n"
)]
#[tokio::test]
async fn a_broken_chunk_fails(#[case] answer: &str) {
    assert_eq!(failure_of(answer).await, ErrorCode::Protocol);
}

#[tokio::test]
async fn an_endless_body_is_too_large() {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let acts = vec![
        Act::Read,
        Act::Write(head.into()),
        Act::Flood(
            b"400\r\n"
                .iter()
                .copied()
                .chain([b'x'; 0x400])
                .chain(*b"\r\n")
                .collect(),
        ),
    ];
    assert_eq!(
        code(&fetch(acts, LONG).await.err().unwrap()),
        ErrorCode::TooLarge
    );
}

#[tokio::test]
async fn a_body_of_exactly_the_limit_is_whole() {
    let body = vec![b'x'; usize::try_from(LIMIT).unwrap()];
    let acts = vec![Act::Read, Act::Write(until_close("A: b", &body))];
    assert_eq!(fetch(acts, LONG).await.unwrap().1.len(), body.len());
    let more = until_close("A: b", &[&body[..], b"x"].concat());
    assert_eq!(failure_of(more).await, ErrorCode::TooLarge);
}

#[tokio::test]
async fn a_connection_that_is_reset_in_mid_body_says_so() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this";
    let acts = vec![Act::Read, Act::Write(head.into()), Act::Reset];
    assert_eq!(
        code(&fetch(acts, LONG).await.err().unwrap()),
        ErrorCode::Reset
    );
}

#[tokio::test]
async fn what_follows_a_body_poisons_no_later_page() {
    let poison = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirstHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison";
    let server = serve(vec![
        vec![Act::Read, Act::Write(poison.into()), Act::KeepSilent],
        vec![Act::Read, Act::Write(with_head("A: b", b"second"))],
    ])
    .await;
    let fetcher = fetcher(on_loopback());
    let (_, first) = whole(&fetcher, &server.url(), LONG).await.unwrap();
    let (_, second) = whole(&fetcher, &server.url(), LONG).await.unwrap();
    assert_eq!(
        (first.as_slice(), second.as_slice()),
        (&b"first"[..], &b"second"[..])
    );
}
