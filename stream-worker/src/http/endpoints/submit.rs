//! `POST /v1/crawls`

use std::sync::Arc;

use http::Request;
use hyper::body::Incoming;
use shared::submission::{Accepted, Submitted, queue_unavailable};
use shared::{JobMessage, Problem, answer};
use store::queue::NewMessage;

use super::read_body;
use crate::http::HttpState;
use crate::http::answer::{Answer, journal_problem};
use crate::http::rate_limit;
use crate::http::to_the_end::to_the_end;
use crate::tenant::{Allowance, Refusal, SubmitError};

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
        (status = 429, description = "A limit of the API key is reached; the detail names it, and the headers RateLimit, RateLimit-Policy and Retry-After say how it stands.", body = Problem, content_type = "application/problem+json"),
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
    let Queued {
        accepted,
        allowance,
    } = match queue_job(state, submitted).await {
        Ok(queued) => queued,
        Err(NotQueued::Limit(refusal)) => return Ok(rate_limit::refuse(&refusal)),
        Err(NotQueued::Problem(problem)) => return Err(problem),
    };
    let mut answer = answer::accepted(&accepted);
    if let Some(allowance) = allowance {
        rate_limit::tell(allowance, answer.headers_mut());
    }
    Ok(answer.into())
}

/// A job that is durable in the queue.
pub(in crate::http) struct Queued {
    /// Body of the `202`.
    pub(in crate::http) accepted: Accepted,
    /// The submissions that its tenant has left, where they are limited.
    pub(in crate::http) allowance: Option<Allowance>,
}

/// The reason why a job is not in the queue.
pub(in crate::http) enum NotQueued {
    /// A limit of its tenant.
    Limit(Refusal),
    /// Anything else.
    Problem(Problem),
}

impl From<Problem> for NotQueued {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

/// Judges a submission and makes its job durable.
pub(in crate::http) async fn queue_job(
    state: &Arc<HttpState>,
    submitted: Submitted<'_>,
) -> Result<Queued, NotQueued> {
    let (message, accepted) = state.front.accept(submitted, state.clock.now())?;
    let allowance = match submission_of(state, &message).await {
        Ok(allowance) => allowance,
        Err(SubmitError::Refused(refusal)) => return Err(NotQueued::Limit(refusal)),
        Err(SubmitError::Journal(error)) => return Err(journal_problem(&error).into()),
    };
    to_the_end(&state.tasks, enqueue(state.clone(), message)).await?;
    Ok(Queued {
        accepted,
        allowance,
    })
}

async fn submission_of(
    state: &HttpState,
    message: &JobMessage,
) -> Result<Option<Allowance>, SubmitError> {
    let journal = state.registry.journal().as_ref();
    let tenants = &state.tenants;
    tenants
        .submit(&message.tenant, journal, message.submitted_at)
        .await
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
