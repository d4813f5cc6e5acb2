//! `/v1` and `/v2` as Firecrawl's clients call them.
//!
//! Each call is one of ours in other words (`crate::firecrawl` has the words): a crawl is a job, its status a page of the
//! journal, its WebSocket a watcher. Errors have the form that these clients read.

mod active;
mod caller;
mod cancel;
mod documents;
mod errors;
mod events;
mod follow;
mod handshake;
mod job;
mod map;
mod openapi;
mod routes;
mod scrape;
mod start;
mod status_body;
mod team;
pub(super) mod watch;

pub(super) use openapi::FirecrawlApi;
pub(super) use routes::{Call, PATHS};

use std::sync::Arc;

use http::header::RETRY_AFTER;
use http::{HeaderValue, Method, Request, StatusCode};
use hyper::body::Incoming;

use super::HttpState;
use super::answer::{Answer, json};
use crate::firecrawl::Refusal;
use routes::Endpoint;

/// Answers a call.
pub(super) async fn answer(
    state: &Arc<HttpState>,
    call: Call,
    request: Request<Incoming>,
    id: &str,
) -> Answer {
    let answered = dispatch(state, call, request, id).await;
    answered.unwrap_or_else(|refusal| refuse(&refusal))
}

async fn dispatch(
    state: &Arc<HttpState>,
    call: Call,
    request: Request<Incoming>,
    id: &str,
) -> Result<Answer, Refusal> {
    let version = call.version;
    match call.endpoint {
        Endpoint::Start(kind) => start::start(state, version, kind, request).await,
        Endpoint::Job(_) if request.method() == Method::DELETE => {
            cancel::cancel(state, version, &request, id).await
        }
        Endpoint::Job(kind) => job::job(state, version, kind, &request, id).await,
        Endpoint::Errors => errors::errors(state, &request, id).await,
        Endpoint::Active => active::active(state, &request).await,
        Endpoint::Scrape => scrape::scrape(state, version, request).await,
        Endpoint::Map => map::map(state, version, request).await,
        Endpoint::CreditUsage => team::credit_usage(state, &request).await,
        Endpoint::QueueStatus => team::queue_status(state, &request).await,
        Endpoint::Concurrency => team::concurrency(state, &request).await,
        Endpoint::Missing(need) => Err(Refusal::new(
            501,
            format!("this call needs {need}, which this server does not have"),
        )),
        Endpoint::Unknown => Err(Refusal::new(
            404,
            "no such path; /openapi.json names every path of this service",
        )),
    }
}

/// An error in the form that clients read.
fn refuse(refusal: &Refusal) -> Answer {
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut answer = json(status, refusal);
    if let (Some(seconds), Some(headers)) = (refusal.retry_after, answer.headers_mut()) {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    answer
}
