//! `POST /v1/crawls`

use std::sync::Arc;

use http::Request;
use hyper::body::Incoming;
use shared::submission::{Accepted, Submitted, queue_unavailable};
use shared::{JobMessage, Problem, answer};
use store::queue::NewMessage;

use super::read_body;
use crate::http::HttpState;
use crate::http::answer::Answer;
use crate::http::to_the_end::to_the_end;

/// Accepts a crawl. The job is durable in the queue before the answer.
#[utoipa::path(
    post,
    path = "/v1/crawls",
    tag = "submit",
    request_body = shared::CrawlRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 255 printable ASCII characters without a comma. A retry with the same key and the same body answers the same channel and crawls nothing twice, until two retention periods after the job has ended.")),
    responses(
        (status = 202, description = "The job waits for a worker.", body = Accepted),
        (status = 400, description = "The request is not valid; each fault is listed. Or a header cannot be read, or is there twice with different values; the detail names it.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "An API key is needed.", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body is larger than 64 KiB.", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "The body is not JSON by its media type, or it has a Content-Encoding.", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The queue does not answer.", body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("apiKey" = []))
)]
pub(in crate::http) async fn submit(
    state: &Arc<HttpState>,
    request: Request<Incoming>,
) -> Result<Answer, Problem> {
    let (parts, body) = request.into_parts();
    // Headers that cannot be read are told before the body is waited for.
    let submitted = Submitted::read(&parts.headers, &[])?;
    let body = read_body(body).await?;
    let submitted = Submitted {
        body: &body,
        ..submitted
    };
    let (message, accepted) = state.front.accept(submitted, state.clock.now())?;
    to_the_end(&state.tasks, enqueue(state.clone(), message)).await?;
    Ok(answer::accepted(&accepted).into())
}

/// Makes a job durable, and counts it.
async fn enqueue(state: Arc<HttpState>, message: JobMessage) -> Result<(), Problem> {
    let new = NewMessage {
        channel: message.channel_id,
        tenant: message.tenant.clone(),
        body: message.encode().into(),
    };
    state.queue.submit(new).await.map_err(|error| {
        tracing::error!(%error, "could not queue a job");
        queue_unavailable()
    })?;
    state.metrics.submitted.inc();
    tracing::info!(channel = %message.channel_id, tenant = message.tenant, seeds = message.request.urls.len(), "accepted a job");
    Ok(())
}
