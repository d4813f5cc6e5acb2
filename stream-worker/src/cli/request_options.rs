//! The fields of a crawl request as options.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use serde_json::{Map, Value, json};
use shared::{CrawlRequest, Fault};

use super::exit::Failure;
use super::fetching_options::FetchingOptions;
use super::input;

/// Options for the fields of a crawl request. Left out, a field has the default of the API.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "What to crawl")]
pub(super) struct RequestOptions {
    /// Start pages, as in https://example.com/.
    #[arg(value_name = "URL", required_unless_present = "request")]
    pub urls: Vec<String>,

    /// A file with a whole request in JSON, as the API takes it; `-` is stdin. Options go before it, field by field.
    #[arg(long, value_name = "FILE")]
    pub request: Option<PathBuf>,

    /// Pages fetched at most; redirects and duplicates do not count. [default: 1000]
    #[arg(long, value_name = "PAGES")]
    pub limit: Option<u64>,

    /// Link hops from a start page at most; 0 is the start pages alone. [default: 25]
    #[arg(long, value_name = "HOPS")]
    pub max_discovery_depth: Option<u64>,

    /// URLs that belong to the crawl: page (the start pages), prefix (below their directory), host, domain (with subdomains),
    /// any. [default: host]
    #[arg(long, value_name = "WHAT", hide_possible_values = true,
          value_parser = ["page", "prefix", "host", "domain", "any"])]
    pub scope: Option<String>,

    /// Crawl only paths that match this regular expression, or another that is given.
    #[arg(long, value_name = "REGEX")]
    pub include_paths: Vec<String>,

    /// Do not crawl paths that match this regular expression.
    #[arg(long, value_name = "REGEX")]
    pub exclude_paths: Vec<String>,

    /// Hold --include-paths and --exclude-paths against the whole URL.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true",
          hide_possible_values = true)]
    pub regex_on_full_url: Option<bool>,

    /// Sitemaps: skip, include (beside links), only (no links). [default: include]
    #[arg(long, value_name = "USE", hide_possible_values = true, value_parser = ["skip", "include", "only"])]
    pub sitemap: Option<String>,

    /// Crawl what robots.txt forbids.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true",
          hide_possible_values = true)]
    pub ignore_robots_txt: Option<bool>,

    /// Do not follow links marked rel=nofollow. [default: true]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true",
          hide_possible_values = true)]
    pub respect_nofollow: Option<bool>,

    /// Obey meta robots and X-Robots-Tag. [default: true]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true",
          hide_possible_values = true)]
    pub respect_meta_robots: Option<bool>,

    /// Treat URLs that differ only in their query as one.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true",
          hide_possible_values = true)]
    pub ignore_query_parameters: Option<bool>,

    /// Query parameters to drop, comma-separated; * may end a name. [default: utm_*,gclid,fbclid]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub drop_query_parameters: Option<Vec<String>>,

    /// Recognise pages by their content. [default: true]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true",
          hide_possible_values = true)]
    pub deduplicate_content: Option<bool>,

    /// Crawl paths that match this regular expression although they look like endlessly many.
    #[arg(long, value_name = "REGEX")]
    pub trap_exemptions: Vec<String>,

    /// Requests in flight at most. [default: 16]
    #[arg(long, value_name = "NUMBER")]
    pub max_concurrency: Option<u64>,

    /// Requests in flight to one host at most. [default: 2]
    #[arg(long, value_name = "NUMBER")]
    pub max_concurrency_per_host: Option<u64>,

    /// Milliseconds between two requests to one host; a site's own crawl-delay wins when slower.
    #[arg(long, value_name = "MS")]
    pub delay_ms: Option<u64>,

    /// Further tries of a fetch that failed for a passing reason. [default: 2]
    #[arg(long, value_name = "NUMBER")]
    pub retries: Option<u64>,

    /// Milliseconds that one fetch may take. [default: 30000]
    #[arg(long, value_name = "MS")]
    pub timeout_ms: Option<u64>,

    /// Bytes of one body at most, after decoding. [default: 10485760]
    #[arg(long, value_name = "BYTES")]
    pub max_body_bytes: Option<u64>,

    /// Seconds that the crawl may take. [default: 3600]
    #[arg(long, value_name = "SECONDS")]
    pub max_duration_seconds: Option<u64>,

    /// Contents of each page in the results, comma-separated: metadata, links, images, markdown, text, html (as fetched, but for
    /// --include-tags and --exclude-tags), rawHtml, cleanHtml (main content without scripts). [default: metadata]
    #[arg(long, value_name = "FORMATS", value_delimiter = ',', hide_possible_values = true,
          value_parser = ["metadata", "links", "images", "markdown", "text", "html", "rawHtml", "cleanHtml"])]
    pub formats: Option<Vec<String>>,

    /// Markdown and clean HTML hold the main content only. [default: true]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true",
          hide_possible_values = true)]
    pub only_main_content: Option<bool>,

    /// Markdown, text, html and clean HTML hold only what this CSS selector selects, or another that is given.
    #[arg(long, value_name = "SELECTOR")]
    pub include_tags: Vec<String>,

    /// Markdown, text, html and clean HTML hold nothing that this CSS selector selects.
    #[arg(long, value_name = "SELECTOR")]
    pub exclude_tags: Vec<String>,

    /// A label of your own, echoed in results. May be repeated.
    #[arg(long, value_name = "NAME=VALUE")]
    pub metadata: Vec<String>,

    #[command(flatten)]
    pub fetching: FetchingOptions,
}

