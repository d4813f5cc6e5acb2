//! Who may read answers from another origin.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Response, StatusCode};

use super::answer::{Body, empty};

/// The origins whose pages may read answers. Any is safe: rights come from tokens, never from cookies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cors {
    /// Every origin.
    Any,
    /// These, as browsers spell them.
    Only(Vec<String>),
}

impl Cors {
    /// Adds the headers that let `request`'s page read the answer, if it may.
    pub(super) fn allow(&self, request: &HeaderMap, answer: &mut HeaderMap) {
        match self {
            Self::Any => {
                answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
            }
            Self::Only(origins) => {
                answer.append(VARY, HeaderValue::from_static("Origin"));
                let Some(origin) = request.get(ORIGIN) else {
                    return;
                };
                if origins
                    .iter()
                    .any(|allowed| allowed.as_bytes() == origin.as_bytes())
                {
                    answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
                }
            }
        }
    }
}

/// The answer to OPTIONS. The router adds the origin, as to every answer.
pub(super) fn preflight() -> Response<Body> {
    let mut response = empty(StatusCode::NO_CONTENT);
    let headers = response.headers_mut();
    headers.insert(
        ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, HEAD, POST, OPTIONS"),
    );
    headers.insert(
        ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static(
            "Authorization, Cache-Control, Content-Type, Idempotency-Key, Last-Event-ID",
        ),
    );
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("7200"));
    response
}
