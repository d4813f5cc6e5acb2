//! `/v1/channels/{id}` and what can be done to a channel.

use http::{Request, StatusCode};
use hyper::body::Incoming;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use shared::JobState;
use shared::token::Scope;
use shared::{
    Attempt, ChannelId, Counts, CrawlRequest, EventId, HostRobots, Problem, Timestamp, header,
};
use store::journal::{CancelReason, Cursor, Snapshot};
use uuid::Uuid;

use super::read_body;
use crate::export::{ByteOrderMark, ResultsFormat, Selection};
use crate::http::HttpState;
use crate::http::answer::{Answer, journal_problem, json};
use crate::http::credentials::{authorize, parameter};
use crate::http::results;
use crate::http::to_the_end::to_the_end;

/// State, counters and request of a job.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct Status {
    /// Identifier of the job's channel, a UUID.
    channel_id: ChannelId,
    /// The job's state.
    state: JobState,
    /// Counters after the last event of the log.
    counts: Counts,
    /// Finished URLs in per cent of those known so far.
    percent: u8,
    /// The attempt that holds or last held the job; 0 before the first.
    attempt: Attempt,
    /// Identifier of the last event of the log.
    head: EventId,
    /// Watchers, on all workers.
    watchers: u64,
    /// True while the stream is paused for all watchers.
    paused: bool,
    /// The request, once a worker has taken the job.
    request: Option<CrawlRequest>,
    /// Labels of the caller, as they were submitted in `metadata`.
    #[schema(value_type = Object)]
    metadata: Map<String, Value>,
    /// Start of the first attempt; null while the job waits in the queue.
    started_at: Option<Timestamp>,
    /// Time of the terminal event; null before it.
    ended_at: Option<Timestamp>,
    /// The robots.txt of each host, by its name, as the job read it last: of the first hundred hosts, and of none if the request
    /// ignores robots.txt. An entry comes with the first page or event of its host.
    robots: Vec<HostRobots>,
}

impl Status {
    fn new(channel_id: ChannelId, snapshot: Option<Snapshot>) -> Self {
        // A channel that the journal does not know yet waits in the queue.
        let unknown = Snapshot {
            state: JobState::Queued,
            counts: Counts::default(),
            attempt: Attempt::default(),
            head: EventId::START,
            tenant: None,
            request: None,
            started_at: None,
            ended_at: None,
            paused: false,
            watchers: 0,
            robots: Vec::new(),
            expired: false,
        };
        let snapshot = snapshot.unwrap_or(unknown);
        Self {
            channel_id,
            state: snapshot.state,
            counts: snapshot.counts,
            percent: snapshot.counts.percent(),
            attempt: snapshot.attempt,
            head: snapshot.head,
            watchers: snapshot.watchers,
            paused: snapshot.paused,
            metadata: snapshot
                .request
                .as_ref()
                .map(|request| request.metadata.clone())
                .unwrap_or_default(),
            request: snapshot.request.as_ref().map(CrawlRequest::shown),
            started_at: snapshot.started_at,
            ended_at: snapshot.ended_at,
            robots: snapshot.robots,
        }
    }
}

/// State, counters and request of a job.
#[utoipa::path(
    get,
    path = "/v1/channels/{id}",
    tag = "channel",
    params(("id" = ChannelId, Path, description = "The channel.")),
    responses(
        (status = 200, description = "The job's state and counters.", body = Status),
        (status = 404, description = "No such channel for this token or API key.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("token" = []), ("apiKey" = []))
)]
pub(in crate::http) async fn status(
    state: &HttpState,
    request: &Request<Incoming>,
    id: &str,
) -> Result<Answer, Problem> {
    let channel = authorize(state, request, id, Scope::Watch).await?;
    let snapshot = state
        .registry
        .journal()
        .snapshot(channel)
        .await
        .map_err(|error| journal_problem(&error))?;
    Ok(json(StatusCode::OK, &Status::new(channel, snapshot)))
}

