//! The connector against servers that do as they please.

mod server;
mod addresses;
mod bodies;
mod deadlines;
mod encodings;
mod heads;
mod local;
mod http2;
mod reuse;
mod tls;

use futures_util::StreamExt;

use self::server::{Act, serve};
use super::*;

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(300);
const LIMIT: u64 = 10_000;

fn config(allow_nets: &[&str]) -> FetchConfig {
    let allow_nets = allow_nets.iter().map(|net| net.parse().unwrap()).collect();
    let guard = AddressGuard {
        allow_nets,
        ..AddressGuard::default()
    };
    FetchConfig::new("test/1.0", guard)
}

fn fetcher(config: FetchConfig) -> HttpFetcher {
    HttpFetcher::new(config).unwrap()
}

fn on_loopback() -> FetchConfig {
    config(&["127.0.0.0/8"])
}

fn request(url: &Url, timeout: Duration) -> FetchRequest {
    FetchRequest {
        url: url.clone(),
        timeout,
        max_body_bytes: LIMIT,
        unless: None,
        cookies: None,
        headers: None,
    }
}

/// Fetches a page whole.
async fn whole(
    fetcher: &HttpFetcher,
    url: &Url,
    timeout: Duration,
) -> Result<(Answer, Vec<u8>), FetchError> {
    let mut answer = fetcher.fetch(request(url, timeout)).await?;
    let body = body(&mut answer).await?;
    Ok((answer, body))
}

async fn body(answer: &mut Answer) -> Result<Vec<u8>, FetchError> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.body.next().await {
        body.extend_from_slice(&chunk?);
    }
    Ok(body)
}

/// Fetches from a server that acts so on its one connection.
async fn fetch(acts: Vec<Act>, timeout: Duration) -> Result<(Answer, Vec<u8>), FetchError> {
    let server = serve(vec![acts]).await;
    whole(&fetcher(on_loopback()), &server.url(), timeout).await
}

/// As [`fetch`], from a server that writes `answer` and closes; how it failed.
async fn failure_of(answer: impl Into<Vec<u8>>) -> ErrorCode {
    let acts = vec![Act::Read, Act::Write(answer.into())];
    let failed = fetch(acts, LONG).await;
    code(&failed.err().expect("the fetch fails"))
}

fn code(error: &FetchError) -> ErrorCode {
    match error {
        FetchError::Failed { code, message, .. } => {
            assert!(!message.contains("127"), "no addresses: {message}");
            *code
        }
        FetchError::BlockedAddress | FetchError::Local(_) => panic!("{error}"),
    }
}

fn with_head(head: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 200 OK\r\n{head}\r\nContent-Length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

/// An answer whose length only its end tells, so that nothing is known before.
fn until_close(head: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\n{head}\r\nConnection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}
