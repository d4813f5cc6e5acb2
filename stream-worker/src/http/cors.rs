//! The headers by which browsers learn who may read an answer.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use shared::cors::{self, Cors};

use super::answer::{Body, empty};

/// Adds the headers that let `request`'s page read the answer, if it may.
pub(super) fn allow(cors: &Cors, request: &HeaderMap, answer: &mut HeaderMap) {
    if cors.varies() {
        answer.append(VARY, HeaderValue::from_static("Origin"));
    }
    let origin = request.get(ORIGIN).and_then(|value| value.to_str().ok());
    let allowed = cors
        .allow_origin(origin)
        .and_then(|origin| HeaderValue::from_str(origin).ok());
    if let Some(origin) = allowed {
        answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
}

/// The answer to OPTIONS. The router adds the origin, as to every answer.
pub(super) fn preflight() -> Response<Body> {
    let mut response = empty(StatusCode::NO_CONTENT);
    let headers = [
        (ACCESS_CONTROL_ALLOW_METHODS, cors::ALLOW_METHODS),
        (ACCESS_CONTROL_ALLOW_HEADERS, cors::ALLOW_HEADERS),
        (ACCESS_CONTROL_MAX_AGE, cors::MAX_AGE),
    ];
    for (name, value) in headers {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}