/// Every page so far, whole, as one download; or those of one state, or the URLs that were refused.
///
/// The header `Last-Event-ID` of the answer names the event up to which it goes: given as `after`, the next download begins there, so
/// that a program can take what is new from time to time.
#[utoipa::path(
    get,
    path = "/v1/channels/{id}/results",
    tag = "channel",
    params(
        ("id" = ChannelId, Path, description = "The channel."),
        ("format" = Option<ResultsFormat>, Query, description = "ndjson (default) or csv."),
        ("state" = Option<String>, Query, description = "Only the pages that were `fetched`, or that `failed`; or the URLs that were `skipped`. By default those that were fetched and that failed."),
        ("after" = Option<EventId>, Query, description = "Only what came after this event of the job, which the stream, the status (`head`) or an earlier download (`Last-Event-ID`) has named."),
        ("bom" = Option<u8>, Query, description = "1 puts a byte order mark before CSV, so that Excel reads it as UTF-8; 0 by default."),
    ),
    responses(
        (status = 200, description = "One page or URL on each line. The header Last-Event-ID names the last event that was looked at.", content((String = "application/x-ndjson"), (String = "text/csv"))),
        (status = 400, description = "A parameter has a value that it cannot have; the detail says what would be right.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such channel for this token or API key.", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "The record is no longer kept.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("token" = []), ("apiKey" = []))
)]
pub(in crate::http) async fn results(
    state: &HttpState,
    request: &Request<Incoming>,
    id: &str,
) -> Result<Answer, Problem> {
    let channel = authorize(state, request, id, Scope::Watch).await?;
    let format = match parameter(request.uri().query(), &["format"]).as_deref() {
        None | Some("ndjson") => ResultsFormat::Ndjson,
        Some("csv") => ResultsFormat::Csv,
        Some(_) => return Err(Problem::bad_request("format must be ndjson or csv")),
    };
    let selection = match parameter(request.uri().query(), &["state"]).as_deref() {
        None => Selection::Pages,
        Some(state) => state
            .parse()
            .map_err(|()| Problem::bad_request("state must be fetched, failed or skipped"))?,
    };
    let mark = match (
        format,
        parameter(request.uri().query(), &["bom"]).as_deref(),
    ) {
        (_, None | Some("0")) => ByteOrderMark::Absent,
        (ResultsFormat::Csv, Some("1")) => ByteOrderMark::Present,
        _ => {
            return Err(Problem::bad_request(
                "bom must be 0 or 1, and 1 goes with format=csv",
            ));
        }
    };
    let snapshot = state
        .registry
        .journal()
        .snapshot(channel)
        .await
        .map_err(|error| journal_problem(&error))?;
    let until = match snapshot {
        Some(snapshot) if snapshot.expired => {
            return Err(Problem::gone(
                "the record of this job was deleted when its retention ended",
            ));
        }
        Some(snapshot) => snapshot.head,
        None => EventId::START,
    };
    let wanted = results::Wanted {
        after: cursor(state, request, channel).await?,
        until,
        selection,
        format,
        mark,
    };
    let journal = state.registry.journal().clone();
    Ok(Answer::Response(results::download(
        journal, channel, wanted,
    )))
}

/// The event after which a download begins; it is in the log.
async fn cursor(
    state: &HttpState,
    request: &Request<Incoming>,
    channel: ChannelId,
) -> Result<EventId, Problem> {
    let Some(given) = parameter(request.uri().query(), &["after"]) else {
        return Ok(EventId::START);
    };
    let after: EventId = given.parse().map_err(|error| {
        Problem::bad_request(format!("after must be the ID of an event: {error}"))
    })?;
    let place = state.registry.journal().locate(channel, after).await;
    match place.map_err(|error| journal_problem(&error))? {
        Cursor::Valid => Ok(after),
        Cursor::Unknown => Err(Problem::bad_request(format!(
            "after must be the ID of an event of this job, or 0-0 for all of it; {after} is none"
        ))),
        Cursor::LostTail { after: common } => Err(Problem::bad_request(format!(
            "after must be the ID of an event of this job; {after} was lost by the store, and {common} is the last one before it that \
             was not"
        ))),
        Cursor::Trimmed { .. } => Err(Problem::gone("what followed that event is no longer kept")),
    }
}

/// The streams that a pause or resume applies to.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::http) struct Gating {
    /// One connection, as its `hello` named it. All, if absent.
    connection_id: Option<Uuid>,
}

/// State of the gate after a pause or resume.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct Gated {
    /// True after a pause, false after a resume.
    paused: bool,
    /// The one connection that this is about, if it is about one.
    connection_id: Option<Uuid>,
}

