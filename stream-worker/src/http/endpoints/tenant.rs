//! `GET /v1/usage` and `GET /v1/channels`: what an API key may use, and what was submitted with it.

use http::header::AUTHORIZATION;
use http::{Request, StatusCode};
use hyper::body::Incoming;
use serde::Serialize;
use serde_json::{Map, Value};
use shared::{ChannelId, Counts, JobState, Problem, Timestamp, header};
use store::journal::{ListedJob, TenantJobs};

use crate::http::HttpState;
use crate::http::answer::{Answer, journal_problem, json};
use crate::http::credentials::parameter;
use crate::tenant::Standing;

/// Jobs in one answer at most, and if the query names no limit.
const MOST_JOBS: usize = 100;

/// The limits of an API key and its use of them.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct Usage {
    /// The name of the key.
    tenant: String,
    /// The limits; one that is null does not bind.
    limits: UsageLimits,
    /// Totals of the current day of UTC.
    today: UsageToday,
    /// Counts of this moment, on this worker.
    now: UsageNow,
}

/// The limits that the operator has set for a key.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
struct UsageLimits {
    /// Jobs that run at the same time on one worker.
    jobs: Option<u32>,
    /// Submissions a minute to one worker.
    submissions_per_minute: Option<u32>,
    /// Pages fetched on one day of UTC.
    pages_per_day: Option<u32>,
    /// Watchers at the same time on one worker.
    watchers: Option<u32>,
}

/// Totals that survive restarts.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
struct UsageToday {
    /// Jobs that began.
    jobs: u64,
    /// Pages that were fetched.
    pages: u64,
    /// Midnight of UTC, when both begin at 0 again.
    resets_at: Timestamp,
}

/// Counts of this moment, on this worker.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
struct UsageNow {
    /// Jobs that run.
    running: u32,
    /// Watchers; counted only where a limit of watchers is set.
    watchers: u32,
}

impl Usage {
    fn new(tenant: String, standing: Standing) -> Self {
        let limits = standing.limits;
        let number = |limit: Option<std::num::NonZeroU32>| limit.map(std::num::NonZeroU32::get);
        Self {
            tenant,
            limits: UsageLimits {
                jobs: number(limits.jobs),
                submissions_per_minute: number(limits.submissions),
                pages_per_day: number(limits.pages),
                watchers: number(limits.watchers),
            },
            today: UsageToday {
                jobs: standing.today.jobs,
                pages: standing.today.pages,
                resets_at: standing.resets_at,
            },
            now: UsageNow {
                running: standing.running,
                watchers: standing.watchers,
            },
        }
    }
}

/// The limits of this API key, and its use of them today.
#[utoipa::path(
    get,
    path = "/v1/usage",
    tag = "tenant",
    responses(
        (status = 200, description = "Limits and totals.", body = Usage),
        (status = 401, description = "An API key is needed.", body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("apiKey" = []))
)]
pub(in crate::http) async fn usage(
    state: &HttpState,
    request: &Request<Incoming>,
) -> Result<Answer, Problem> {
    let tenant = tenant(state, request)?;
    let journal = state.registry.journal().as_ref();
    let now = state.clock.now();
    let standing = state.tenants.standing(&tenant, journal, now).await;
    let standing = standing.map_err(|error| journal_problem(&error))?;
    Ok(json(StatusCode::OK, &Usage::new(tenant, standing)))
}

/// A page of the jobs of one API key.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct ChannelList {
    /// The jobs, the one that began last first.
    channels: Vec<ListedChannel>,
    /// The `after` of the next page; null on the last.
    next: Option<String>,
}

/// A job in a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
struct ListedChannel {
    /// Identifier of the job's channel, a UUID.
    channel_id: ChannelId,
    /// The job's state.
    state: JobState,
    /// Counters after the last event of the log.
    counts: Counts,
    /// Finished URLs in per cent of those known so far.
    percent: u8,
    /// URLs of the start pages.
    urls: Vec<String>,
    /// Labels of the caller, as they were submitted in `metadata`.
    #[schema(value_type = Object)]
    metadata: Map<String, Value>,
    /// Time of its submission, by the front's clock.
    submitted_at: Timestamp,
    /// Start of the first attempt; null before it.
    started_at: Option<Timestamp>,
    /// Time of the terminal event; null before it.
    ended_at: Option<Timestamp>,
}

