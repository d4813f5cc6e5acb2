//! The OpenAPI description of Firecrawl's API. One function for each call, named as its operation.
#![expect(dead_code, reason = "only the document is made of these")]

mod bodies;
mod errors;

use utoipa::OpenApi;

use bodies::{Batch, Crawl, Map, Scrape};
use errors::{NeedsKey, OfFetch, OfJob, OfSubmission};

use super::active::Active;
use super::cancel::Cancelled;
use super::map::Mapped;
use super::scrape::Scraped;
use super::start::Started;
use crate::firecrawl::{JobErrors, JobStatus, Refusal};

/// The paths under `/v2`, and those of `/v1` that are Crawlcast's own as well.
#[derive(OpenApi)]
#[openapi(paths(
    start_crawl,
    crawl_status,
    cancel_crawl,
    crawl_errors,
    active_crawls,
    start_batch,
    batch_status,
    cancel_batch,
    batch_errors,
    scrape,
    map,
    scrape_v1,
    map_v1,
    credit_usage,
    queue_status,
    concurrency,
))]
pub(in crate::http) struct FirecrawlApi;

/// Starts a crawl.
#[utoipa::path(
    post, path = "/v2/crawl", tag = "firecrawl", request_body = Crawl,
    params(("x-idempotency-key" = Option<String>, Header, description = "A retry with the same key and body answers the same job.")),
    responses(
        (status = 200, description = "The job waits for a worker.", body = Started),
        (status = 403, description = "It needs the operator's permission.", body = Refusal),
        OfSubmission,
    ),
    security((), ("apiKey" = []))
)]
fn start_crawl() {}

/// The job's state with a page of its documents; with `Upgrade: websocket`, the documents as they come.
#[utoipa::path(
    get, path = "/v2/crawl/{id}", tag = "firecrawl",
    params(
        ("id" = shared::ChannelId, Path, description = "The job."),
        ("skip" = Option<u64>, Query, description = "Documents to pass over."),
        ("limit" = Option<u64>, Query, description = "Documents in one answer at most, 1 to 1000, within 10 MiB. If it is not given, 100, and on the first page within 384 KiB. `next` leads to those that follow."),
        ("cursor" = Option<shared::EventId>, Query, description = "Place in the log from which an earlier `next` goes on."),
    ),
    responses(
        (status = 101, description = "A WebSocket: messages `catchup`, `document`, `status`, `done`, `error`."),
        (status = 200, description = "State and documents.", body = JobStatus),
        (status = 400, description = "A parameter is not valid.", body = Refusal),
        OfJob,
    ),
    security((), ("apiKey" = []), ("token" = []))
)]
fn crawl_status() {}

/// Stops the job.
#[utoipa::path(
    delete, path = "/v2/crawl/{id}", tag = "firecrawl",
    params(("id" = shared::ChannelId, Path, description = "The job.")),
    responses(
        (status = 200, description = "It is stopping.", body = Cancelled),
        (status = 409, description = "It has ended.", body = Refusal),
        OfJob,
    ),
    security((), ("apiKey" = []), ("token" = []))
)]
fn cancel_crawl() {}

/// Pages that could not be fetched.
#[utoipa::path(
    get, path = "/v2/crawl/{id}/errors", tag = "firecrawl",
    params(("id" = shared::ChannelId, Path, description = "The job.")),
    responses(
        (status = 200, description = "The first 10,000 of them.", body = JobErrors),
        OfJob,
    ),
    security((), ("apiKey" = []), ("token" = []))
)]
fn crawl_errors() {}

/// The jobs of the key that run.
#[utoipa::path(
    get, path = "/v2/crawl/active", tag = "firecrawl",
    responses(
        (status = 200, description = "The jobs.", body = Active),
        NeedsKey,
    ),
    security((), ("apiKey" = []))
)]
fn active_crawls() {}

/// Starts a job of a list of pages.
#[utoipa::path(
    post, path = "/v2/batch/scrape", tag = "firecrawl", request_body = Batch,
    params(("x-idempotency-key" = Option<String>, Header, description = "A retry with the same key and body answers the same job.")),
    responses(
        (status = 200, description = "The job waits for a worker.", body = Started),
        OfSubmission,
    ),
    security((), ("apiKey" = []))
)]
fn start_batch() {}

