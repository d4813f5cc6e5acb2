//! Requests and answers as the clients' packages send and read them.

use rstest::rstest;
use serde_json::{Value, json};
use shared::event::{
    ErrorCode, FetchFailure, Fetched, PageFormats, PageMetadata, PageResult, Progress, SkipReason,
    Skipped,
};
use shared::{Attempt, Counts, CrawlRequest, Event, EventId, JobState, Position, Timestamp, sse};

use super::*;

const AT: Timestamp = Timestamp::from_millis(0);

fn crawl(version: Version, body: &Value) -> Result<Submission, Refusal> {
    Submission::crawl(version, body.to_string().as_bytes())
}

/// The crawl request that a body becomes.
fn ours(body: &Value) -> CrawlRequest {
    let submission = crawl(Version::V2, body).unwrap();
    CrawlRequest::from_value(Value::Object(submission.request)).unwrap()
}

fn id(position: u64) -> EventId {
    EventId::new(Attempt(1), Position(position))
}

fn progress(result: PageResult) -> Progress {
    Progress {
        at: AT,
        url: "https://a.example/x".into(),
        depth: 2,
        referrer: Some("https://a.example/".into()),
        result,
        counts: Counts::default(),
        percent: 0,
    }
}

fn page() -> Fetched {
    Fetched {
        status: 200,
        content_type: Some("text/html".into()),
        title: Some("X".into()),
        redirected_to: Some("https://a.example/y".into()),
        formats: PageFormats {
            markdown: Some("# X".into()),
            html: Some("<script></script><h1>X</h1>".into()),
            clean_html: Some("<h1>X</h1>".into()),
            raw_html: Some("<script></script><h1>X</h1>".into()),
            images: Some(vec!["https://a.example/x.png".into()]),
            metadata: Some(PageMetadata {
                title: Some("X".into()),
                description: Some("about".into()),
                json_ld: vec!["{}".into()],
                ..PageMetadata::default()
            }),
            ..PageFormats::default()
        },
        ..Fetched::default()
    }
}

/// The document of a page's event as the log has it.
fn document(progress: &Progress, id: EventId) -> Option<Document> {
    let frame = sse::encode(&Event::Progress(Box::new(progress.clone())), id).frame;
    Document::of(sse::data(&frame).unwrap(), id)
}

#[test]
fn a_crawl_with_nothing_but_a_url_stays_below_it_and_gives_markdown() {
    let request = ours(&json!({"url": "a.example/docs/", "origin": "js-sdk@4.42.0"}));
    let value = serde_json::to_value(&request).unwrap();
    assert_eq!(value["urls"], json!(["https://a.example/docs/"]));
    assert_eq!(value["scope"], "prefix");
    assert_eq!(value["limit"], 10_000);
    assert_eq!(value["formats"], json!(["metadata", "markdown"]));
    assert_eq!(value["onDisconnect"], "continue");
}

#[test]
fn html_is_main_content_and_parts_of_pages_may_be_chosen() {
    let options = json!({"formats": ["html", "rawHtml", "images", "links"], "onlyMainContent": false,
        "includeTags": ["article"], "excludeTags": [".ad"]});
    let body = json!({"url": "a.example", "regexOnFullURL": true, "scrapeOptions": options});
    let value = serde_json::to_value(ours(&body)).unwrap();
    let formats = ["metadata", "cleanHtml", "rawHtml", "images", "links"];
    assert_eq!(value["formats"], json!(formats));
    assert_eq!(value["includeTags"], json!(["article"]));
    assert_eq!(value["excludeTags"], json!([".ad"]));
    assert_eq!(value["onlyMainContent"], false);
    assert_eq!(value["regexOnFullUrl"], true);
}

#[rstest]
#[case(json!({"crawlEntireDomain": true}), "host")]
#[case(json!({"allowSubdomains": true}), "domain")]
#[case(json!({"allowExternalLinks": true, "allowSubdomains": true}), "any")]
#[case(json!({"crawlEntireDomain": false}), "prefix")]
fn what_belongs_to_a_crawl(#[case] fields: Value, #[case] scope: &str) {
    let mut body = fields;
    body["url"] = json!("https://a.example/x/");
    let submission = crawl(Version::V2, &body).unwrap();
    assert_eq!(submission.request["scope"], scope);
}

