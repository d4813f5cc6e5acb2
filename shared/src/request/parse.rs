//! Bytes to [`CrawlRequest`], or every reason why not.

use serde_json::Value;

use super::content::selectors;
use super::fields::{Fields, labels};
use super::limits;
use super::{
    Cookies, CrawlRequest, Format, OnDisconnect, PathPattern, Scope, SeedUrl, SiteOrigin,
    SitemapMode, Webhook, fetching,
};
use crate::problem::Fault;
use crate::{ChannelId, header};

impl CrawlRequest {
    /// Reads a request's body.
    ///
    /// # Errors
    /// Every fault, each with the JSON pointer of the field and what would be right. The caller may retry once they are
    /// mended.
    pub fn parse(body: &[u8]) -> Result<Self, Vec<Fault>> {
        let text = std::str::from_utf8(header::without_mark(body)).map_err(|error| {
            let detail = format!(
                "the body must be UTF-8; byte {} is not",
                error.valid_up_to()
            );
            vec![Fault::new("", "notUtf8", detail)]
        })?;
        let value: Value = serde_json::from_str(text).map_err(|error| {
            vec![Fault::new(
                "",
                "notJson",
                format!("the body must be a JSON object: {error}"),
            )]
        })?;
        Self::from_value(value)
    }

    /// Reads a request that is JSON already.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn from_value(value: Value) -> Result<Self, Vec<Fault>> {
        Self::read(value, false)
    }

    /// Reads a request that was stored or shown: its secrets may be sealed, with marks in their places.
    pub(crate) fn from_stored(value: Value) -> Result<Self, Vec<Fault>> {
        Self::read(value, true)
    }

    fn read(value: Value, stored: bool) -> Result<Self, Vec<Fault>> {
        let Value::Object(object) = value else {
            return Err(vec![Fault::new(
                "",
                "wrongType",
                "the body must be a JSON object such as {\"url\":\"https://example.com/\"}",
            )]);
        };
        let mut fields = Fields::new(object, stored);
        let urls = seeds(&mut fields);
        let (headers, cookies) = fetching::read_headers(&mut fields);
        let request = Self {
            urls,
            limit: fields.number("limit", &limits::LIMIT),
            max_discovery_depth: fields
                .small_number("maxDiscoveryDepth", &limits::MAX_DISCOVERY_DEPTH),
            scope: fields.choice("scope", Scope::Host),
            include_paths: patterns(&mut fields, "includePaths"),
            exclude_paths: patterns(&mut fields, "excludePaths"),
            regex_on_full_url: fields.flag("regexOnFullUrl", false),
            sitemap: fields.choice("sitemap", SitemapMode::Include),
            ignore_robots_txt: fields.flag("ignoreRobotsTxt", false),
            respect_nofollow: fields.flag("respectNofollow", true),
            respect_meta_robots: fields.flag("respectMetaRobots", true),
            ignore_query_parameters: fields.flag("ignoreQueryParameters", false),
            drop_query_parameters: dropped_parameters(&mut fields),
            deduplicate_content: fields.flag("deduplicateContent", true),
            trap_exemptions: patterns(&mut fields, "trapExemptions"),
            since: since(&mut fields),
            max_concurrency: fields.small_number("maxConcurrency", &limits::MAX_CONCURRENCY),
            max_concurrency_per_host: fields
                .small_number("maxConcurrencyPerHost", &limits::MAX_CONCURRENCY_PER_HOST),
            delay_ms: fields.optional_number("delayMs", &limits::DELAY_MS),
            retries: fields.small_number("retries", &limits::RETRIES),
            timeout_ms: fields.number("timeoutMs", &limits::TIMEOUT_MS),
            max_body_bytes: fields.number("maxBodyBytes", &limits::MAX_BODY_BYTES),
            max_duration_seconds: fields
                .number("maxDurationSeconds", &limits::MAX_DURATION_SECONDS),
            formats: fields.choices("formats", vec![Format::Metadata]),
            headers,
            cookies: Cookies::read(&mut fields, cookies),
            user_agent: fetching::read_user_agent(&mut fields),
            headers_for: SiteOrigin::read_all(&mut fields),
            only_main_content: fields.flag("onlyMainContent", true),
            include_tags: selectors(&mut fields, "includeTags"),
            exclude_tags: selectors(&mut fields, "excludeTags"),
            webhook: Webhook::read(&mut fields),
            on_disconnect: fields.choice("onDisconnect", OnDisconnect::Cancel),
            metadata: labels(&mut fields),
        };
        let faults = fields.finish("a crawl request");
        if faults.is_empty() {
            Ok(request)
        } else {
            Err(faults)
        }
    }
}

impl TryFrom<Value> for CrawlRequest {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        Self::from_stored(value).map_err(|faults| {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            faults.join("; ")
        })
    }
}

fn seeds(fields: &mut Fields) -> Vec<SeedUrl> {
    let read = |text: &str| SeedUrl::parse(text).map_err(str::to_owned);
    let one = fields.take("url");
    let many = fields.strings("urls", limits::MAX_SEEDS, read);
    match (one, many) {
        (Some(_), Some(_)) => {
            fields.fault("/urls", "conflict", "give url or urls, not both");
            Vec::new()
        }
        (Some(one), None) => fields
            .string("/url".to_owned(), &one, read)
            .into_iter()
            .collect(),
        (None, Some(many)) => {
            if many.is_empty() && !fields.has_faults_at("/urls") {
                fields.fault("/urls", "missing", "must name at least one start page");
            }
            many
        }
        (None, None) => {
            if !fields.has_faults_at("/urls") {
                fields.fault(
                    "/url",
                    "missing",
                    "a crawl needs a start page: give url or urls",
                );
            }
            Vec::new()
        }
    }
}

fn patterns(fields: &mut Fields, name: &'static str) -> Vec<PathPattern> {
    fields
        .strings(name, limits::MAX_PATTERNS, PathPattern::parse)
        .unwrap_or_default()
}

fn since(fields: &mut Fields) -> Option<ChannelId> {
    let value = fields.take("since")?;
    let read = |text: &str| {
        text.parse()
            .map_err(|_error| "must be the channelId of an earlier crawl".to_owned())
    };
    fields.string("/since".to_owned(), &value, read)
}

fn dropped_parameters(fields: &mut Fields) -> Vec<String> {
    let read = |name: &str| {
        let stem = name.strip_suffix('*').unwrap_or(name);
        if name.is_empty() || stem.contains('*') {
            Err("must be a parameter's name; * may stand at the end only".to_owned())
        } else if name.len() > limits::MAX_PARAMETER_CHARS {
            Err(format!(
                "must be at most {} characters long",
                limits::MAX_PARAMETER_CHARS
            ))
        } else {
            Ok(name.to_owned())
        }
    };
    fields
        .strings("dropQueryParameters", limits::MAX_DROPPED_PARAMETERS, read)
        .unwrap_or_else(|| limits::DROP_QUERY_PARAMETERS.map(str::to_owned).to_vec())
}
