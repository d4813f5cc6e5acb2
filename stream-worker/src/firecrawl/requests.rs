//! Requests of Firecrawl's clients as crawl requests.

use serde_json::{Map, Value, json};
use shared::request::{SeedUrl, whole_number};

use super::Version;
use super::given::Given;
use super::options;
use super::refusal::Refusal;

/// Fields of a crawl that have the same meaning and the same name.
const SAME: [&str; 6] = [
    "maxDiscoveryDepth",
    "includePaths",
    "excludePaths",
    "ignoreQueryParameters",
    "ignoreRobotsTxt",
    "maxConcurrency",
];
/// Pages of a crawl whose request names no limit.
const DEFAULT_LIMIT: u64 = 10_000;
/// Milliseconds that a single page may take if its request does not say.
pub(super) const SCRAPE_TIMEOUT: u64 = 30_000;

/// A request as ours.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    /// The body of a `POST /v1/crawls`.
    pub request: Map<String, Value>,
    /// Fields of the request that have no effect here, as a sentence.
    pub warning: Option<String>,
    /// URLs of a batch that are none, where the client wants them left out.
    pub invalid_urls: Vec<String>,
}

impl Submission {
    /// `POST /crawl`.
    ///
    /// # Errors
    /// 400 that names each field which is wrong.
    pub fn crawl(version: Version, body: &[u8]) -> Result<Self, Refusal> {
        let mut given = Given::body(body).map_err(Refusal::of_body)?;
        let mut request = Map::new();
        url(&mut given, &mut request);
        set(
            &mut request,
            "limit",
            given.take("limit").or(Some(json!(DEFAULT_LIMIT))),
        );
        for name in SAME {
            set(&mut request, name, given.take(name));
        }
        set(&mut request, "regexOnFullUrl", given.take("regexOnFullURL"));
        set(
            &mut request,
            "deduplicateContent",
            given.take("deduplicateSimilarURLs"),
        );
        set(&mut request, "sitemap", sitemap(&mut given, version));
        request.insert("scope".to_owned(), scope(&mut given, version).into());
        delay(&mut given, &mut request);
        if version == Version::V1
            && let Some(depth) = given.take("maxDepth")
        {
            given
                .warnings
                .push("maxDepth counts link hops here".to_owned());
            request.entry("maxDiscoveryDepth").or_insert(depth);
        }
        if given.take("prompt").is_some() {
            given.fault(
                "prompt",
                "needs a language model, which this server does not have",
            );
        }
        if given.take("robotsUserAgent").is_some() {
            given.fault(
                "robotsUserAgent",
                "robots.txt is read for this server's own user agent; leave it out",
            );
        }
        webhook(&mut given, "firecrawl", &mut request);
        let mut inner = given.object("scrapeOptions");
        options::read(&mut inner, version, &mut request);
        given.adopt(inner);
        Self::finish(given, request, Vec::new())
    }

    /// `POST /batch/scrape`.
    ///
    /// # Errors
    /// 400 that names each field which is wrong.
    pub fn batch(version: Version, body: &[u8]) -> Result<Self, Refusal> {
        let mut given = Given::body(body).map_err(Refusal::of_body)?;
        let mut request = pages_only();
        let ignores_invalid = given
            .flag("ignoreInvalidURLs")
            .unwrap_or(version == Version::V2);
        let mut invalid = Vec::new();
        let mut urls = Vec::new();
        for item in given.list("urls").unwrap_or_default() {
            match &item {
                Value::String(text) if ignores_invalid && !is_url(text) => {
                    invalid.push(text.clone());
                }
                Value::String(text) => urls.push(with_scheme(text).into()),
                _ => urls.push(item),
            }
        }
        if urls.is_empty() {
            given.fault("urls", "must name at least one page with a valid URL");
        }
        request.insert("limit".to_owned(), urls.len().max(1).into());
        request.insert("urls".to_owned(), urls.into());
        set(&mut request, "maxConcurrency", given.take("maxConcurrency"));
        if given.take("appendToId").is_some() {
            given.fault(
                "appendToId",
                "a job takes no pages later; start another one",
            );
        }
        webhook(&mut given, "firecrawlBatch", &mut request);
        options::read(&mut given, version, &mut request);
        Self::finish(given, request, invalid)
    }

