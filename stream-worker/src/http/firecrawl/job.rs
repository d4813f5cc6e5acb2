//! `GET /crawl/{id}`: the state of a job, with a page of its documents, or as a WebSocket.

use std::sync::Arc;
use std::time::Duration;

use http::{Request, StatusCode};
use hyper::body::Incoming;
use shared::token::Scope;
use shared::{ChannelId, Counts, EventId, JobState, Timestamp};
use store::journal::{JournalError, Snapshot};

use super::caller::{self, Job};
use super::documents::{self, Documents, PageLength, Wanted};
use super::handshake;
use super::status_body::{self, PageUrls};
use super::watch::Watch;
use crate::channel::Feed;
use crate::firecrawl::{JobKind, JobStatus, Refusal, Version};
use crate::http::HttpState;
use crate::http::answer::{Answer, journal_problem, json};
use crate::http::credentials::parameter;

pub(super) async fn job(
    state: &Arc<HttpState>,
    version: Version,
    kind: JobKind,
    request: &Request<Incoming>,
    id: &str,
) -> Result<Answer, Refusal> {
    let job = caller::job(state, request, id, Scope::Watch).await?;
    if job
        .snapshot
        .as_ref()
        .is_some_and(|snapshot| snapshot.expired)
    {
        return Err(Refusal::new(404, "Job expired"));
    }
    if handshake::is_asked_for(request) {
        return watch(state, version, &job, request).await;
    }
    let query = Query::read(request)?;
    let status = status(state, job.snapshot.as_ref());
    let Some(snapshot) = job.snapshot else {
        return Ok(json(StatusCode::OK, &status));
    };
    let wanted = Wanted {
        after: query.cursor,
        skip: query.skip,
        length: query.length(),
        until: snapshot.head.position,
        total: snapshot.counts.fetched + snapshot.counts.failed,
    };
    let urls = page_urls(state, version, kind, request, job.channel, query.limit);
    let journal = state.registry.journal().clone();
    let refused = |error: JournalError| documents::refusal(&error);
    let documents = Documents::begin(journal, job.channel, wanted).await;
    let answer = status_body::answer(&status, job.channel, documents.map_err(refused)?, urls).await;
    Ok(Answer::Response(answer.map_err(refused)?))
}

fn page_urls(
    state: &HttpState,
    version: Version,
    kind: JobKind,
    request: &Request<Incoming>,
    channel: ChannelId,
    limit: Option<u64>,
) -> PageUrls {
    let base = state.front.public_url.as_str().trim_end_matches('/');
    let mut rest = limit.map_or_else(String::new, |limit| format!("&limit={limit}"));
    if let Some(token) = parameter(request.uri().query(), &["token"]) {
        rest.push_str("&token=");
        rest.extend(url::form_urlencoded::byte_serialize(token.as_bytes()));
    }
    PageUrls {
        base: format!("{base}/{}/{}/{channel}", version.segment(), kind.path()),
        rest,
    }
}

async fn watch(
    state: &Arc<HttpState>,
    version: Version,
    job: &Job,
    request: &Request<Incoming>,
) -> Result<Answer, Refusal> {
    let head = handshake::head(request)?;
    if state.draining.is_cancelled() {
        return Err(Refusal::new(503, "this worker is stopping; try again"));
    }
    let feed = Feed::open(&state.registry, job.channel).await;
    let feed = feed
        .map_err(|error| journal_problem(&error))?
        .ok_or_else(|| Refusal::new(503, "this worker has as many watchers as it may have"))?;
    let status = status(state, job.snapshot.as_ref());
    let watch = Watch::new(version, feed, status, state.connection.stall, head);
    Ok(Answer::WebSocket(Box::new(watch)))
}

/// The page that a query asks for.
struct Query {
    /// The event after which it begins; ours, from an earlier `next`.
    cursor: EventId,
    /// Documents that lie before it.
    skip: u64,
    limit: Option<u64>,
}

impl Query {
    fn read(request: &Request<Incoming>) -> Result<Self, Refusal> {
        let query = request.uri().query();
        let skip = match parameter(query, &["skip"]) {
            None => 0,
            Some(text) => text
                .parse()
                .ok()
                // As large as the document's `int64`.
                .filter(|skip| i64::try_from(*skip).is_ok())
                .ok_or_else(|| Refusal::new(400, "skip must be a whole number from 0 on"))?,
        };
        let limit = match parameter(query, &["limit"]).map(|text| text.parse()) {
            None => None,
            Some(Ok(limit)) if (1..=PageLength::LONGEST.documents).contains(&limit) => Some(limit),
            Some(_) => {
                let most = PageLength::LONGEST.documents;
                let detail = format!("limit must be a whole number from 1 to {most}");
                return Err(Refusal::new(400, detail));
            }
        };
        let cursor = match parameter(query, &["cursor"]) {
            None => EventId::START,
            Some(text) => text
                .parse()
                .map_err(|_error| Refusal::new(400, "cursor must be that of an earlier next"))?,
        };
        Ok(Self {
            cursor,
            skip,
            limit,
        })
    }

    fn length(&self) -> PageLength {
        match self.limit {
            Some(limit) => PageLength::of(limit),
            None if self.skip == 0 && self.cursor == EventId::START => PageLength::FIRST,
            None => PageLength::FURTHER,
        }
    }
}

/// The state of a job, without documents.
fn status(state: &HttpState, snapshot: Option<&Snapshot>) -> JobStatus {
    let unknown = (JobState::Queued, Counts::default());
    let (job_state, counts) =
        snapshot.map_or(unknown, |snapshot| (snapshot.state, snapshot.counts));
    let mut status = JobStatus::new(job_state.into(), &counts, expires_at(state, snapshot));
    status.warning = snapshot.and_then(warning);
    status
}

/// The end of the retention, as far as it is known: that of a job which still runs begins later.
fn expires_at(state: &HttpState, snapshot: Option<&Snapshot>) -> Timestamp {
    let ended = snapshot.and_then(|snapshot| snapshot.ended_at);
    let longest = snapshot.and_then(|snapshot| {
        let seconds = snapshot.request.as_ref()?.max_duration_seconds;
        Some(snapshot.started_at?.plus(Duration::from_secs(seconds)))
    });
    ended
        .or(longest)
        .unwrap_or_else(|| state.clock.now())
        .plus(state.front.retention)
}

/// Fields of the request that have no effect here, as they were noted when it was submitted.
fn warning(snapshot: &Snapshot) -> Option<String> {
    let labels = &snapshot.request.as_ref()?.metadata;
    let warning = labels.get("firecrawl")?.get("warning")?;
    warning.as_str().map(str::to_owned)
}
