//! The paths of Firecrawl's API.

use crate::firecrawl::{JobKind, Version};

/// A path of one version.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct Call {
    pub(super) version: Version,
    pub(super) endpoint: Endpoint,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Endpoint {
    Start(JobKind),
    Job(JobKind),
    Errors,
    Active,
    Scrape,
    Map,
    CreditUsage,
    QueueStatus,
    Concurrency,
    /// A call that needs what this server does not have.
    Missing(&'static str),
    Unknown,
}

impl Call {
    pub(in crate::http) const fn methods(self) -> &'static str {
        match self.endpoint {
            Endpoint::Start(_) | Endpoint::Scrape | Endpoint::Map => "POST, OPTIONS",
            Endpoint::Job(_) => "GET, DELETE, OPTIONS",
            Endpoint::Errors
            | Endpoint::Active
            | Endpoint::CreditUsage
            | Endpoint::QueueStatus
            | Endpoint::Concurrency => "GET, HEAD, OPTIONS",
            Endpoint::Missing(_) | Endpoint::Unknown => {
                "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
            }
        }
    }
}

const MODEL: Endpoint = Endpoint::Missing("a language model");
const SEARCH: Endpoint = Endpoint::Missing("a search engine");
const BROWSER: Endpoint = Endpoint::Missing("a browser");
const SCHEDULE: Endpoint = Endpoint::Missing("a schedule");

/// Every path, with what it leads to.
pub(in crate::http) const PATHS: [(&str, Call); 40] = [
    v1("/v1/crawl", Endpoint::Start(JobKind::Crawl)),
    v1("/v1/crawl/active", Endpoint::Active),
    v1("/v1/crawl/ongoing", Endpoint::Active),
    v1("/v1/crawl/{id}", Endpoint::Job(JobKind::Crawl)),
    v1("/v1/crawl/{id}/errors", Endpoint::Errors),
    v1("/v1/batch/scrape", Endpoint::Start(JobKind::Batch)),
    v1("/v1/batch/scrape/{id}", Endpoint::Job(JobKind::Batch)),
    v1("/v1/batch/scrape/{id}/errors", Endpoint::Errors),
    v1("/v1/scrape", Endpoint::Scrape),
    v1("/v1/map", Endpoint::Map),
    v1("/v1/team/credit-usage", Endpoint::CreditUsage),
    v1("/v1/team/queue-status", Endpoint::QueueStatus),
    v1("/v1/concurrency-check", Endpoint::Concurrency),
    v1("/v1/search", SEARCH),
    v1("/v1/extract", MODEL),
    v1("/v1/extract/{id}", MODEL),
    v1("/v1/deep-research", MODEL),
    v1("/v1/llmstxt", MODEL),
    v2("/v2/crawl", Endpoint::Start(JobKind::Crawl)),
    v2("/v2/crawl/active", Endpoint::Active),
    v2("/v2/crawl/ongoing", Endpoint::Active),
    v2("/v2/crawl/params-preview", MODEL),
    v2("/v2/crawl/{id}", Endpoint::Job(JobKind::Crawl)),
    v2("/v2/crawl/{id}/errors", Endpoint::Errors),
    v2("/v2/batch/scrape", Endpoint::Start(JobKind::Batch)),
    v2("/v2/batch/scrape/{id}", Endpoint::Job(JobKind::Batch)),
    v2("/v2/batch/scrape/{id}/errors", Endpoint::Errors),
    v2("/v2/scrape", Endpoint::Scrape),
    v2("/v2/map", Endpoint::Map),
    v2("/v2/team/credit-usage", Endpoint::CreditUsage),
    v2("/v2/team/queue-status", Endpoint::QueueStatus),
    v2("/v2/concurrency-check", Endpoint::Concurrency),
    v2("/v2/search", SEARCH),
    v2("/v2/extract", MODEL),
    v2("/v2/extract/{id}", MODEL),
    v2("/v2/agent", MODEL),
    v2("/v2/agent/{id}", MODEL),
    v2("/v2/browser", BROWSER),
    v2("/v2/monitor", SCHEDULE),
    v2("/v2/{*rest}", Endpoint::Unknown),
];

const fn v1(path: &'static str, endpoint: Endpoint) -> (&'static str, Call) {
    call(path, Version::V1, endpoint)
}

const fn v2(path: &'static str, endpoint: Endpoint) -> (&'static str, Call) {
    call(path, Version::V2, endpoint)
}

const fn call(path: &'static str, version: Version, endpoint: Endpoint) -> (&'static str, Call) {
    (path, Call { version, endpoint })
}
