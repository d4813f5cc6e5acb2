//! `DELETE /crawl/{id}`.

use std::sync::Arc;

use http::{Request, StatusCode};
use hyper::body::Incoming;
use serde::Serialize;
use shared::JobState;
use shared::token::Scope;
use store::journal::CancelReason;

use super::caller;
use crate::firecrawl::{Refusal, StatusWord, Version};
use crate::http::HttpState;
use crate::http::answer::{Answer, journal_problem, json};
use crate::http::to_the_end::to_the_end;

/// The answer to a cancel.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = FirecrawlCancelled)]
pub(in crate::http) struct Cancelled {
    /// True; absent in version 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    success: Option<bool>,
    /// Always `cancelled`: within a second no new request reaches the site.
    status: StatusWord,
}

pub(super) async fn cancel(
    state: &Arc<HttpState>,
    version: Version,
    request: &Request<Incoming>,
    id: &str,
) -> Result<Answer, Refusal> {
    let job = caller::job(state, request, id, Scope::Control).await?;
    let (journal, channel) = (state.registry.journal().clone(), job.channel);
    let before = to_the_end(&state.tasks, async move {
        let before = journal.cancel(channel, CancelReason::Requested).await;
        before.map_err(|error| journal_problem(&error))
    })
    .await?;
    match before {
        JobState::Queued | JobState::Running | JobState::Cancelling | JobState::Cancelled => {}
        JobState::Done | JobState::Failed => {
            return Err(Refusal::new(409, "the job has ended already"));
        }
    }
    tracing::info!(%channel, "cancel requested");
    let cancelled = Cancelled {
        success: (version == Version::V2).then_some(true),
        status: StatusWord::Cancelled,
    };
    Ok(json(StatusCode::OK, &cancelled))
}
