//! The OpenAPI description of Firecrawl's API. The endpoints read their bodies field by field; here is their shape.
#![expect(dead_code, reason = "only the document is made of these")]

use serde_json::Value;
use utoipa::{OpenApi, ToSchema};

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

/// Options for fetching and converting each page.
#[derive(ToSchema)]
#[schema(as = FirecrawlScrapeOptions)]
#[serde(rename_all = "camelCase")]
struct ScrapeOptions {
    /// Contents of a document: `markdown`, `html`, `rawHtml`, `links`, `images`, each as a string or as an object with `type`.
    #[schema(default = json!(["markdown"]), value_type = Option<Vec<Object>>)]
    formats: Option<Vec<Value>>,
    /// Leave out what is around the main content.
    #[schema(default = true)]
    only_main_content: Option<bool>,
    /// CSS selectors of what is kept.
    include_tags: Option<Vec<String>>,
    /// CSS selectors of what is left out.
    exclude_tags: Option<Vec<String>>,
    /// Headers that are sent to the start page's origin.
    #[schema(value_type = Option<Object>)]
    headers: Option<Value>,
    /// Milliseconds that a page may take.
    #[schema(minimum = 100, maximum = 300_000, default = 30_000)]
    timeout: Option<u64>,
}

/// A crawl.
#[derive(ToSchema)]
#[schema(as = FirecrawlCrawl, example = json!({"url": "https://example.com/docs/", "limit": 100, "scrapeOptions": {"formats": ["markdown"]}}))]
#[serde(rename_all = "camelCase")]
struct Crawl {
    /// The start page; `https://` may be left out.
    url: String,
    /// Pages at most.
    #[schema(default = 10_000, minimum = 1, maximum = 1_000_000)]
    limit: Option<u64>,
    /// Link hops from the start page.
    #[schema(default = 25, maximum = 1000)]
    max_discovery_depth: Option<u32>,
    /// Regular expressions of paths that are crawled.
    include_paths: Option<Vec<String>>,
    /// Regular expressions of paths that are not.
    exclude_paths: Option<Vec<String>>,
    /// Hold the expressions against the whole URL.
    #[serde(rename = "regexOnFullURL")]
    regex_on_full_url: Option<bool>,
    /// `include`, `skip` or `only`.
    #[schema(default = "include")]
    sitemap: Option<String>,
    /// Not only what is below the start page, but its whole host.
    crawl_entire_domain: Option<bool>,
    /// Its subdomains as well.
    allow_subdomains: Option<bool>,
    /// Any host.
    allow_external_links: Option<bool>,
    /// URLs that differ in their query only are one.
    ignore_query_parameters: Option<bool>,
    /// Pages under another spelling of the same URL are one.
    #[serde(rename = "deduplicateSimilarURLs")]
    #[schema(default = true)]
    deduplicate_similar_urls: Option<bool>,
    /// Crawl what robots.txt forbids; needs the operator's permission.
    ignore_robots_txt: Option<bool>,
    /// Seconds between two requests, one at a time.
    #[schema(minimum = 0, maximum = 60)]
    delay: Option<f64>,
    /// Requests in flight at most.
    #[schema(minimum = 1, maximum = 256)]
    max_concurrency: Option<u32>,
    /// A URL, or an object with `url`, `headers`, `metadata`, `events` and `secret`.
    #[schema(value_type = Option<Object>)]
    webhook: Option<Value>,
    /// Options for fetching and converting each page.
    scrape_options: Option<ScrapeOptions>,
}

/// The pages of a list, with the options of a single page beside them.
#[derive(ToSchema)]
#[schema(as = FirecrawlBatch, example = json!({"urls": ["https://example.com/"], "formats": ["markdown"]}))]
#[serde(rename_all = "camelCase")]
struct Batch {
    /// The pages.
    #[schema(min_items = 1, max_items = 1000)]
    urls: Vec<String>,
    /// Leave out what is no URL, and say so.
    #[serde(rename = "ignoreInvalidURLs")]
    #[schema(default = true)]
    ignore_invalid_urls: Option<bool>,
    /// Requests in flight at most.
    #[schema(minimum = 1, maximum = 256)]
    max_concurrency: Option<u32>,
    #[serde(flatten)]
    options: ScrapeOptions,
}