impl RequestOptions {
    /// The request as JSON: the file's, with the options in place of its fields.
    ///
    /// # Errors
    /// The file cannot be read, or a label is none.
    pub(super) fn to_json(&self) -> Result<Map<String, Value>, Failure> {
        let mut fields = match &self.request {
            Some(file) => read_request(file)?,
            None => Map::new(),
        };
        if !self.urls.is_empty() {
            fields.remove("url");
            fields.insert("urls".to_owned(), json!(self.urls));
        }
        for (name, value) in self.fields() {
            if !value.is_null() {
                fields.insert(name.to_owned(), value);
            }
        }
        if !self.metadata.is_empty() {
            fields.insert(
                "metadata".to_owned(),
                Value::Object(labels(&self.metadata)?),
            );
        }
        self.fetching.add_to(&mut fields)?;
        Ok(fields)
    }

    /// Every option by the name of its field; null if it was not given.
    fn fields(&self) -> [(&'static str, Value); 25] {
        let list = |values: &Vec<String>| match values.is_empty() {
            true => Value::Null,
            false => json!(values),
        };
        [
            ("limit", json!(self.limit)),
            ("maxDiscoveryDepth", json!(self.max_discovery_depth)),
            ("scope", json!(self.scope)),
            ("includePaths", list(&self.include_paths)),
            ("excludePaths", list(&self.exclude_paths)),
            ("regexOnFullUrl", json!(self.regex_on_full_url)),
            ("sitemap", json!(self.sitemap)),
            ("ignoreRobotsTxt", json!(self.ignore_robots_txt)),
            ("respectNofollow", json!(self.respect_nofollow)),
            ("respectMetaRobots", json!(self.respect_meta_robots)),
            ("ignoreQueryParameters", json!(self.ignore_query_parameters)),
            ("dropQueryParameters", json!(self.drop_query_parameters)),
            ("deduplicateContent", json!(self.deduplicate_content)),
            ("trapExemptions", list(&self.trap_exemptions)),
            ("maxConcurrency", json!(self.max_concurrency)),
            (
                "maxConcurrencyPerHost",
                json!(self.max_concurrency_per_host),
            ),
            ("delayMs", json!(self.delay_ms)),
            ("retries", json!(self.retries)),
            ("timeoutMs", json!(self.timeout_ms)),
            ("maxBodyBytes", json!(self.max_body_bytes)),
            ("maxDurationSeconds", json!(self.max_duration_seconds)),
            ("formats", json!(self.formats)),
            ("onlyMainContent", json!(self.only_main_content)),
            ("includeTags", list(&self.include_tags)),
            ("excludeTags", list(&self.exclude_tags)),
        ]
    }
}

/// Judges a request as the API does.
///
/// # Errors
/// Every fault at once, by the name of its option.
pub(super) fn judged(fields: Map<String, Value>) -> Result<CrawlRequest, Failure> {
    CrawlRequest::from_value(Value::Object(fields)).map_err(|faults| {
        let lines: Vec<String> = faults.iter().map(spelled).collect();
        Failure::Usage(lines.join("\n"))
    })
}

/// A fault with the option in place of the field, as in `--max-concurrency must be …`.
pub(super) fn spelled(fault: &Fault) -> String {
    let name = fault.pointer.trim_start_matches('/');
    let (field, entry) = name.split_once('/').unwrap_or((name, ""));
    match field {
        "headers" if !entry.is_empty() => format!("--header {entry} {}", fault.detail),
        "cookies" if !entry.is_empty() => format!("--cookie {entry} {}", fault.detail),
        "headers" | "cookies" => format!("--{} {}", field.trim_end_matches('s'), fault.detail),
        "" => fault.detail.clone(),
        "url" | "urls" => format!("URL {}", fault.detail),
        field => format!("--{} {}", kebab(field), fault.detail),
    }
}

fn kebab(field: &str) -> String {
    let mut kebab = String::new();
    for letter in field.chars() {
        if letter.is_ascii_uppercase() {
            kebab.push('-');
        }
        kebab.push(letter.to_ascii_lowercase());
    }
    kebab
}

fn read_request(file: &std::path::Path) -> Result<Map<String, Value>, Failure> {
    let text = input::read(file).with_context(|| format!("could not read {}", file.display()))?;
    match serde_json::from_slice(shared::header::without_mark(&text)) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(Failure::Usage(format!(
            "{} must be a JSON object such as {{\"url\": \"https://example.com/\"}}",
            file.display()
        ))),
        Err(error) => Err(Failure::Usage(format!(
            "{} is not JSON: {error}",
            file.display()
        ))),
    }
}

