//! What an endpoint answers.

use std::io;

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use serde::Serialize;
use shared::{Problem, problem};

use crate::connection::Subscription;

/// Any body. One that cannot be finished ends in an error, so that the connection breaks off and nobody takes it for whole.
pub(super) type Body = UnsyncBoxBody<Bytes, io::Error>;

/// An endpoint's answer.
pub(super) enum Answer {
    /// A response that the HTTP server sends.
    Response(Response<Body>),
    /// A stream: over HTTP/1.1 the socket leaves the server.
    Stream(Box<Subscription>),
    /// A stream of one `bye`, whose reader must come back.
    Bye(Bytes),
}

impl Answer {
    pub(super) fn headers_mut(&mut self) -> Option<&mut HeaderMap> {
        match self {
            Self::Response(response) => Some(response.headers_mut()),
            Self::Stream(_) | Self::Bye(_) => None,
        }
    }
}

impl From<Problem> for Answer {
    fn from(problem: Problem) -> Self {
        let status =
            StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = bytes(status, problem::MEDIA_TYPE, problem.to_json());
        if let Some(wait) = problem.retry_after {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        }
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(
                http::header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer"),
            );
        }
        Self::Response(response)
    }
}

/// A response with these bytes. It is not to be stored unless its endpoint says so.
pub(super) fn bytes(
    status: StatusCode,
    media_type: &'static str,
    body: impl Into<Bytes>,
) -> Response<Body> {
    let mut response = Response::new(whole(body.into()));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A JSON response.
pub(super) fn json<T: Serialize>(status: StatusCode, value: &T) -> Answer {
    let body = serde_json::to_vec(value).expect("answers serialise: their maps have string keys");
    Answer::Response(bytes(status, "application/json", body))
}

/// A body that is all there.
pub(super) fn whole(body: Bytes) -> Body {
    Full::new(body)
        .map_err(|never| match never {})
        .boxed_unsync()
}

/// A response without a body.
pub(super) fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(whole(Bytes::new()));
    *response.status_mut() = status;
    response
}

/// The answer to a method that a path does not have.
pub(super) fn method_not_allowed(allowed: &'static str) -> Answer {
    let mut answer = Answer::from(Problem::method_not_allowed(format!(
        "this path takes {allowed}"
    )));
    if let Some(headers) = answer.headers_mut() {
        headers.insert(ALLOW, HeaderValue::from_static(allowed));
    }
    answer
}