impl From<ListedJob> for ListedChannel {
    fn from(job: ListedJob) -> Self {
        Self {
            channel_id: job.channel,
            state: job.state,
            counts: job.counts,
            percent: job.counts.percent(),
            urls: job
                .request
                .urls
                .iter()
                .map(|seed| seed.url().to_string())
                .collect(),
            metadata: job.request.metadata,
            submitted_at: job.submitted_at,
            started_at: job.started_at,
            ended_at: job.ended_at,
        }
    }
}

/// The jobs that were submitted with this API key, newest first.
///
/// A job is listed from its first attempt on until its record is deleted; one that still waits in the queue is not.
#[utoipa::path(
    get,
    path = "/v1/channels",
    tag = "tenant",
    params(
        ("state" = Option<JobState>, Query, description = "Only jobs in this state."),
        ("limit" = Option<usize>, Query, description = "Jobs in one answer, 1 to 100; 100 if it is not given."),
        ("after" = Option<String>, Query, description = "The `next` of the page before."),
    ),
    responses(
        (status = 200, description = "One page of jobs.", body = ChannelList),
        (status = 400, description = "A parameter is not valid.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "An API key is needed.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("apiKey" = []))
)]
pub(in crate::http) async fn channels(
    state: &HttpState,
    request: &Request<Incoming>,
) -> Result<Answer, Problem> {
    let tenant = tenant(state, request)?;
    if state.front.api_keys.is_empty() {
        return Err(Problem::unauthorized(
            "jobs are listed for the API key that submitted them, and this worker has no keys: set CRAWLCAST_API_KEYS",
        ));
    }
    let most = limit(request)?;
    let wanted = TenantJobs {
        tenant,
        state: job_state(request)?,
        before: after(request)?,
        // One more tells whether there is another page.
        most: most + 1,
    };
    let jobs = state.registry.journal().jobs_of(wanted).await;
    let mut jobs = jobs.map_err(|error| journal_problem(&error))?;
    let has_more = jobs.len() > most;
    jobs.truncate(most);
    let last = jobs.last().filter(|_| has_more);
    let next = last.map(|job| job.number.to_string());
    let channels = jobs.into_iter().map(ListedChannel::from).collect();
    Ok(json(StatusCode::OK, &ChannelList { channels, next }))
}

/// The tenant whose API key the request carries.
fn tenant(state: &HttpState, request: &Request<Incoming>) -> Result<String, Problem> {
    let authorization = header::text(request.headers(), &AUTHORIZATION)?;
    let tenant = state.front.api_keys.tenant(authorization);
    tenant.ok_or_else(|| {
        Problem::unauthorized(
            "send a key that this service knows, as Authorization: Bearer <API key>",
        )
    })
}

fn limit(request: &Request<Incoming>) -> Result<usize, Problem> {
    match parameter(request.uri().query(), &["limit"]) {
        None => Ok(MOST_JOBS),
        Some(text) => match text.parse() {
            Ok(limit) if (1..=MOST_JOBS).contains(&limit) => Ok(limit),
            _ => Err(Problem::bad_request(format!(
                "limit must be a number from 1 to {MOST_JOBS}"
            ))),
        },
    }
}

fn job_state(request: &Request<Incoming>) -> Result<Option<JobState>, Problem> {
    let Some(text) = parameter(request.uri().query(), &["state"]) else {
        return Ok(None);
    };
    let state = serde_json::from_value(Value::String(text.into_owned()));
    state.map(Some).map_err(|_error| {
        Problem::bad_request("state must be running, cancelling, done, cancelled or failed")
    })
}

fn after(request: &Request<Incoming>) -> Result<Option<u64>, Problem> {
    let Some(text) = parameter(request.uri().query(), &["after"]) else {
        return Ok(None);
    };
    text.parse()
        .map(Some)
        .map_err(|_error| Problem::bad_request("after must be the `next` of an earlier answer"))
}
