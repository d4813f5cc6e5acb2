//! The shapes of the requests' bodies, which the endpoints read field by field.

use serde_json::Value;
use utoipa::ToSchema;

/// Options for fetching and converting each page.
#[derive(ToSchema)]
#[schema(as = FirecrawlScrapeOptions)]
#[serde(rename_all = "camelCase")]
pub(super) struct ScrapeOptions {
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
pub(super) struct Crawl {
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
pub(super) struct Batch {
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
pub(super) struct Scrape {
    /// The page; `https://` may be left out.
    url: String,
    #[serde(flatten)]
    options: ScrapeOptions,
}

/// The URLs of a site.
#[derive(ToSchema)]
#[schema(as = FirecrawlMap, example = json!({"url": "https://example.com/", "search": "docs"}))]
#[serde(rename_all = "camelCase")]
pub(super) struct Map {
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
    /// Milliseconds that the whole map may take, the wait for a worker included; 408 after them. Without it, 30 seconds for the
    /// start page and 70 for all.
    #[schema(minimum = 100, maximum = 300_000)]
    timeout: Option<u64>,
}