#[test]
fn a_delay_is_in_seconds_and_makes_requests_take_turns() {
    let submission = crawl(Version::V2, &json!({"url": "a.example", "delay": 0.5})).unwrap();
    assert_eq!(submission.request["delayMs"], 500);
    assert_eq!(submission.request["maxConcurrency"], 1);
}

#[test]
fn version_1_has_its_own_names() {
    let body = json!({"url": "a.example", "maxDepth": 3, "ignoreSitemap": true, "allowBackwardLinks": true});
    let submission = crawl(Version::V1, &body).unwrap();
    assert_eq!(submission.request["maxDiscoveryDepth"], 3);
    assert_eq!(submission.request["sitemap"], "skip");
    assert_eq!(submission.request["scope"], "host");
    assert!(submission.warning.unwrap().contains("maxDepth"));
}

#[test]
fn a_user_agent_among_the_headers_is_one() {
    let headers = json!({"User-Agent": "mine/1", "X-A": "b"});
    let body = json!({"url": "a.example", "scrapeOptions": {"headers": headers}});
    let submission = crawl(Version::V2, &body).unwrap();
    assert_eq!(submission.request["userAgent"], "mine/1");
    assert_eq!(submission.request["headers"], json!({"X-A": "b"}));
}

#[test]
fn what_has_no_effect_is_told_and_kept_for_the_status() {
    let body = json!({"url": "a.example", "scrapeOptions": {"waitFor": 100, "blockAds": true, "proxy": "auto"}});
    let submission = crawl(Version::V2, &body).unwrap();
    let warning = submission.warning.unwrap();
    assert_eq!(
        warning,
        "without effect here: scrapeOptions.waitFor, scrapeOptions.proxy"
    );
    assert_eq!(
        submission.request["metadata"]["firecrawl"]["warning"],
        warning
    );
}

#[rstest]
#[case(json!({}), &["url"], "is needed")]
#[case(json!({"url": "a.example", "prompt": "find all"}), &["prompt"], "language model")]
#[case(json!({"url": "a.example", "limits": 3}), &["limits"], "is not a field")]
#[case(json!({"url": "a.example", "delay": 61}), &["delay"], "from 0 to 60")]
#[case(json!({"url": "a.example", "scrapeOptions": {"formats": ["summary"]}}), &["scrapeOptions", "formats"], "language model")]
#[case(json!({"url": "a.example", "scrapeOptions": {"formats": [{"type": "screenshot"}]}}), &["scrapeOptions", "formats"], "browser")]
#[case(json!({"url": "a.example", "scrapeOptions": {"actions": [{"type": "wait"}]}}), &["scrapeOptions", "actions"], "browser")]
#[case(json!({"url": "a.example", "webhook": {"url": "https://b.example", "events": ["pages"]}}), &["webhook"], "completed")]
fn a_fault_names_the_field_as_the_client_has_it(
    #[case] body: Value,
    #[case] path: &[&str],
    #[case] says: &str,
) {
    let refusal = crawl(Version::V2, &body).unwrap_err();
    assert_eq!(refusal.status, 400);
    let detail = &refusal.details[0];
    assert_eq!(detail.path, path, "{detail:?}");
    assert!(detail.message.contains(says), "{detail:?}");
}

#[test]
fn a_fault_that_our_parser_finds_names_the_field_as_the_client_has_it() {
    let body = json!({"url": "a.example", "limit": 0, "scrapeOptions": {"timeout": 1}});
    let submission = crawl(Version::V2, &body).unwrap();
    let faults = CrawlRequest::from_value(Value::Object(submission.request)).unwrap_err();
    let problem = shared::Problem::invalid_request(faults);
    let refusal = Refusal::of_problem(&problem, |field| Submission::field_of(true, field));
    let mut paths: Vec<String> = refusal
        .details
        .iter()
        .map(|detail| detail.path.join("."))
        .collect();
    paths.sort();
    assert_eq!(paths, ["limit", "scrapeOptions.timeout"]);
}

#[test]
fn a_batch_leaves_out_what_is_no_url() {
    let body =
        json!({"urls": ["a.example/1", "no url", "https://a.example/2"], "formats": ["html"]});
    let batch = Submission::batch(Version::V2, body.to_string().as_bytes()).unwrap();
    assert_eq!(batch.invalid_urls, ["no url"]);
    assert_eq!(
        batch.request["urls"],
        json!(["https://a.example/1", "https://a.example/2"])
    );
    assert_eq!(batch.request["limit"], 2);
    assert_eq!(batch.request["scope"], "page");
}

