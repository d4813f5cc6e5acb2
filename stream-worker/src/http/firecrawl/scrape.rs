//! `POST /scrape`: one page, in the answer.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, StatusCode};
use hyper::body::Incoming;
use serde::Serialize;
use shared::event::PageResult;
use shared::{ChannelId, Event};
use tokio::time::Instant;

use super::follow::follow;
use super::start::queue;
use crate::firecrawl::{Document, Refusal, ScrapeFailure, Submission, Version};
use crate::http::HttpState;
use crate::http::answer::{Answer, json};
use crate::http::endpoints::read_body;

/// Time that a page's job may wait for a worker.
const QUEUED: Duration = Duration::from_secs(5);

/// A page.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Scraped)]
pub(in crate::http) struct Scraped {
    /// Always true.
    success: bool,
    /// The job that fetched it: its events are under `/v1/channels/{id}/events`.
    channel_id: ChannelId,
    /// The page. A status from 400 on is told in its metadata.
    data: Document,
    /// Fields of the request that have no effect here.
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<String>,
}

pub(super) async fn scrape(
    state: &Arc<HttpState>,
    version: Version,
    request: Request<Incoming>,
) -> Result<Answer, Refusal> {
    let (parts, body) = request.into_parts();
    let submission = Submission::scrape(version, &read_body(body).await?)?;
    let seconds = submission.request["maxDurationSeconds"].as_u64();
    let deadline = Instant::now() + QUEUED + Duration::from_secs(seconds.unwrap_or(60));
    let queued = queue(state, &parts.headers, &submission, false).await?;
    let channel = queued.accepted.channel_id;
    let mut outcome = Err(ScrapeFailure::timed_out());
    let followed = follow(state, channel, deadline, |event, stored| {
        match event {
            Event::Progress(progress) => {
                let document = Document::of(&stored.data, stored.id);
                outcome = match (document, &progress.result) {
                    (Some(document), _) => Ok(document),
                    (None, PageResult::Failed { error }) => Err(ScrapeFailure::failed(error)),
                    (None, PageResult::Fetched(_)) => return ControlFlow::Continue(()),
                };
                return ControlFlow::Break(());
            }
            Event::Skipped(skipped) => outcome = Err(ScrapeFailure::skipped(skipped.reason)),
            Event::Failed(ended) => outcome = Err(Refusal::new(500, ended.reason.clone())),
            _ => {}
        }
        ControlFlow::Continue(())
    })
    .await;
    followed.map_err(|refusal| refusal.unwrap_or_else(ScrapeFailure::timed_out))?;
    let scraped = Scraped {
        success: true,
        channel_id: channel,
        data: outcome?,
        warning: submission.warning,
    };
    Ok(json(StatusCode::OK, &scraped))
}
