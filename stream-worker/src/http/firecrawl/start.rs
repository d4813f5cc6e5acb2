//! `POST /crawl` and `POST /batch/scrape`.

use std::sync::Arc;

use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName};
use http::{HeaderMap, Request, StatusCode};
use hyper::body::Incoming;
use serde::Serialize;
use serde_json::Value;
use shared::header;
use shared::submission::Submitted;

use crate::firecrawl::{JobKind, Refusal, Submission, Version};
use crate::http::HttpState;
use crate::http::answer::{Answer, json};
use crate::http::endpoints::read_body;
use crate::http::endpoints::submit::{NotQueued, Queued, queue_job};
use crate::http::rate_limit;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("x-idempotency-key");

/// The answer to a job that was started.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FirecrawlStarted)]
pub(in crate::http) struct Started {
    /// Always true.
    success: bool,
    /// The job, which is also its channel.
    id: shared::ChannelId,
    /// URL of its status.
    url: String,
    /// URLs that are none and were left out.
    #[serde(rename = "invalidURLs", skip_serializing_if = "Vec::is_empty")]
    invalid_urls: Vec<String>,
    /// Fields of the request that have no effect here.
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<String>,
}

pub(super) async fn start(
    state: &Arc<HttpState>,
    version: Version,
    kind: JobKind,
    request: Request<Incoming>,
) -> Result<Answer, Refusal> {
    let (parts, body) = request.into_parts();
    let body = read_body(body).await?;
    let submission = match kind {
        JobKind::Crawl => Submission::crawl(version, &body),
        JobKind::Batch => Submission::batch(version, &body),
    }?;
    let is_crawl = kind == JobKind::Crawl;
    let queued = queue(state, &parts.headers, &submission, is_crawl).await?;
    let id = queued.accepted.channel_id;
    let base = state.front.public_url.as_str().trim_end_matches('/');
    let started = Started {
        success: true,
        id,
        url: format!("{base}/{}/{}/{id}", version.segment(), kind.path()),
        invalid_urls: submission.invalid_urls,
        warning: submission.warning,
    };
    // 200, as some clients compare it.
    let mut answer = json(StatusCode::OK, &started);
    if let (Some(allowance), Some(headers)) = (queued.allowance, answer.headers_mut()) {
        rate_limit::tell(allowance, headers);
    }
    Ok(answer)
}

/// Makes a job of a request.
pub(super) async fn queue(
    state: &Arc<HttpState>,
    headers: &HeaderMap,
    submission: &Submission,
    is_crawl: bool,
) -> Result<Queued, Refusal> {
    let body = Value::Object(submission.request.clone()).to_string();
    let submitted = Submitted {
        authorization: header::text(headers, &AUTHORIZATION)?,
        content_type: header::text(headers, &CONTENT_TYPE)?,
        idempotency_key: header::text(headers, &IDEMPOTENCY_KEY)?,
        body: body.as_bytes(),
    };
    header::check_encoding(headers)?;
    let theirs = |field: &str| Submission::field_of(is_crawl, field);
    match queue_job(state, submitted).await {
        Ok(queued) => Ok(queued),
        Err(NotQueued::Problem(problem)) => Err(Refusal::of_problem(&problem, theirs)),
        Err(NotQueued::Limit(limit)) => Err(rate_limit::problem(&limit).into()),
    }
}
