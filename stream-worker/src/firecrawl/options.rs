//! `scrapeOptions`: what is fetched of each page, and how.

use serde_json::{Map, Value, json};

use super::Version;
use super::given::Given;

/// Formats that are made here, by Firecrawl's name and by ours.
const FORMATS: [(&str, &str); 6] = [
    ("markdown", "markdown"),
    ("text", "text"),
    ("html", "cleanHtml"),
    ("rawHtml", "rawHtml"),
    ("links", "links"),
    ("images", "images"),
];
/// Formats that a language model writes.
const WRITTEN: [&str; 10] = [
    "summary",
    "json",
    "extract",
    "question",
    "query",
    "highlights",
    "branding",
    "deterministicJson",
    "product",
    "menu",
];

/// Fields that say how Firecrawl's own fleet works.
const OF_THE_FLEET: [&str; 13] = [
    "location",
    "proxy",
    "maxAge",
    "minAge",
    "storeInCache",
    "parsers",
    "parsePDF",
    "fastMode",
    "lockdown",
    "redactPII",
    "profile",
    "useMock",
    "geolocation",
];

/// Fields of a crawl request that come from `scrapeOptions`, by our name and by Firecrawl's.
const FIELDS: [(&str, &str); 6] = [
    ("formats", "formats"),
    ("onlyMainContent", "onlyMainContent"),
    ("includeTags", "includeTags"),
    ("excludeTags", "excludeTags"),
    ("headers", "headers"),
    ("timeoutMs", "timeout"),
];

/// Fields of a crawl request that Firecrawl does not know, for those who come without its clients.
const OURS: [&str; 7] = [
    "timeoutMs",
    "userAgent",
    "cookies",
    "headersFor",
    "maxBodyBytes",
    "retries",
    "respectMetaRobots",
];

/// Firecrawl's name of a field of ours that belongs to `scrapeOptions`.
pub(super) fn field_of(ours: &str) -> Option<&'static str> {
    let field = FIELDS.iter().find(|(name, _)| *name == ours)?;
    Some(field.1)
}

/// Moves the options in `given` into a crawl request.
pub(super) fn read(given: &mut Given, version: Version, request: &mut Map<String, Value>) {
    let formats = formats(given, version);
    request.insert("formats".to_owned(), formats.into());
    for (ours, theirs) in &FIELDS[1..] {
        if let Some(value) = given.take(theirs) {
            request.insert((*ours).to_owned(), value);
        }
    }
    if let Some(Value::Object(headers)) = request.get_mut("headers")
        && let Some(agent) = take_user_agent(headers)
    {
        request.insert("userAgent".to_owned(), agent);
    }
    for name in OURS {
        if let Some(value) = given.take(name) {
            request.insert(name.to_owned(), value);
        }
    }
    if given
        .list("actions")
        .is_some_and(|actions| !actions.is_empty())
    {
        given.fault(
            "actions",
            "needs a browser, which this server does not have",
        );
    }
    for (name, usual) in [
        ("waitFor", json!(0)),
        ("mobile", json!(false)),
        ("blockAds", json!(true)),
        ("removeBase64Images", json!(true)),
        ("skipTlsVerification", json!(false)),
    ] {
        if given.take(name).is_some_and(|value| value != usual) {
            given.has_no_effect(name);
        }
    }
    for name in ["agent", "jsonOptions", "extract", "changeTrackingOptions"] {
        if given.take(name).is_some() {
            given.fault(name, needs_a_model(name));
        }
    }
    for name in OF_THE_FLEET {
        given.ignore(name);
    }
}

/// Takes the user agent out of headers: it is a field of its own here.
fn take_user_agent(headers: &mut Map<String, Value>) -> Option<Value> {
    let name = headers
        .keys()
        .find(|name| name.eq_ignore_ascii_case("user-agent"))?
        .clone();
    headers.remove(&name)
}

/// The formats, by our names. Metadata is part of each document.
fn formats(given: &mut Given, version: Version) -> Vec<Value> {
    let wanted = given
        .list("formats")
        .unwrap_or_else(|| vec![json!("markdown")]);
    let mut formats = vec![json!("metadata")];
    for item in wanted {
        match format(&item, version) {
            Ok(format) if formats.iter().any(|known| known == format) => {}
            Ok(format) => formats.push(format.into()),
            Err(reason) => given.fault("formats", reason),
        }
    }
    formats
}

fn format(item: &Value, version: Version) -> Result<&'static str, String> {
    let name = item.as_str().or_else(|| item["type"].as_str());
    let Some(name) = name.filter(|_| version == Version::V2 || item.is_string()) else {
        return Err("must be names of formats such as \"markdown\"".to_owned());
    };
    if let Some((_, ours)) = FORMATS.iter().find(|(theirs, _)| *theirs == name) {
        return Ok(ours);
    }
    let clipped: String = name.chars().take(100).collect();
    Err(if WRITTEN.contains(&name) {
        needs_a_model(&clipped)
    } else if name.starts_with("screenshot") {
        format!("format \"{clipped}\" needs a browser, which this server does not have")
    } else {
        let known = FORMATS.map(|(theirs, _)| theirs).join(", ");
        format!("format \"{clipped}\" is not one of {known}")
    })
}

fn needs_a_model(name: &str) -> String {
    format!("\"{name}\" needs a language model, which this server does not have")
}
