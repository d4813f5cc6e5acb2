//! An endpoint's answer, on its way to the HTTP server.
//!
//! Answers that both fronts give are made by [`shared::answer`]; here they get the body type of this server, and streams
//! stand beside them.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use serde::Serialize;
use shared::{Problem, answer};
use store::journal::JournalError;

use super::firecrawl::watch::Watch;
use crate::connection::Welcome;

/// Any body. One that cannot be finished ends in an error, so that the connection breaks off and nobody takes it for whole.
pub(super) type Body = UnsyncBoxBody<Bytes, io::Error>;

/// An endpoint's answer.
pub(super) enum Answer {
    /// A response that the HTTP server sends.
    Response(Response<Body>),
    /// A stream: over HTTP/1.1 the socket leaves the server.
    Stream(Box<Welcome>),
    /// A stream of one `bye`, whose reader must come back.
    Bye(Bytes),
    /// A WebSocket: the socket leaves the server. Only a request over HTTP/1.1 is answered so.
    WebSocket(Box<Watch>),
}

impl Answer {
    pub(super) fn headers_mut(&mut self) -> Option<&mut HeaderMap> {
        match self {
            Self::Response(response) => Some(response.headers_mut()),
            Self::Stream(_) | Self::Bye(_) | Self::WebSocket(_) => None,
        }
    }
}

impl From<Response<Bytes>> for Answer {
    fn from(response: Response<Bytes>) -> Self {
        Self::Response(response.map(whole))
    }
}

impl From<Problem> for Answer {
    fn from(problem: Problem) -> Self {
        answer::problem(&problem).into()
    }
}

/// A response with these bytes. It is not to be stored unless its endpoint says so.
pub(super) fn bytes(
    status: StatusCode,
    media_type: &'static str,
    body: impl Into<Bytes>,
) -> Response<Body> {
    answer::bytes(status, media_type, body).map(whole)
}

/// A JSON response.
pub(super) fn json<T: Serialize>(status: StatusCode, value: &T) -> Answer {
    answer::json(status, value).into()
}

/// A body that is all there.
pub(super) fn whole(body: Bytes) -> Body {
    Full::new(body)
        .map_err(|never| match never {})
        .boxed_unsync()
}

/// A response without a body. It is not to be stored unless its endpoint says so.
pub(super) fn empty(status: StatusCode) -> Response<Body> {
    answer::empty(status).map(whole)
}

/// The journal's errors, as a caller of anything but the stream sees them.
pub(super) fn journal_problem(error: &JournalError) -> Problem {
    tracing::error!(%error, "the journal did not answer a request");
    match error {
        JournalError::Damaged(_) => {
            Problem::internal("the record of this job is damaged and is not served")
        }
        JournalError::Store(_) | JournalError::LeaseLost | JournalError::Rewound => {
            Problem::unavailable("the journal does not answer; try again")
                .retry_after(Duration::from_secs(5))
        }
    }
}
