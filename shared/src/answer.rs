//! Answers that both fronts give: problems, the `202` of a submission, preflights, and the headers beside them.
//!
//! An answer is a whole [`Response`] of bytes. Each front only sends it: the worker through its HTTP server, the function
//! through its gateway. Nothing here knows a path or a socket. Every answer may be about somebody's job, so none may be
//! kept by a cache, unless whoever serves it says otherwise.

use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ALLOW, CACHE_CONTROL, CONTENT_TYPE, LOCATION, ORIGIN,
    RETRY_AFTER, VARY, WWW_AUTHENTICATE,
};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use serde::Serialize;

use crate::cors::{self, Cors};
use crate::submission::Accepted;
use crate::{Problem, problem};

/// `Cache-Control` of everything that says something of a job.
pub const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// A problem with its status, its document, and the headers that its status asks for.
#[must_use]
pub fn problem(problem: &Problem) -> Response<Bytes> {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut answer = bytes(status, problem::MEDIA_TYPE, problem.to_json());
    let headers = answer.headers_mut();
    if let Some(wait) = problem.retry_after {
        // Zero would be an invitation to come back in a loop.
        headers.insert(RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    answer
}

/// The `202` to a job that is durable in the queue. `Location` is its status.
#[must_use]
pub fn accepted(accepted: &Accepted) -> Response<Bytes> {
    let mut answer = json(StatusCode::ACCEPTED, accepted);
    if let Ok(location) = HeaderValue::from_str(&accepted.status_url) {
        answer.headers_mut().insert(LOCATION, location);
    }
    answer
}

/// The `405` to a method that is not one of `methods`, which `Allow` repeats.
#[must_use]
pub fn method_not_allowed(methods: &'static str) -> Response<Bytes> {
    let detail = format!("this path takes {methods}");
    let mut answer = self::problem(&Problem::method_not_allowed(detail));
    answer
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static(methods));
    answer
}

/// The `204` to a preflight. [`let_origins_read`] adds the origin, as to every answer.
///
/// Headers that a page's libraries add by themselves (tracing, monitoring) are allowed as they are asked for: nothing
/// here takes a right from a header that a page could not send anyway.
#[must_use]
pub fn preflight(request: &HeaderMap) -> Response<Bytes> {
    let mut answer = empty(StatusCode::NO_CONTENT);
    let headers = answer.headers_mut();
    let allowed = cors::allow_headers(
        request
            .get(ACCESS_CONTROL_REQUEST_HEADERS)
            .and_then(|value| value.to_str().ok()),
    );
    let fixed = HeaderValue::from_static(cors::ALLOW_HEADERS);
    headers.insert(
        ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_str(&allowed).unwrap_or(fixed),
    );
    headers.insert(
        ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static(cors::ALLOW_METHODS),
    );
    headers.insert(
        ACCESS_CONTROL_MAX_AGE,
        HeaderValue::from_static(cors::MAX_AGE),
    );
    headers.append(
        VARY,
        HeaderValue::from_static("Access-Control-Request-Headers"),
    );
    answer
}

/// Adds the headers that let the page that sent `request` read the answer, if `cors` lets it.
pub fn let_origins_read(cors: &Cors, request: &HeaderMap, answer: &mut HeaderMap) {
    if cors.varies() {
        answer.append(VARY, HeaderValue::from_static("Origin"));
    }
    let origin = request.get(ORIGIN).and_then(|value| value.to_str().ok());
    let allowed = cors
        .allow_origin(origin)
        .and_then(|origin| HeaderValue::from_str(origin).ok());
    let Some(origin) = allowed else { return };
    answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    answer.insert(
        ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static(cors::EXPOSE_HEADERS),
    );
    if cors.allows_credentials() {
        answer.insert(
            ACCESS_CONTROL_ALLOW_CREDENTIALS,
            HeaderValue::from_static("true"),
        );
    }
}

/// An answer of JSON.
///
/// # Panics
/// If `value` has a map whose keys are no strings.
#[must_use]
pub fn json<T: Serialize>(status: StatusCode, value: &T) -> Response<Bytes> {
    let body = serde_json::to_vec(value).expect("answers serialise: their maps have string keys");
    bytes(status, "application/json", body)
}

/// An answer of these bytes.
#[must_use]
pub fn bytes(
    status: StatusCode,
    media_type: &'static str,
    body: impl Into<Bytes>,
) -> Response<Bytes> {
    let mut answer = empty(status);
    *answer.body_mut() = body.into();
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    answer
}

/// An answer without a body.
#[must_use]
pub fn empty(status: StatusCode) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::new());
    *answer.status_mut() = status;
    answer.headers_mut().insert(CACHE_CONTROL, NO_STORE);
    answer
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::HeaderName;

    use super::*;

    fn request(headers: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        };
        headers.iter().map(pair).collect()
    }

    fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
        headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    #[test]
    fn a_problem_says_when_to_come_back_and_what_to_send() {
        let later = Problem::unavailable("try again").retry_after(Duration::from_millis(5));
        let answer = problem(&later);
        assert_eq!(answer.status(), 503);
        assert_eq!(text(answer.headers(), "retry-after"), "1");
        assert_eq!(
            text(answer.headers(), "content-type"),
            "application/problem+json"
        );
        let answer = problem(&Problem::unauthorized("send a key"));
        assert_eq!(text(answer.headers(), "www-authenticate"), "Bearer");
    }

    #[test]
    fn nothing_that_is_answered_may_be_kept_by_a_cache() {
        for answer in [
            problem(&Problem::not_found("nothing")),
            method_not_allowed("GET"),
            json(StatusCode::OK, &1),
            empty(StatusCode::NO_CONTENT),
        ] {
            assert_eq!(text(answer.headers(), "cache-control"), "no-store");
        }
    }

    #[test]
    fn a_preflight_allows_what_tracing_adds_to_a_request() {
        let asked = request(&[(
            "access-control-request-headers",
            "content-type,traceparent,tracestate,baggage,x-datadog-trace-id",
        )]);
        let answer = preflight(&asked);
        let allowed = text(answer.headers(), "access-control-allow-headers").to_ascii_lowercase();
        let allowed: Vec<&str> = allowed.split(", ").collect();
        for name in [
            "content-type",
            "idempotency-key",
            "traceparent",
            "tracestate",
            "baggage",
            "x-datadog-trace-id",
        ] {
            assert_eq!(
                allowed.iter().filter(|allowed| **allowed == name).count(),
                1,
                "{name} in {allowed:?}"
            );
        }
    }

    #[test]
    fn a_page_may_read_the_headers_that_it_needs() {
        let mut answer = HeaderMap::new();
        let_origins_read(
            &Cors::Any,
            &request(&[("origin", "https://a.example")]),
            &mut answer,
        );
        for name in ["Location", "Retry-After", "Content-Disposition"] {
            assert!(text(&answer, "access-control-expose-headers").contains(name));
        }
    }

    #[test]
    fn credentials_are_for_named_origins_only() {
        let only: Cors = "https://a.example".parse().unwrap();
        let answer = |cors: &Cors, origin: &'static str| {
            let mut answer = HeaderMap::new();
            let_origins_read(cors, &request(&[("origin", origin)]), &mut answer);
            answer
        };
        let named = answer(&only, "https://a.example");
        assert_eq!(
            text(&named, "access-control-allow-origin"),
            "https://a.example"
        );
        assert_eq!(text(&named, "access-control-allow-credentials"), "true");
        let stranger = answer(&only, "https://b.example");
        assert_eq!(text(&stranger, "access-control-allow-credentials"), "");
        assert_eq!(text(&stranger, "vary"), "Origin");
        let open = answer(&Cors::Any, "https://b.example");
        assert_eq!(text(&open, "access-control-allow-origin"), "*");
        assert_eq!(text(&open, "access-control-allow-credentials"), "");
    }
}
