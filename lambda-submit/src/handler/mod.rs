//! API Gateway's request to a response.

use std::time::{SystemTime, UNIX_EPOCH};

use lambda_http::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ALLOW, LOCATION, ORIGIN, VARY,
};
use lambda_http::http::{HeaderMap, HeaderValue, Method, StatusCode};
use lambda_http::{Body, Request, RequestExt, Response};
use shared::cors::{self, Cors};
use shared::submission::{Front, Submitted};
use shared::{Problem, Timestamp};

use crate::enqueuer::{Enqueuer, Trace};
use crate::error;
use crate::submission::submit;

/// The one path of this function. A named stage of API Gateway stands before it.
const PATH: &str = "/v1/crawls";
/// Its methods.
const METHODS: &str = "POST, OPTIONS";

/// Answers every request.
pub(crate) struct Handler<E> {
    pub(crate) front: Front,
    pub(crate) cors: Cors,
    pub(crate) enqueuer: E,
}

impl<E: Enqueuer> Handler<E> {
    /// Answers a request; every error is a problem document.
    pub(crate) async fn answer(&self, request: Request) -> Response<Body> {
        let mut response = self
            .route(&request)
            .await
            .unwrap_or_else(|problem| error::response(&problem));
        self.allow_origin(request.headers(), response.headers_mut());
        response
    }

    async fn route(&self, request: &Request) -> Result<Response<Body>, Problem> {
        if !request
            .raw_http_path()
            .trim_end_matches('/')
            .ends_with(PATH)
        {
            return Err(Problem::not_found(format!(
                "this service has one path: POST {PATH}"
            )));
        }
        if request.method() == Method::OPTIONS {
            return Ok(preflight());
        }
        if request.method() != Method::POST {
            let problem = Problem::method_not_allowed(format!("this path takes {METHODS}"));
            let mut response = error::response(&problem);
            response
                .headers_mut()
                .insert(ALLOW, HeaderValue::from_static(METHODS));
            return Ok(response);
        }
        self.submit(request).await
    }

    async fn submit(&self, request: &Request) -> Result<Response<Body>, Problem> {
        let header = |name: &str| {
            request
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        let submitted = Submitted {
            authorization: header("authorization"),
            content_type: header("content-type"),
            idempotency_key: header("idempotency-key"),
            body: request.body().as_ref(),
        };
        let trace = Trace {
            xray: request
                .lambda_context_ref()
                .and_then(|context| context.xray_trace_id.clone()),
            traceparent: header("traceparent").map(str::to_owned),
        };
        let accepted = submit(&self.front, &self.enqueuer, submitted, &trace, now()).await?;
        let body = serde_json::to_vec(&accepted).expect("the answer is strings");
        let mut response = error::bytes(StatusCode::ACCEPTED, "application/json", body);
        if let Ok(location) = HeaderValue::from_str(&accepted.status_url) {
            response.headers_mut().insert(LOCATION, location);
        }
        Ok(response)
    }

    fn allow_origin(&self, request: &HeaderMap, response: &mut HeaderMap) {
        if self.cors.varies() {
            response.append(VARY, HeaderValue::from_static("Origin"));
        }
        let origin = request.get(ORIGIN).and_then(|value| value.to_str().ok());
        let allowed = self
            .cors
            .allow_origin(origin)
            .and_then(|origin| HeaderValue::from_str(origin).ok());
        if let Some(origin) = allowed {
            response.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        }
    }
}

fn preflight() -> Response<Body> {
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = StatusCode::NO_CONTENT;
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

fn now() -> Timestamp {
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;