fn labels(given: &[String]) -> Result<Map<String, Value>, Failure> {
    let label = |label: &String| match label.split_once('=') {
        Some((name, value)) => Ok((name.to_owned(), Value::from(value))),
        None => Err(Failure::Usage(format!(
            "--metadata must be NAME=VALUE, as in ticket=1234, not {label}"
        ))),
    };
    given.iter().map(label).collect()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: RequestOptions,
    }

    fn request(arguments: &[&str]) -> Result<CrawlRequest, Failure> {
        let line = ["crawl"].iter().chain(arguments).copied();
        judged(Line::parse_from(line).options.to_json()?)
    }

    #[test]
    fn every_field_of_a_request_but_those_of_a_server_is_an_option() {
        let request = CrawlRequest::from_value(json!({"url": "https://a.example/"})).unwrap();
        let Value::Object(fields) = serde_json::to_value(&request).unwrap() else {
            panic!("an object");
        };
        let of_a_server = ["since", "webhook", "onDisconnect"];
        let options = RequestOptions::default();
        let known: Vec<&str> = options.fields().iter().map(|(name, _)| *name).collect();
        let beside = ["urls", "metadata"];
        for field in fields.keys().map(String::as_str) {
            let is_there = known.contains(&field) || beside.contains(&field);
            assert!(is_there != of_a_server.contains(&field), "{field}");
        }
    }

    #[test]
    fn options_go_before_the_file() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("request.json");
        std::fs::write(
            &file,
            r#"{"url": "https://a.example/", "limit": 5, "retries": 1}"#,
        )
        .unwrap();
        let file = file.to_str().unwrap();
        let request = request(&[
            "--request",
            file,
            "--limit",
            "7",
            "--respect-nofollow=false",
        ])
        .unwrap();
        assert_eq!((request.limit, request.retries), (7, 1));
        assert!(!request.respect_nofollow);
        assert_eq!(request.urls[0].to_string(), "https://a.example/");
    }

    #[test]
    fn every_fault_is_named_by_its_option() {
        let wrong = [
            "example.com",
            "--max-concurrency",
            "0",
            "--include-paths",
            "(",
            "--header",
            "Host: not-to-be-seen",
        ];
        let text = request(&wrong).unwrap_err().to_string();
        for part in [
            "URL \"example.com\" must be an absolute URL",
            "--max-concurrency must be",
            "--include-paths",
            "--header Host must be left out",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("not-to-be-seen"), "{text}");
    }
}
