use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::StreamExt;
use rstest::rstest;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;

use super::*;

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(200);
const LIMIT: u64 = 10_000;

/// What a server does once it has written its script.
#[derive(Clone, Copy)]
enum Then {
    Close,
    KeepSilent,
}

/// Serves one connection with `script`, whatever is asked.
async fn serve(script: Vec<u8>, then: Then, tasks: &TaskTracker) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/page", listener.local_addr().unwrap());
    tasks.spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        let _asked = socket.read(&mut request).await;
        let _cut = socket.write_all(&script).await;
        if matches!(then, Then::KeepSilent) {
            let _left = socket.read(&mut request).await;
        }
    });
    url.parse().unwrap()
}

async fn fetch(
    script: impl Into<Vec<u8>>,
    then: Then,
    timeout: Duration,
) -> Result<(Answer, Vec<u8>), FetchError> {
    let tasks = TaskTracker::new();
    let url = serve(script.into(), then, &tasks).await;
    let mut answer = fetcher(&["127.0.0.0/8"])
        .fetch(FetchRequest {
            url,
            timeout,
            max_body_bytes: LIMIT,
            unless: None,
        })
        .await?;
    let mut body = Vec::new();
    while let Some(chunk) = answer.body.next().await {
        body.extend_from_slice(&chunk?);
    }
    Ok((answer, body))
}

fn fetcher(allow_nets: &[&str]) -> HttpFetcher {
    let allow_nets = allow_nets.iter().map(|net| net.parse().unwrap()).collect();
    let guard = AddressGuard {
        allow_nets,
        ..AddressGuard::default()
    };
    HttpFetcher::new(FetchConfig {
        user_agent: "test/1.0".to_owned(),
        guard,
    })
    .unwrap()
}

fn code(error: &FetchError) -> ErrorCode {
    match error {
        FetchError::Failed { code, .. } => *code,
        FetchError::BlockedAddress => panic!("blocked"),
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn with_head(head: &str, body: &[u8]) -> Vec<u8> {
    let mut script = format!(
        "HTTP/1.1 200 OK\r\n{head}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    script.extend_from_slice(body);
    script
}

#[tokio::test]
async fn a_page_arrives_decoded() {
    let script = with_head(
        "Content-Type: text/html\r\nContent-Encoding: gzip",
        &gzip(b"<p>hello"),
    );
    let (answer, body) = fetch(script, Then::Close, LONG).await.unwrap();
    assert_eq!((answer.status, body.as_slice()), (200, &b"<p>hello"[..]));
    assert_eq!(answer.headers["content-type"], "text/html");
}

#[tokio::test]
async fn a_redirect_is_an_answer_like_any_other() {
    let script = "HTTP/1.1 302 Found\r\nLocation: ../else?x=1#part\r\nContent-Length: 0\r\n\r\n";
    let (answer, _) = fetch(script, Then::Close, LONG).await.unwrap();
    let from: Url = "https://example.com/a/b".parse().unwrap();
    assert_eq!(
        answer.redirect_target(&from).unwrap().as_str(),
        "https://example.com/else?x=1"
    );
}

#[tokio::test]
async fn a_redirect_to_something_that_is_not_the_web_leads_nowhere() {
    let script = "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n";
    let (answer, _) = fetch(script, Then::Close, LONG).await.unwrap();
    assert_eq!(
        answer.redirect_target(&"https://example.com/".parse().unwrap()),
        None
    );
}

#[rstest]
#[case::a_body_cut_short(
    "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this",
    ErrorCode::Truncated
)]
#[case::a_chunk_cut_short(
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
    ErrorCode::Truncated
)]
#[case::no_answer_at_all("", ErrorCode::Truncated)]
#[case::another_protocol("220 mail.example.com ESMTP\r\n", ErrorCode::Protocol)]
#[case::stacked_encodings(
    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\nContent-Length: 1\r\n\r\nx",
    ErrorCode::Protocol
)]
#[case::an_unknown_encoding(
    "HTTP/1.1 200 OK\r\nContent-Encoding: compress\r\nContent-Length: 1\r\n\r\nx",
    ErrorCode::Protocol
)]
#[case::a_false_encoding(
    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 12\r\n\r\nnot a gzip!!",
    ErrorCode::Protocol
)]
#[tokio::test]
async fn a_broken_answer_has_a_code(#[case] script: &str, #[case] expected: ErrorCode) {
    let error = fetch(script, Then::Close, LONG).await.err().unwrap();
    assert_eq!(code(&error), expected, "{error}");
}

#[tokio::test]
async fn a_bomb_is_stopped_at_the_decoded_size() {
    let script = with_head("Content-Encoding: gzip", &gzip(&vec![0; 50_000_000]));
    let error = fetch(script, Then::Close, LONG).await.err().unwrap();
    assert_eq!(code(&error), ErrorCode::TooLarge);
}

#[tokio::test]
async fn a_body_of_exactly_the_limit_is_whole() {
    let body = vec![b'x'; usize::try_from(LIMIT).unwrap()];
    let (_, received) = fetch(with_head("A: b", &body), Then::Close, LONG)
        .await
        .unwrap();
    assert_eq!(received.len(), body.len());
    let error = fetch(
        with_head("A: b", &[&body[..], b"x"].concat()),
        Then::Close,
        LONG,
    )
    .await
    .err()
    .unwrap();
    assert_eq!(code(&error), ErrorCode::TooLarge);
}

#[rstest]
#[case::before_the_head("HTTP/1.1 200")]
#[case::within_the_body("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this")]
#[tokio::test]
async fn a_server_that_falls_silent_is_given_up(#[case] script: &str) {
    let error = fetch(script, Then::KeepSilent, SHORT).await.err().unwrap();
    assert_eq!(code(&error), ErrorCode::Timeout);
}

#[tokio::test]
async fn a_port_that_nobody_listens_on_refuses() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: Url = format!("http://{}/", listener.local_addr().unwrap())
        .parse()
        .unwrap();
    drop(listener);
    let request = FetchRequest {
        url,
        timeout: LONG,
        max_body_bytes: LIMIT,
        unless: None,
    };
    let error = fetcher(&["127.0.0.0/8"])
        .fetch(request)
        .await
        .err()
        .unwrap();
    assert_eq!(code(&error), ErrorCode::Connect);
    assert!(!error.to_string().contains("127"), "{error}");
}

#[rstest]
#[case("http://127.0.0.1:9/")]
#[case("http://[::ffff:169.254.169.254]/")]
#[case("http://localhost:9/")]
#[tokio::test]
async fn what_is_behind_a_refused_address_is_never_asked(#[case] url: &str) {
    let request = FetchRequest {
        url: url.parse().unwrap(),
        timeout: LONG,
        max_body_bytes: LIMIT,
        unless: None,
    };
    let error = fetcher(&[]).fetch(request).await.err().unwrap();
    assert_eq!(error, FetchError::BlockedAddress);
}

#[tokio::test]
async fn a_name_whose_address_is_allowed_is_dialled() {
    let tasks = TaskTracker::new();
    let mut url = serve(with_head("A: b", b"hello"), Then::Close, &tasks).await;
    url.set_host(Some("localhost")).unwrap();
    let request = FetchRequest {
        url,
        timeout: LONG,
        max_body_bytes: LIMIT,
        unless: None,
    };
    assert_eq!(
        fetcher(&["127.0.0.0/8"])
            .fetch(request)
            .await
            .unwrap()
            .status,
        200
    );
}
