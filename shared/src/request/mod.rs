//! The body of `POST /v1/crawls`.
//!
//! This module owns the fields, their defaults and their limits ([`limits`]). A request is read by [`parse`](CrawlRequest::parse),
//! which collects every fault before it answers. Its serialised form is the normal form: every field is there, start
//! pages are under `urls`. It is what the queue carries and what the `started` event echoes. Secrets are never in it: of these it
//! has names, or `true` in their places ([`secrets`](Secret)).

mod choice;
mod content;
mod fields;
pub mod limits;
mod parse;
mod pattern;
mod seed_url;
mod secrets;
pub mod fetching;
mod unsealing;
pub mod selector;
mod webhook;

pub use choice::{EventKind, Format, OnDisconnect, Scope, SitemapMode, WebhookForm};
pub use fetching::{Cookies, SiteOrigin};
pub use fields::whole_number;
pub use pattern::PathPattern;
pub use secrets::{NamedSecrets, Secret};
pub use seed_url::SeedUrl;
pub use selector::CssSelector;
pub use unsealing::RequestSecrets;
pub use webhook::Webhook;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::ChannelId;

/// A valid crawl request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "Value")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CrawlRequest {
    /// Start pages. A request may give one as `url` instead.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, min_items = 1, max_items = 1000))]
    pub urls: Vec<SeedUrl>,
    /// Pages fetched at most. Redirects and duplicates do not count.
    #[cfg_attr(
        feature = "openapi",
        schema(default = 1000, minimum = 1, maximum = 1_000_000)
    )]
    pub limit: u64,
    /// Link hops from a start page at most; 0 crawls the start pages only.
    #[cfg_attr(feature = "openapi", schema(default = 25, maximum = 1000))]
    pub max_discovery_depth: u32,
    /// URLs that belong to the crawl, by their distance from the start pages.
    #[cfg_attr(feature = "openapi", schema(default = "host"))]
    pub scope: Scope,
    /// If any are given, only URLs whose path matches one of these regular expressions are crawled. A path matches as the URL
    /// has it (`/%C3%BCber`) or with its escapes decoded (`/über`); a pattern that matched nothing is told by a notice.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, max_items = 100))]
    pub include_paths: Vec<PathPattern>,
    /// URLs whose path matches one of these regular expressions are not crawled.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, max_items = 100))]
    pub exclude_paths: Vec<PathPattern>,
    /// Hold `includePaths` and `excludePaths` against the whole URL that is asked for, its scheme, host and query included, instead of
    /// the path.
    pub regex_on_full_url: bool,
    /// Use of the sites' sitemaps for finding URLs.
    #[cfg_attr(feature = "openapi", schema(default = "include"))]
    pub sitemap: SitemapMode,
    /// Crawl what robots.txt forbids. Needs the operator's permission.
    pub ignore_robots_txt: bool,
    /// Do not follow links marked `rel=nofollow`.
    #[cfg_attr(feature = "openapi", schema(default = true))]
    pub respect_nofollow: bool,
    /// Obey `<meta name=robots>` and `X-Robots-Tag`.
    #[cfg_attr(feature = "openapi", schema(default = true))]
    pub respect_meta_robots: bool,
    /// Treat URLs that differ only in their query as one.
    pub ignore_query_parameters: bool,
    /// Query parameters to drop before URLs are compared; `*` at the end stands for anything.
    #[cfg_attr(feature = "openapi", schema(max_items = 100))]
    pub drop_query_parameters: Vec<String>,
    /// Recognise pages by their content: what has been fetched under another URL says so with `duplicateOf`. Under another
    /// spelling of the same URL (`www.`, a slash or `index.html` at the end) it is skipped as a duplicate, its links are not
    /// followed, and it does not count against `limit`.
    #[cfg_attr(feature = "openapi", schema(default = true))]
    pub deduplicate_content: bool,
    /// URLs whose path matches one of these regular expressions are crawled although they look like endlessly many.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, max_items = 100))]
    pub trap_exemptions: Vec<PathPattern>,
    /// The channel of an earlier crawl. What it fetched is crawled again, and asked for only if it has changed since.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Uuid))]
    pub since: Option<ChannelId>,
    /// Requests in flight at most.
    #[cfg_attr(feature = "openapi", schema(default = 16, minimum = 1, maximum = 256))]
    pub max_concurrency: u32,
    /// Requests in flight to one host at most.
    #[cfg_attr(feature = "openapi", schema(default = 2, minimum = 1, maximum = 64))]
    pub max_concurrency_per_host: u32,
    /// Milliseconds between two requests to one host. A site's own crawl-delay and Retry-After win when slower.
    #[cfg_attr(feature = "openapi", schema(maximum = 60_000))]
    pub delay_ms: Option<u64>,
    /// Further tries of a fetch that failed for a passing reason, such as a timeout or a `503`.
    #[cfg_attr(feature = "openapi", schema(default = 2, maximum = 10))]
    pub retries: u32,
    /// Milliseconds that one fetch may take.
    #[cfg_attr(
        feature = "openapi",
        schema(default = 30_000, minimum = 100, maximum = 300_000)
    )]
    pub timeout_ms: u64,
    /// Bytes of one body at most, after decoding.
    #[cfg_attr(
        feature = "openapi",
        schema(default = 10_485_760, minimum = 1024, maximum = 104_857_600)
    )]
    pub max_body_bytes: u64,
    /// Seconds that the crawl may take.
    #[cfg_attr(
        feature = "openapi",
        schema(default = 3600, minimum = 1, maximum = 86_400)
    )]
    pub max_duration_seconds: u64,
    /// Contents to extract from each page; `metadata` by default.
    pub formats: Vec<Format>,
    /// Headers for pages and sitemaps of the start pages' origins (scheme, host and port) and of `headersFor`: an object of names
    /// and values, as in `{"Authorization": "Bearer …"}`. They go nowhere else, not across a redirect to another origin either, and
    /// never to robots.txt. The values are encrypted at rest and never shown; where a request is shown, this is the list of the
    /// names. A `Cookie` header is taken for its `cookies`.
    #[serde(skip_serializing_if = "NamedSecrets::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = std::collections::BTreeMap<String, String>))]
    pub headers: NamedSecrets,
    /// Cookies for the same origins as `headers`, which enter the job's cookie jar: an object of names and values. Where a request
    /// is shown, this is the list of the names. Cookies that sites set are kept while the job runs, for their own hosts; with
    /// `false` they are forgotten after each chain of redirects.
    #[serde(skip_serializing_if = "Cookies::is_default")]
    #[cfg_attr(feature = "openapi", schema(value_type = Value))]
    pub cookies: Cookies,
    /// The `User-Agent` header for every page and sitemap, also of other origins. Rules of robots.txt are those for this service's
    /// own name all the same, under which robots.txt is asked for. Encrypted at rest; where a request is shown, this is `true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, min_length = 1, max_length = 512))]
    pub user_agent: Option<Secret>,
    /// Further origins to which `headers` and `cookies` go, as in `https://example.com:8443`. `http` and `https` of one host are
    /// two.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, max_items = 100))]
    pub headers_for: Vec<SiteOrigin>,
    /// `markdown` and `cleanHtml` hold the page's main content only, without navigation, banners and the like. Without it they hold
    /// all that a page shows; so do `text` and `html` always.
    #[cfg_attr(feature = "openapi", schema(default = true))]
    pub only_main_content: bool,
    /// If any are given, `markdown`, `text`, `html` and `cleanHtml` hold the elements that these CSS selectors select, in document
    /// order, and nothing else: what is main content is not guessed then. Types, `*`, `#id`, `.class`, attributes, combinators,
    /// `:not()`, `:is()` and `:first-child` are known.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, max_items = 50))]
    pub include_tags: Vec<CssSelector>,
    /// `markdown`, `text`, `html` and `cleanHtml` hold none of the elements that these CSS selectors select. A page that breaks the
    /// limits of a tree (12 MiB, or far too many elements within each other) comes without these formats if there are any
    /// selectors.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, max_items = 50))]
    pub exclude_tags: Vec<CssSelector>,
    /// A server to which events are posted as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook: Option<Webhook>,
    /// Fate of the job after its last watcher has left. A job that nobody has ever watched runs on.
    #[cfg_attr(feature = "openapi", schema(default = "cancel"))]
    pub on_disconnect: OnDisconnect,
    /// The caller's own labels, echoed in the `started` event and in the status.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub metadata: Map<String, Value>,
}

impl CrawlRequest {
    /// True if results hold `format`.
    #[must_use]
    pub fn wants(&self, format: Format) -> bool {
        self.formats.contains(&format)
    }

    /// The request as it may be shown to watchers: without what only its submitter may know.
    #[must_use]
    pub fn shown(&self) -> Self {
        Self {
            webhook: self.webhook.as_ref().map(Webhook::shown),
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests;
