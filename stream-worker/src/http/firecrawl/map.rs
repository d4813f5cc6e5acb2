//! `POST /map`: the URLs of a site, in the answer.

use std::ops::ControlFlow;
use std::sync::Arc;

use http::{Request, StatusCode};
use hyper::body::Incoming;
use serde::Serialize;
use serde_json::Value;
use shared::event::PageResult;
use shared::{ChannelId, Event};
use tokio::time::Instant;

use super::follow::follow;
use super::start::queue;
use crate::firecrawl::{MapLinks, MapRequest, Refusal, ScrapeFailure, Version};
use crate::http::HttpState;
use crate::http::answer::{Answer, json};
use crate::http::endpoints::read_body;

/// The URLs of a site.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Mapped)]
pub(in crate::http) struct Mapped {
    /// Always true.
    success: bool,
    /// The job that found them, which is also its channel.
    id: ChannelId,
    /// URLs under `/v1`; objects with `url`, `title` and `description` under `/v2`.
    #[schema(value_type = Vec<Value>)]
    links: Value,
    /// Fields of the request that have no effect here, and whether time was too short for all sitemaps.
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<String>,
}

pub(super) async fn map(
    state: &Arc<HttpState>,
    version: Version,
    request: Request<Incoming>,
) -> Result<Answer, Refusal> {
    let (parts, body) = request.into_parts();
    let map = MapRequest::read(version, &read_body(body).await?)?;
    let deadline = Instant::now() + map.within;
    let queued = queue(state, &parts.headers, &map.submission, false).await?;
    let channel = queued.accepted.channel_id;
    let mut links = MapLinks::new(map.search.as_deref(), map.limit);
    let mut fetched = 0;
    let mut failure = None;
    let mut is_cut = false;
    let followed = follow(state, channel, deadline, |event, _stored| {
        match event {
            Event::Progress(progress) => match &progress.result {
                PageResult::Fetched(_) => fetched += 1,
                PageResult::Failed { error } => failure = Some(ScrapeFailure::failed(error)),
            },
            Event::Skipped(skipped) if failure.is_none() => {
                // Of a start page that is not fetched nothing else is known.
                failure = Some(ScrapeFailure::skipped(skipped.reason));
            }
            Event::Failed(ended) => failure = Some(Refusal::new(500, ended.reason.clone())),
            Event::Done(ended) => is_cut = ended.reason == "duration",
            _ => {}
        }
        links.take(event);
        if fetched > 0 && links.is_full() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    })
    .await;
    followed.map_err(|refusal| {
        let late = || Refusal::new(408, "the site's URLs did not come in time").code("MAP_TIMEOUT");
        refusal.unwrap_or_else(late)
    })?;
    if fetched == 0
        && links.found() <= 1
        && let Some(failure) = failure
    {
        return Err(failure);
    }
    let mapped = Mapped {
        success: true,
        id: channel,
        links: links.finish(version),
        warning: warning(map.submission.warning, is_cut),
    };
    Ok(json(StatusCode::OK, &mapped))
}

fn warning(of_the_request: Option<String>, is_cut: bool) -> Option<String> {
    let cut = is_cut.then(|| {
        "the time was over before all sitemaps were read: a longer timeout may find more".to_owned()
    });
    let warnings: Vec<String> = of_the_request.into_iter().chain(cut).collect();
    (!warnings.is_empty()).then(|| warnings.join("; "))
}