/// Pauses the stream of one watcher or of all. The job runs on, nothing is lost.
#[utoipa::path(
    post,
    path = "/v1/channels/{id}/pause",
    tag = "channel",
    params(("id" = ChannelId, Path, description = "The channel.")),
    request_body(content = Option<Gating>),
    responses(
        (status = 200, description = "Paused.", body = Gated),
        (status = 400, description = "The body is neither empty nor names a connection.", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The token may only watch.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such channel for this token, or no such connection.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("token" = []), ("apiKey" = []))
)]
pub(in crate::http) async fn pause(
    state: &HttpState,
    request: Request<Incoming>,
    id: &str,
) -> Result<Answer, Problem> {
    gate(state, request, id, true).await
}

/// Resumes what was paused, from where it stopped.
#[utoipa::path(
    post,
    path = "/v1/channels/{id}/resume",
    tag = "channel",
    params(("id" = ChannelId, Path, description = "The channel.")),
    request_body(content = Option<Gating>),
    responses(
        (status = 200, description = "Resumed.", body = Gated),
        (status = 400, description = "The body is neither empty nor names a connection.", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The token may only watch.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such channel for this token, or no such connection.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("token" = []), ("apiKey" = []))
)]
pub(in crate::http) async fn resume(
    state: &HttpState,
    request: Request<Incoming>,
    id: &str,
) -> Result<Answer, Problem> {
    gate(state, request, id, false).await
}

async fn gate(
    state: &HttpState,
    request: Request<Incoming>,
    id: &str,
    paused: bool,
) -> Result<Answer, Problem> {
    let channel = authorize(state, &request, id, Scope::Control).await?;
    header::check_encoding(request.headers())?;
    let body = read_body(request.into_body()).await?;
    let body = header::without_mark(&body);
    let gating: Gating = if body.is_empty() {
        Gating::default()
    } else {
        serde_json::from_slice(body).map_err(|error| {
            Problem::bad_request(format!(
                "the body must be empty or {{\"connectionId\": \"<uuid from hello>\"}}: {error}"
            ))
        })?
    };
    match gating.connection_id {
        Some(connection) => {
            let registry = state.registry.clone();
            let found = to_the_end(&state.tasks, async move {
                let found = registry.pause_one(channel, connection, paused).await;
                found.map_err(|error| journal_problem(&error))
            });
            if !found.await? {
                return Err(Problem::not_found(
                    "no worker has such a connection; its hello names it as connectionId",
                ));
            }
        }
        None => {
            let journal = state.registry.journal().clone();
            to_the_end(&state.tasks, async move {
                let paused = journal.pause(channel, paused).await;
                paused.map_err(|error| journal_problem(&error))
            })
            .await?;
        }
    }
    Ok(json(
        StatusCode::OK,
        &Gated {
            paused,
            connection_id: gating.connection_id,
        },
    ))
}

/// The state that a cancel leads to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(in crate::http) struct Cancelling {
    /// `cancelling`, or `cancelled` if it was so already.
    state: JobState,
}

/// Stops the job. The answer comes once the order is durable; within a second no new request reaches the site.
#[utoipa::path(
    post,
    path = "/v1/channels/{id}/cancel",
    tag = "channel",
    params(("id" = ChannelId, Path, description = "The channel.")),
    responses(
        (status = 202, description = "The job is stopping.", body = Cancelling),
        (status = 403, description = "The token may only watch.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such channel for this token or API key.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The job has ended.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("token" = []), ("apiKey" = []))
)]
pub(in crate::http) async fn cancel(
    state: &HttpState,
    request: &Request<Incoming>,
    id: &str,
) -> Result<Answer, Problem> {
    let channel = authorize(state, request, id, Scope::Control).await?;
    let journal = state.registry.journal().clone();
    let before = to_the_end(&state.tasks, async move {
        let before = journal.cancel(channel, CancelReason::Requested).await;
        before.map_err(|error| journal_problem(&error))
    })
    .await?;
    let state = match before {
        JobState::Queued | JobState::Running | JobState::Cancelling => JobState::Cancelling,
        JobState::Cancelled => JobState::Cancelled,
        JobState::Done | JobState::Failed => {
            return Err(Problem::conflict(
                "the job has ended already; its terminal event says how",
            ));
        }
    };
    tracing::info!(%channel, "cancel requested");
    Ok(json(StatusCode::ACCEPTED, &Cancelling { state }))
}