    /// `POST /scrape`.
    ///
    /// # Errors
    /// 400 that names each field which is wrong.
    pub fn scrape(version: Version, body: &[u8]) -> Result<Self, Refusal> {
        let mut given = Given::body(body).map_err(Refusal::of_body)?;
        let mut request = pages_only();
        url(&mut given, &mut request);
        request.insert("limit".to_owned(), 1.into());
        request.insert("timeoutMs".to_owned(), SCRAPE_TIMEOUT.into());
        request.insert("retries".to_owned(), 1.into());
        options::read(&mut given, version, &mut request);
        // Twice, for the second try; the parser judges the number itself.
        let seconds = whole_number(&request["timeoutMs"]).unwrap_or(SCRAPE_TIMEOUT) / 500 + 5;
        request.insert(
            "maxDurationSeconds".to_owned(),
            seconds.clamp(1, 600).into(),
        );
        Self::finish(given, request, Vec::new())
    }

    pub(super) fn finish(
        given: Given,
        mut request: Map<String, Value>,
        invalid_urls: Vec<String>,
    ) -> Result<Self, Refusal> {
        let warning = given.finish().map_err(Refusal::of_body)?;
        // A client that has left asks again: nothing is cancelled behind its back.
        request.insert("onDisconnect".to_owned(), "continue".into());
        if let Some(warning) = &warning {
            request.insert(
                "metadata".to_owned(),
                json!({"firecrawl": {"warning": warning}}),
            );
        }
        Ok(Self {
            request,
            warning,
            invalid_urls,
        })
    }

    /// Firecrawl's name of a field of a crawl request, with the objects around it. A crawl has the options of its pages in an
    /// object of their own.
    #[must_use]
    pub fn field_of(is_crawl: bool, ours: &str) -> Vec<String> {
        let theirs = match (options::field_of(ours), ours) {
            (Some(option), _) if is_crawl => {
                return vec!["scrapeOptions".to_owned(), option.to_owned()];
            }
            (Some(option), _) => option,
            (None, "delayMs") => "delay",
            (None, "regexOnFullUrl") => "regexOnFullURL",
            (None, "deduplicateContent") => "deduplicateSimilarURLs",
            (None, ours) => ours,
        };
        vec![theirs.to_owned()]
    }
}

/// A job of its start pages only.
fn pages_only() -> Map<String, Value> {
    let mut request = Map::new();
    for (name, value) in [
        ("scope", json!("page")),
        ("maxDiscoveryDepth", json!(0)),
        ("sitemap", json!("skip")),
        // Each page was asked for by name.
        ("deduplicateContent", json!(false)),
        ("dropQueryParameters", json!([])),
    ] {
        request.insert(name.to_owned(), value);
    }
    request
}

pub(super) fn set(request: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        request.insert(name.to_owned(), value);
    }
}

pub(super) fn url(given: &mut Given, request: &mut Map<String, Value>) {
    let url = match given.take("url") {
        Some(Value::String(text)) => with_scheme(&text).into(),
        Some(other) => other,
        None => return given.fault("url", "is needed: the URL to begin with"),
    };
    request.insert("url".to_owned(), url);
}

/// Clients may leave the scheme out.
fn with_scheme(text: &str) -> String {
    let text = text.trim();
    if text.contains("://") {
        text.to_owned()
    } else {
        format!("https://{text}")
    }
}

