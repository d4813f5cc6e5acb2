//! `POST /v1/crawls`

use std::time::Duration;

use http::header::{HeaderValue, LOCATION};
use http::{Request, StatusCode};
use hyper::body::Incoming;
use shared::Problem;
use shared::submission::{Accepted, Submitted};
use store::queue::NewMessage;

use super::{header, read_body};
use crate::http::HttpState;
use crate::http::answer::{Answer, json};

/// Accepts a crawl. The job is durable in the queue before the answer.
#[utoipa::path(
    post,
    path = "/v1/crawls",
    tag = "submit",
    request_body = shared::CrawlRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "A retry with the same key and body answers the same channel.")),
    responses(
        (status = 202, description = "The job waits for a worker.", body = Accepted),
        (status = 400, description = "The request is not valid; each fault is listed.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "An API key is needed.", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body is larger than 64 KiB.", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "The body is not JSON by its media type.", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The queue does not answer.", body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("apiKey" = []))
)]
pub(in crate::http) async fn submit(
    state: &HttpState,
    request: Request<Incoming>,
) -> Result<Answer, Problem> {
    let (parts, body) = request.into_parts();
    let body = read_body(body).await?;
    let submitted = Submitted {
        authorization: header(&parts.headers, "authorization"),
        content_type: header(&parts.headers, "content-type"),
        idempotency_key: header(&parts.headers, "idempotency-key"),
        body: &body,
    };
    let (message, accepted) = state.front.accept(submitted, state.clock.now())?;
    let new = NewMessage {
        channel: message.channel_id,
        tenant: message.tenant.clone(),
        body: message.encode().into(),
    };
    state.queue.submit(new).await.map_err(|error| {
        tracing::error!(%error, "could not queue a job");
        Problem::unavailable(
            "the queue does not take the job now; try again, best with an Idempotency-Key",
        )
        .retry_after(Duration::from_secs(5))
    })?;
    state.metrics.submitted.inc();
    tracing::info!(channel = %message.channel_id, tenant = message.tenant, seeds = message.request.urls.len(), "accepted a job");
    let mut answer = json(StatusCode::ACCEPTED, &accepted);
    if let (Some(headers), Ok(location)) = (
        answer.headers_mut(),
        HeaderValue::from_str(&accepted.status_url),
    ) {
        headers.insert(LOCATION, location);
    }
    Ok(answer)
}
