//! Answers the requests that API Gateway passes on.

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use lambda_http::http::{HeaderValue, Method};
use lambda_http::{Body, Request, RequestExt, Response};
use shared::cors::Cors;
use shared::submission::{Front, Submitted};
use shared::{Problem, Timestamp, answer};

use crate::enqueuer::{Enqueuer, Trace};
use crate::submission::submit;

/// The one path of this function. A named stage of API Gateway stands before it.
const PATH: &str = "/v1/crawls";
/// Methods of that path.
const METHODS: &str = "POST, OPTIONS";

/// Answers submissions and preflights, and refuses all other requests.
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
            .unwrap_or_else(|problem| answer::problem(&problem));
        answer::let_origins_read(&self.cors, request.headers(), response.headers_mut());
        response.map(|body| {
            // A body of text reaches API Gateway as it is, one of bytes in base64.
            let text = String::from_utf8(body.into()).expect("every answer is JSON or empty");
            if text.is_empty() {
                Body::Empty
            } else {
                Body::Text(text)
            }
        })
    }

    async fn route(&self, request: &Request) -> Result<Response<Bytes>, Problem> {
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
            return Ok(answer::preflight(request.headers()));
        }
        if request.method() != Method::POST {
            return Ok(answer::method_not_allowed(METHODS));
        }
        let submitted = Submitted::read(request.headers(), request.body().as_ref())?;
        let trace = trace(request);
        let accepted = submit(&self.front, &self.enqueuer, submitted, &trace, now()).await?;
        Ok(answer::accepted(&accepted))
    }
}

/// The request's `traceparent`, from which the job's trace goes on. A header that cannot be read is no reason to refuse a job.
fn trace(request: &Request) -> Trace {
    let text = |value: &HeaderValue| value.to_str().ok().map(str::to_owned);
    Trace {
        xray: request
            .lambda_context_ref()
            .and_then(|context| context.xray_trace_id.clone()),
        traceparent: request.headers().get("traceparent").and_then(text),
    }
}

fn now() -> Timestamp {
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;