/// As for a crawl.
#[utoipa::path(
    get, path = "/v2/batch/scrape/{id}", tag = "firecrawl",
    params(
        ("id" = shared::ChannelId, Path, description = "The job."),
        ("skip" = Option<u64>, Query, description = "Documents to pass over."),
        ("limit" = Option<u64>, Query, description = "Documents in one answer at most, 1 to 1000, within 10 MiB. If it is not given, 100, and on the first page within 384 KiB. `next` leads to those that follow."),
        ("cursor" = Option<shared::EventId>, Query, description = "Place in the log from which an earlier `next` goes on."),
    ),
    responses(
        (status = 101, description = "A WebSocket."),
        (status = 200, description = "State and documents.", body = JobStatus),
        (status = 400, description = "A parameter is not valid.", body = Refusal),
        OfJob,
    ),
    security((), ("apiKey" = []), ("token" = []))
)]
fn batch_status() {}

/// As for a crawl.
#[utoipa::path(
    delete, path = "/v2/batch/scrape/{id}", tag = "firecrawl",
    params(("id" = shared::ChannelId, Path, description = "The job.")),
    responses(
        (status = 200, description = "It is stopping.", body = Cancelled),
        (status = 409, description = "It has ended.", body = Refusal),
        OfJob,
    ),
    security((), ("apiKey" = []), ("token" = []))
)]
fn cancel_batch() {}

/// As for a crawl.
#[utoipa::path(
    get, path = "/v2/batch/scrape/{id}/errors", tag = "firecrawl",
    params(("id" = shared::ChannelId, Path, description = "The job.")),
    responses(
        (status = 200, description = "The first 10,000 of them.", body = JobErrors),
        OfJob,
    ),
    security((), ("apiKey" = []), ("token" = []))
)]
fn batch_errors() {}

/// Fetches one page, and answers with it.
#[utoipa::path(
    post, path = "/v2/scrape", tag = "firecrawl", request_body = Scrape,
    responses(
        (status = 200, description = "The page; a status from 400 on is told in its metadata.", body = Scraped),
        OfSubmission,
        OfFetch,
    ),
    security((), ("apiKey" = []))
)]
fn scrape() {}

/// Finds the URLs of a site: its start page, the links on it, and what its sitemaps list.
#[utoipa::path(
    post, path = "/v2/map", tag = "firecrawl", request_body = Map,
    responses(
        (status = 200, description = "The URLs, each with title and description where they are known.", body = Mapped),
        OfSubmission,
        OfFetch,
    ),
    security((), ("apiKey" = []))
)]
fn map() {}

/// As `/v2/scrape`.
#[utoipa::path(
    post, path = "/v1/scrape", tag = "submit", request_body = Scrape,
    responses(
        (status = 200, description = "The page; a status from 400 on is told in its metadata.", body = Scraped),
        (status = "default", description = "As for `/v2/scrape`.", body = Refusal),
    ),
    security((), ("apiKey" = []))
)]
fn scrape_v1() {}

/// As `/v2/map`, with links as strings.
#[utoipa::path(
    post, path = "/v1/map", tag = "submit", request_body = Map,
    responses(
        (status = 200, description = "The URLs.", body = Mapped),
        (status = "default", description = "As for `/v2/map`.", body = Refusal),
    ),
    security((), ("apiKey" = []))
)]
fn map_v1() {}

/// Pages that the key may still fetch today.
#[utoipa::path(
    get, path = "/v2/team/credit-usage", tag = "firecrawl",
    responses(
        (status = 200, description = "`data` has `remainingCredits`, `planCredits` and `billingPeriodEnd`.", body = Object),
        NeedsKey,
    ),
    security((), ("apiKey" = []))
)]
fn credit_usage() {}

/// Jobs of the key that run on this worker.
#[utoipa::path(
    get, path = "/v2/team/queue-status", tag = "firecrawl",
    responses(
        (status = 200, description = "Numbers of jobs.", body = Object),
        NeedsKey,
    ),
    security((), ("apiKey" = []))
)]
fn queue_status() {}

/// Jobs of the key that run on this worker, and how many may.
#[utoipa::path(
    get, path = "/v2/concurrency-check", tag = "firecrawl",
    responses(
        (status = 200, description = "`concurrency` and `maxConcurrency`.", body = Object),
        NeedsKey,
    ),
    security((), ("apiKey" = []))
)]
fn concurrency() {}
