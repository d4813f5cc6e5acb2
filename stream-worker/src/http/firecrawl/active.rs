//! `GET /crawl/active`: the jobs of a key that run.

use http::{Request, StatusCode};
use hyper::body::Incoming;
use serde::Serialize;
use serde_json::{Value, json};
use shared::request::{Format, Scope};
use shared::{ChannelId, CrawlRequest, JobState, Timestamp};
use store::journal::{ListedJob, TenantJobs};

use super::caller::tenant;
use crate::firecrawl::Refusal;
use crate::http::HttpState;
use crate::http::answer::{Answer, journal_problem, json as answer_json};

/// Jobs in the answer at most.
const MOST_JOBS: usize = 100;

/// The jobs of a key that run.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = FirecrawlActive)]
pub(in crate::http) struct Active {
    /// Always true.
    success: bool,
    /// The jobs, the one that began last first. A job that still waits in the queue is not among them.
    crawls: Vec<ActiveJob>,
}

/// A job that runs.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = FirecrawlActiveJob)]
struct ActiveJob {
    /// The job.
    id: ChannelId,
    /// The name of its API key.
    #[serde(rename = "teamId")]
    team_id: String,
    /// Its start page.
    url: String,
    /// Time of its submission.
    created_at: Timestamp,
    /// Options of its request.
    #[schema(value_type = Object)]
    options: Value,
}

pub(super) async fn active(
    state: &HttpState,
    request: &Request<Incoming>,
) -> Result<Answer, Refusal> {
    let tenant = tenant(state, request)?;
    let mut crawls = Vec::new();
    for running in [JobState::Running, JobState::Cancelling] {
        let wanted = TenantJobs {
            tenant: tenant.clone(),
            state: Some(running),
            before: None,
            most: MOST_JOBS,
        };
        let jobs = state.registry.journal().jobs_of(wanted).await;
        let jobs = jobs.map_err(|error| journal_problem(&error))?;
        crawls.extend(jobs.iter().map(|job| ActiveJob::new(&tenant, job)));
    }
    let active = Active {
        success: true,
        crawls,
    };
    Ok(answer_json(StatusCode::OK, &active))
}

impl ActiveJob {
    fn new(tenant: &str, job: &ListedJob) -> Self {
        let first = job.request.urls.first();
        Self {
            id: job.channel,
            team_id: tenant.to_owned(),
            url: first.map_or_else(String::new, ToString::to_string),
            created_at: job.submitted_at,
            options: options(&job.request),
        }
    }
}

fn options(request: &CrawlRequest) -> Value {
    let formats: Vec<&Format> = request
        .formats
        .iter()
        .filter(|format| **format != Format::Metadata)
        .collect();
    json!({
        "limit": request.limit,
        "maxDiscoveryDepth": request.max_discovery_depth,
        "includePaths": request.include_paths,
        "excludePaths": request.exclude_paths,
        "crawlEntireDomain": matches!(request.scope, Scope::Host | Scope::Domain | Scope::Any),
        "allowSubdomains": matches!(request.scope, Scope::Domain | Scope::Any),
        "allowExternalLinks": request.scope == Scope::Any,
        "sitemap": request.sitemap,
        "ignoreQueryParameters": request.ignore_query_parameters,
        "scrapeOptions": {"formats": formats},
    })
}