fn is_url(text: &str) -> bool {
    let url = SeedUrl::parse(&with_scheme(text));
    // A name without a dot is a slip of the pen, unless it is an address of this machine.
    url.is_ok_and(|url| {
        let host = url.url().host_str().unwrap_or_default();
        host.contains('.') || host.contains(':') || host == "localhost"
    })
}

pub(super) fn sitemap(given: &mut Given, version: Version) -> Option<Value> {
    if version == Version::V2 {
        return given.take("sitemap");
    }
    let ignored = given.flag("ignoreSitemap") == Some(true);
    let only = given.flag("sitemapOnly") == Some(true);
    Some(match (ignored, only) {
        (true, _) => "skip".into(),
        (false, true) => "only".into(),
        (false, false) => return None,
    })
}

/// URLs that belong to the crawl: those below the start page, unless more is allowed.
fn scope(given: &mut Given, version: Version) -> &'static str {
    let entire = match version {
        Version::V1 => given
            .flag("allowBackwardLinks")
            .or(given.flag("crawlEntireDomain")),
        Version::V2 => given.flag("crawlEntireDomain"),
    };
    let entire = entire == Some(true);
    let subdomains = given.flag("allowSubdomains") == Some(true);
    let external = given.flag("allowExternalLinks") == Some(true);
    if subdomains && !entire && !external {
        let warning =
            "allowSubdomains takes the whole domain in, not only what is below the start page";
        given.warnings.push(warning.to_owned());
    }
    match (external, subdomains, entire) {
        (true, _, _) => "any",
        (false, true, _) => "domain",
        (false, false, true) => "host",
        (false, false, false) => "prefix",
    }
}

/// Seconds between two requests, which Firecrawl makes one after the other then.
fn delay(given: &mut Given, request: &mut Map<String, Value>) {
    let Some(delay) = given.take("delay") else {
        return;
    };
    match delay.as_f64() {
        Some(seconds) if (0.0..=60.0).contains(&seconds) => {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "between 0 and 60,000"
            )]
            let millis = (seconds * 1000.0).round() as u64;
            request.insert("delayMs".to_owned(), millis.into());
            request.insert("maxConcurrency".to_owned(), 1.into());
        }
        _ => given.fault("delay", "must be a number of seconds from 0 to 60"),
    }
}

/// Firecrawl's words for events, and ours.
const EVENTS: [(&str, &str); 5] = [
    ("started", "started"),
    ("page", "progress"),
    ("completed", "done"),
    ("failed", "failed"),
    ("cancelled", "cancelled"),
];

/// `webhook`: a URL, or an object with one.
fn webhook(given: &mut Given, form: &str, request: &mut Map<String, Value>) {
    let Some(webhook) = given.take("webhook") else {
        return;
    };
    let mut webhook = match webhook {
        Value::String(url) => Map::from_iter([("url".to_owned(), url.into())]),
        Value::Object(webhook) => webhook,
        _ => return given.fault("webhook", "must be a URL, or an object with one as url"),
    };
    let wanted = webhook.remove("events").filter(|events| !events.is_null());
    let mut events: Vec<Value> = Vec::new();
    for word in wanted.iter().flat_map(|events| events.as_array()).flatten() {
        let text = word.as_str().unwrap_or_default();
        // As a client may spell it: `crawl.page`, or `page`.
        let last = text.rsplit('.').next().unwrap_or_default();
        match EVENTS.iter().find(|(theirs, _)| *theirs == last) {
            Some((_, ours)) => events.push((*ours).into()),
            None => {
                let known = EVENTS.map(|(theirs, _)| theirs).join(", ");
                given.fault("webhook", format!("events must be of {known}"));
            }
        }
    }
    if events.is_empty() {
        events = EVENTS.iter().map(|(_, ours)| (*ours).into()).collect();
    }
    webhook.insert("events".to_owned(), events.into());
    webhook.insert("form".to_owned(), form.into());
    webhook.retain(|_name, value| !value.is_null());
    request.insert("webhook".to_owned(), webhook.into());
}