#[test]
fn a_map_fetches_the_start_page_only() {
    let body = json!({"url": "https://a.example", "search": "docs", "limit": 7});
    let map = MapRequest::read(Version::V2, body.to_string().as_bytes()).unwrap();
    assert_eq!((map.search.as_deref(), map.limit), (Some("docs"), 7));
    let request = CrawlRequest::from_value(Value::Object(map.submission.request)).unwrap();
    assert_eq!((request.max_discovery_depth, request.limit), (0, 2));
}

#[rstest]
#[case(json!({}), 70_000, 60)]
#[case(json!({"timeout": 1_500}), 1_500, 1)]
#[case(json!({"timeout": 300_000}), 300_000, 299)]
#[case(json!({"timeout": 1e4}), 10_000, 9)]
fn a_map_may_take_seventy_seconds_or_its_timeout(
    #[case] mut body: Value,
    #[case] millis: u128,
    #[case] crawl: u64,
) {
    body["url"] = json!("https://a.example");
    let map = MapRequest::read(Version::V2, body.to_string().as_bytes()).unwrap();
    assert_eq!(map.within.as_millis(), millis);
    let request = CrawlRequest::from_value(Value::Object(map.submission.request)).unwrap();
    assert_eq!(request.max_duration_seconds, crawl);
}

#[test]
fn a_map_has_five_thousand_links_or_as_many_as_it_asks_for_up_to_a_hundred_thousand() {
    let read = |limit: Value| {
        let mut body = json!({"url": "https://a.example"});
        if !limit.is_null() {
            body["limit"] = limit;
        }
        MapRequest::read(Version::V1, body.to_string().as_bytes())
    };
    assert_eq!(read(Value::Null).unwrap().limit, 5_000);
    for most in [1, 100_000] {
        assert_eq!(read(json!(most)).unwrap().limit, most);
    }
    for wrong in [json!(0), json!(100_001), json!(-1), json!(1.5), json!("7")] {
        let refused = format!("{:?}", read(wrong.clone()).unwrap_err());
        assert!(refused.contains("limit"), "{wrong}: {refused}");
    }
}

#[test]
fn a_page_is_a_document_with_where_it_came_from() {
    let progress = progress(PageResult::Fetched(Box::new(page())));
    let document = serde_json::to_value(document(&progress, id(7)).unwrap()).unwrap();
    assert_eq!(document["markdown"], "# X");
    let metadata = &document["metadata"];
    assert_eq!(metadata["sourceURL"], "https://a.example/x");
    assert_eq!(metadata["url"], "https://a.example/y");
    assert_eq!(metadata["statusCode"], 200);
    assert_eq!(metadata["title"], "X");
    assert_eq!(metadata["description"], "about");
    assert_eq!(metadata["crawlcast"]["jsonLd"], json!(["{}"]));
    assert_eq!(document["html"], "<h1>X</h1>", "without what is no content");
    assert_eq!(document["rawHtml"], "<script></script><h1>X</h1>");
    assert_eq!(document["images"], json!(["https://a.example/x.png"]));
    assert_eq!(metadata["crawlcast"]["eventId"], "1-7");
    for taken in ["status", "id", "url"] {
        assert!(
            document.get(taken).is_none(),
            "clients read {taken} as something else"
        );
    }
}

