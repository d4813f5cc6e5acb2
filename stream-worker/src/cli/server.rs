//! Requests to a server, and what its refusals say.

use std::time::Duration;

use anyhow::Context;
use reqwest::header::{AUTHORIZATION, HeaderMap, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use shared::Problem;

use super::exit::Failure;
use super::request_options::spelled;
use super::words::plain;

/// Time that a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(10);

/// Time that a server may send nothing in the middle of an answer.
const SILENCE: Duration = Duration::from_secs(60);

/// Bytes of an error's text that are shown at most.
const SHOWN: usize = 300;

/// An HTTP client that follows no redirect: a POST would become a GET, and a token would travel.
pub(super) fn http() -> Result<Client, Failure> {
    let client = Client::builder()
        .user_agent(concat!("crawlcast/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .connect_timeout(CONNECT)
        .read_timeout(SILENCE)
        .build();
    Ok(client.context("could not set up HTTP")?)
}

/// Authorises a request with a key or a token, if there is one.
pub(super) fn authorized(request: RequestBuilder, bearer: Option<&str>) -> RequestBuilder {
    match bearer {
        Some(bearer) => request.header(AUTHORIZATION, format!("Bearer {bearer}")),
        None => request,
    }
}

/// Sends a request; answers only what is a success.
///
/// # Errors
/// Nobody answers, or the server refuses.
pub(super) async fn send(request: RequestBuilder) -> Result<Response, Failure> {
    let response = request.send().await.map_err(unreachable)?;
    if response.status().is_success() {
        return Ok(response);
    }
    Err(refusal(response).await)
}

/// The answer's JSON.
///
/// # Errors
/// As [`send`], and for an answer that is something else.
pub(super) async fn send_for_json(request: RequestBuilder) -> Result<Value, Failure> {
    let response = send(request).await?;
    let body = response.bytes().await.map_err(unreachable)?;
    serde_json::from_slice(&body).map_err(|_error| Failure::Refused(stranger(&body)))
}

/// A failure to reach a server. The URL is left out: it may hold a token.
pub(super) fn unreachable(error: reqwest::Error) -> Failure {
    let is_connect = error.is_connect();
    let place = error
        .url()
        .map(|url| url.origin().ascii_serialization())
        .unwrap_or_default();
    let error = anyhow::Error::new(error.without_url());
    let what = if is_connect {
        format!("could not reach {place} (is a worker running there, and is the address right?)")
    } else {
        format!("the exchange with {place} broke off")
    };
    Failure::Other(error.context(what))
}

/// The text of a refusal.
pub(super) async fn refusal(response: Response) -> Failure {
    let (status, headers) = (response.status(), response.headers().clone());
    let body = response.bytes().await.unwrap_or_default();
    Failure::Refused(words(status, &headers, &body))
}

fn words(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> String {
    if status.is_redirection() {
        let target = headers
            .get(LOCATION)
            .and_then(|target| target.to_str().ok());
        return format!(
            "the server redirects to {}: use that address",
            plain(target.unwrap_or("nowhere"))
        );
    }
    let Ok(problem) = serde_json::from_slice::<Problem>(body) else {
        return format!("{status}: {}", stranger(body));
    };
    let mut text = plain(&problem.detail);
    if problem.errors.len() > 1 {
        let lines: Vec<String> = problem
            .errors
            .iter()
            .map(|fault| plain(&spelled(fault)))
            .collect();
        text = lines.join("\n");
    }
    if status == StatusCode::UNAUTHORIZED {
        text.push_str("; set CRAWLCAST_API_KEY, or name a file with --api-key-file");
    }
    text
}

/// Text of a refusal that is no problem document: somebody else than Crawlcast has answered.
fn stranger(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(SHOWN)]);
    let text = plain(text.trim());
    match text.is_empty() {
        true => {
            "something answers that is not Crawlcast, or a proxy without one behind it".to_owned()
        }
        false => format!(
            "something answers that is not Crawlcast, or a proxy without one behind it: {text}"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_the_servers_words_and_the_cure() {
        let problem = Problem::unauthorized("send a key").to_json();
        let text = words(StatusCode::UNAUTHORIZED, &HeaderMap::new(), &problem);
        assert_eq!(
            text,
            "send a key; set CRAWLCAST_API_KEY, or name a file with --api-key-file"
        );
    }

    #[test]
    fn an_error_page_of_a_proxy_is_known_as_such() {
        let text = words(StatusCode::BAD_GATEWAY, &HeaderMap::new(), b"<h1>502</h1>");
        assert!(
            text.starts_with("502 Bad Gateway: something answers that is not Crawlcast"),
            "{text}"
        );
    }
}