/// One page.
#[derive(ToSchema)]
#[schema(as = FirecrawlScrape, example = json!({"url": "https://example.com/", "formats": ["markdown", "links"]}))]
#[serde(rename_all = "camelCase")]
struct Scrape {
    /// The page; `https://` may be left out.
    url: String,
    #[serde(flatten)]
    options: ScrapeOptions,
}

/// The URLs of a site.
#[derive(ToSchema)]
#[schema(as = FirecrawlMap, example = json!({"url": "https://example.com/", "search": "docs"}))]
#[serde(rename_all = "camelCase")]
struct Map {
    /// The start page; `https://` may be left out.
    url: String,
    /// Words that each URL, title or description must have.
    search: Option<String>,
    /// URLs at most.
    #[schema(default = 5000, minimum = 1, maximum = 100_000)]
    limit: Option<u64>,
    /// `include`, `skip` or `only`.
    #[schema(default = "include")]
    sitemap: Option<String>,
    /// URLs on subdomains as well.
    #[schema(default = true)]
    include_subdomains: Option<bool>,
    /// URLs that differ in their query only are one.
    #[schema(default = true)]
    ignore_query_parameters: Option<bool>,
    /// Milliseconds that the start page may take.
    #[schema(minimum = 100, maximum = 300_000, default = 30_000)]
    timeout: Option<u64>,
}

/// Starts a crawl.
#[utoipa::path(
    post, path = "/v2/crawl", tag = "firecrawl", request_body = Crawl,
    params(("x-idempotency-key" = Option<String>, Header, description = "A retry with the same key and body answers the same job.")),
    responses(
        (status = 200, description = "The job waits for a worker.", body = Started),
        (status = 400, description = "A field is not valid; `details` names it.", body = Refusal),
        (status = 401, description = "An API key is needed.", body = Refusal),
        (status = 403, description = "It needs the operator's permission.", body = Refusal),
        (status = 413, description = "The body is larger than 64 KiB.", body = Refusal),
        (status = 415, description = "The body is not JSON.", body = Refusal),
        (status = 429, description = "A limit of the API key is reached.", body = Refusal),
        (status = 503, description = "The queue does not answer.", body = Refusal),
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
        ("limit" = Option<u64>, Query, description = "Documents in one answer, 1 to 1000; 100 if it is not given."),
        ("cursor" = Option<shared::EventId>, Query, description = "Place in the log from which an earlier `next` goes on."),
    ),
    responses(
        (status = 101, description = "A WebSocket: messages `catchup`, `document`, `status`, `done`, `error`."),
        (status = 200, description = "State and documents.", body = JobStatus),
        (status = 400, description = "A parameter is not valid.", body = Refusal),
        (status = 401, description = "An API key is needed.", body = Refusal),
        (status = 404, description = "No such job for this key.", body = Refusal),
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
        (status = 401, description = "An API key is needed.", body = Refusal),
        (status = 404, description = "No such job for this key.", body = Refusal),
        (status = 409, description = "It has ended.", body = Refusal),
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
        (status = 401, description = "An API key is needed.", body = Refusal),
        (status = 404, description = "No such job for this key.", body = Refusal),
    ),
    security((), ("apiKey" = []), ("token" = []))
)]
fn crawl_errors() {}