#[test]
fn a_document_has_everything_that_the_log_has_of_its_page() {
    let text = "\"quoted\"\n\\ \u{2028}\u{85} \u{1F577} </script>\u{1}";
    let metadata = json!({
        "title": "X", "description": text, "keywords": ["a", "b"], "language": "de", "canonical": "https://a.example/c",
        "charset": "UTF-8", "favicon": "https://a.example/f", "robots": "none", "publishedTime": "1", "modifiedTime": "2",
        "openGraph": {"title": text}, "headings": [{"level": 1, "text": text}], "jsonLd": [text],
    });
    let formats = json!({
        "outlinks": ["https://a.example/1", text], "images": [text], "markdown": text, "text": text, "html": text,
        "rawHtml": text, "cleanHtml": text, "metadata": metadata,
    });
    let fetched = Fetched {
        status: 203,
        content_type: Some(text.into()),
        bytes: 7,
        elapsed_ms: 9,
        title: Some(text.into()),
        redirected_to: Some("https://a.example/y".into()),
        duplicate_of: Some("https://a.example/z".into()),
        sha256: Some("0f".into()),
        formats: serde_json::from_value(formats).unwrap(),
        truncated: true,
        ..Fetched::default()
    };
    let progress = progress(PageResult::Fetched(Box::new(fetched)));
    let mut document = serde_json::to_value(document(&progress, id(7)).unwrap()).unwrap();
    let warning = document.as_object_mut().unwrap().remove("warning");
    assert!(warning.is_some_and(|warning| warning.is_string()));
    let expected = json!({
        "markdown": text, "text": text, "html": text, "rawHtml": text,
        "links": ["https://a.example/1", text], "images": [text],
        "metadata": {
            "sourceURL": "https://a.example/x", "url": "https://a.example/y", "statusCode": 203,
            "contentType": text, "title": text,
            "proxyUsed": "basic", "cacheState": "miss", "creditsUsed": 1,
            "description": text, "keywords": "a, b", "language": "de", "canonical": "https://a.example/c",
            "charset": "UTF-8", "favicon": "https://a.example/f", "robots": "none",
            "publishedTime": "1", "modifiedTime": "2", "ogTitle": text,
            "crawlcast": {
                "eventId": "1-7", "depth": 2, "referrer": "https://a.example/",
                "sha256": "0f", "duplicateOf": "https://a.example/z", "bytes": 7, "elapsedMs": 9,
                "headings": [{"level": 1, "text": text}], "jsonLd": [text],
            },
        },
    });
    assert_eq!(document, expected);
}

#[test]
fn an_event_that_is_not_of_a_page_is_no_document() {
    let skipped = Event::Skipped(Skipped {
        at: AT,
        url: "https://a.example/secret".into(),
        reason: SkipReason::Robots,
        duplicate_of: None,
    });
    let frame = sse::encode(&skipped, id(1)).frame;
    assert!(Document::of(sse::data(&frame).unwrap(), id(1)).is_none());
}

#[test]
fn a_page_that_is_missing_is_a_document_and_one_that_never_came_is_an_error() {
    let failed = |code, status| {
        progress(PageResult::Failed {
            error: FetchFailure {
                code,
                message: "no".into(),
                status,
            },
        })
    };
    let missing = failed(ErrorCode::Status, Some(404));
    let found = document(&missing, id(1)).unwrap();
    assert_eq!(found.metadata.status_code, 404);
    let lost = failed(ErrorCode::Dns, None);
    assert!(document(&lost, id(2)).is_none());
    let mut errors = JobErrors::default();
    for (position, event) in [(1, missing), (2, lost)] {
        errors.take(&Event::Progress(Box::new(event)), id(position));
    }
    let robots = Skipped {
        at: AT,
        url: "https://a.example/secret".into(),
        reason: SkipReason::Robots,
        duplicate_of: None,
    };
    errors.take(&Event::Skipped(robots), id(3));
    let errors = serde_json::to_value(&errors).unwrap();
    assert_eq!(errors["errors"].as_array().unwrap().len(), 1);
    assert_eq!(errors["errors"][0]["code"], "SCRAPE_DNS_RESOLUTION_ERROR");
    assert_eq!(errors["robotsBlocked"], json!(["https://a.example/secret"]));
}

#[test]
fn links_are_those_that_have_every_word() {
    let mut links = MapLinks::new(Some("Docs api"), 10);
    links.take(&Event::Progress(Box::new(progress(PageResult::Fetched(
        Box::new(page()),
    )))));
    for (url, reason) in [
        ("https://a.example/docs/API", SkipReason::Depth),
        ("https://a.example/docs/", SkipReason::Depth),
        ("https://a.example/docs/api/2", SkipReason::Trap),
    ] {
        links.take(&Event::Skipped(Skipped {
            at: AT,
            url: url.into(),
            reason,
            duplicate_of: None,
        }));
    }
    assert_eq!(links.found(), 3);
    assert_eq!(
        links.finish(Version::V1),
        json!(["https://a.example/docs/API"])
    );
}

#[test]
fn states_have_the_words_that_clients_compare() {
    let word = |state: JobState| serde_json::to_value(StatusWord::from(state)).unwrap();
    assert_eq!(word(JobState::Queued), "scraping");
    assert_eq!(word(JobState::Cancelling), "scraping");
    assert_eq!(word(JobState::Done), "completed");
    assert_eq!(word(JobState::Cancelled), "cancelled");
}
