//! Requests for the URLs of a site as crawl requests.

use std::time::Duration;

use serde_json::{Map, json};
use shared::request::whole_number;

use super::Version;
use super::given::Given;
use super::refusal::Refusal;
use super::requests::{SCRAPE_TIMEOUT, Submission, set, sitemap, url};

/// Links in the answer of a map at most, and if its request names no limit.
const MAP_LINKS: (u64, u64) = (100_000, 5_000);
/// Seconds that the crawl of a map may take if its request does not say.
const MAP_SECONDS: u64 = 60;
/// Seconds that it may wait for a worker before.
const MAP_QUEUED: u64 = 10;

/// A request for the URLs of a site.
#[derive(Debug, Clone, PartialEq)]
pub struct MapRequest {
    /// The job that finds them.
    pub submission: Submission,
    /// Words that each link must have.
    pub search: Option<String>,
    /// Links in the answer at most.
    pub limit: usize,
    /// Time that the answer may take, the wait for a worker included.
    pub within: Duration,
}

impl MapRequest {
    /// `POST /map`: a job that fetches the start page and the sitemaps, and nothing that they name.
    ///
    /// # Errors
    /// 400 that names each field which is wrong.
    pub fn read(version: Version, body: &[u8]) -> Result<Self, Refusal> {
        let mut given = Given::body(body).map_err(Refusal::of_body)?;
        let mut request = Map::new();
        url(&mut given, &mut request);
        let search = given.text("search");
        let limit = match given.take("limit") {
            None => MAP_LINKS.1,
            Some(value) => match value.as_u64() {
                Some(limit) if (1..=MAP_LINKS.0).contains(&limit) => limit,
                _ => {
                    let message = format!("must be a whole number from 1 to {}", MAP_LINKS.0);
                    given.fault("limit", message);
                    1
                }
            },
        };
        let subdomains = given.flag("includeSubdomains").unwrap_or(true);
        let scope = if subdomains { "domain" } else { "host" };
        request.insert("scope".to_owned(), scope.into());
        set(&mut request, "sitemap", sitemap(&mut given, version));
        let ignores_queries = given.flag("ignoreQueryParameters").unwrap_or(true);
        request.insert("ignoreQueryParameters".to_owned(), ignores_queries.into());
        request.insert("maxDiscoveryDepth".to_owned(), 0.into());
        // One more than there are start pages: a crawl that has reached its limit reads no sitemap.
        request.insert("limit".to_owned(), 2.into());
        let timeout = given.take("timeout");
        // Whoever reads the request of the crawl judges the number. The crawl ends a second before the answer is due, so that what
        // it has found by then is one.
        let wanted = timeout.as_ref().and_then(whole_number);
        let seconds = wanted.map_or(MAP_SECONDS, |millis| (millis / 1000).clamp(2, 600) - 1);
        request.insert("maxDurationSeconds".to_owned(), seconds.into());
        let of_a_page = timeout.unwrap_or(json!(SCRAPE_TIMEOUT));
        request.insert("timeoutMs".to_owned(), of_a_page);
        set(&mut request, "headers", given.take("headers"));
        given.ignore("location");
        given.ignore("useIndex");
        given.ignore("ignoreCache");
        let submission = Submission::finish(given, request, Vec::new())?;
        Ok(Self {
            submission,
            search,
            limit: usize::try_from(limit).unwrap_or(usize::MAX),
            within: wanted.map_or(
                Duration::from_secs(MAP_QUEUED + MAP_SECONDS),
                Duration::from_millis,
            ),
        })
    }
}