/// The jobs of the key that run.
#[utoipa::path(
    get, path = "/v2/crawl/active", tag = "firecrawl",
    responses(
        (status = 200, description = "The jobs.", body = Active),
        (status = 401, description = "An API key is needed.", body = Refusal),
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
        (status = 400, description = "A field is not valid; `details` names it.", body = Refusal),
        (status = 401, description = "An API key is needed.", body = Refusal),
        (status = 413, description = "The body is larger than 64 KiB.", body = Refusal),
        (status = 415, description = "The body is not JSON.", body = Refusal),
        (status = 429, description = "A limit of the API key is reached.", body = Refusal),
        (status = 503, description = "The queue does not answer.", body = Refusal),
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
        ("limit" = Option<u64>, Query, description = "Documents in one answer, 1 to 1000; 100 if it is not given."),
        ("cursor" = Option<shared::EventId>, Query, description = "Place in the log from which an earlier `next` goes on."),
    ),
    responses(
        (status = 101, description = "A WebSocket."),
        (status = 200, description = "State and documents.", body = JobStatus),
        (status = 400, description = "A parameter is not valid.", body = Refusal),
        (status = 401, description = "An API key is needed.", body = Refusal),
        (status = 404, description = "No such job for this key.", body = Refusal),
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
        (status = 401, description = "An API key is needed.", body = Refusal),
        (status = 404, description = "No such job for this key.", body = Refusal),
        (status = 409, description = "It has ended.", body = Refusal),
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
        (status = 401, description = "An API key is needed.", body = Refusal),
        (status = 404, description = "No such job for this key.", body = Refusal),
    ),
    security((), ("apiKey" = []), ("token" = []))
)]
fn batch_errors() {}

/// Fetches one page, and answers with it.
#[utoipa::path(
    post, path = "/v2/scrape", tag = "firecrawl", request_body = Scrape,
    responses(
        (status = 200, description = "The page; a status from 400 on is told in its metadata.", body = Scraped),
        (status = 400, description = "A field is not valid; `details` names it.", body = Refusal),
        (status = 401, description = "An API key is needed.", body = Refusal),
        (status = 403, description = "robots.txt forbids the page, or its address may not be dialled.", body = Refusal),
        (status = 408, description = "The page did not come in time.", body = Refusal),
        (status = 413, description = "The body is larger than 64 KiB.", body = Refusal),
        (status = 415, description = "The body is not JSON.", body = Refusal),
        (status = 429, description = "A limit of the API key is reached.", body = Refusal),
        (status = 500, description = "The page could not be fetched; `code` names the kind.", body = Refusal),
        (status = 503, description = "The queue does not answer.", body = Refusal),
    ),
    security((), ("apiKey" = []))
)]
fn scrape() {}

/// Finds the URLs of a site: its start page, the links on it, and what its sitemaps list.
#[utoipa::path(
    post, path = "/v2/map", tag = "firecrawl", request_body = Map,
    responses(
        (status = 200, description = "The URLs, each with title and description where they are known.", body = Mapped),
        (status = 400, description = "A field is not valid; `details` names it.", body = Refusal),
        (status = 401, description = "An API key is needed.", body = Refusal),
        (status = 403, description = "robots.txt forbids the page, or its address may not be dialled.", body = Refusal),
        (status = 408, description = "The site did not answer in time.", body = Refusal),
        (status = 413, description = "The body is larger than 64 KiB.", body = Refusal),
        (status = 415, description = "The body is not JSON.", body = Refusal),
        (status = 429, description = "A limit of the API key is reached.", body = Refusal),
        (status = 500, description = "The start page could not be fetched; `code` names the kind.", body = Refusal),
        (status = 503, description = "The queue does not answer.", body = Refusal),
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
        (status = 401, description = "An API key is needed.", body = Refusal),
    ),
    security((), ("apiKey" = []))
)]
fn credit_usage() {}

/// Jobs of the key that run on this worker.
#[utoipa::path(
    get, path = "/v2/team/queue-status", tag = "firecrawl",
    responses(
        (status = 200, description = "Numbers of jobs.", body = Object),
        (status = 401, description = "An API key is needed.", body = Refusal),
    ),
    security((), ("apiKey" = []))
)]
fn queue_status() {}

/// Jobs of the key that run on this worker, and how many may.
#[utoipa::path(
    get, path = "/v2/concurrency-check", tag = "firecrawl",
    responses(
        (status = 200, description = "`concurrency` and `maxConcurrency`.", body = Object),
        (status = 401, description = "An API key is needed.", body = Refusal),
    ),
    security((), ("apiKey" = []))
)]
fn concurrency() {}
