use proptest::prelude::*;
use rstest::rstest;
use serde_json::json;

use super::*;
use crate::problem::Fault;

fn faults(body: &Value) -> Vec<Fault> {
    CrawlRequest::from_value(body.clone()).expect_err("the request is wrong")
}

#[test]
fn the_smallest_request_has_every_default() {
    let request = CrawlRequest::parse(br#"{"url":"https://example.com"}"#).unwrap();
    insta::assert_json_snapshot!(request, @r#"
    {
      "urls": [
        "https://example.com/"
      ],
      "limit": 1000,
      "maxDiscoveryDepth": 25,
      "scope": "host",
      "includePaths": [],
      "excludePaths": [],
      "regexOnFullUrl": false,
      "sitemap": "include",
      "ignoreRobotsTxt": false,
      "respectNofollow": true,
      "respectMetaRobots": true,
      "ignoreQueryParameters": false,
      "dropQueryParameters": [
        "utm_*",
        "gclid",
        "fbclid"
      ],
      "deduplicateContent": true,
      "trapExemptions": [],
      "maxConcurrency": 16,
      "maxConcurrencyPerHost": 2,
      "delayMs": null,
      "retries": 2,
      "timeoutMs": 30000,
      "maxBodyBytes": 10485760,
      "maxDurationSeconds": 3600,
      "formats": [
        "metadata"
      ],
      "onlyMainContent": true,
      "includeTags": [],
      "excludeTags": [],
      "onDisconnect": "cancel",
      "metadata": {}
    }
    "#);
}

#[test]
fn the_normal_form_reads_back_as_itself() {
    let body = json!({"urls": ["http://a.example/x?y#z", "https://b.example"], "limit": 7, "scope": "prefix",
        "includePaths": ["^/docs/"], "delayMs": 250, "formats": ["links", "text", "links"],
        "onDisconnect": "continue", "deduplicateContent": false, "trapExemptions": ["^/calendar/"],
        "since": "3f6c0b1e-7a52-4d57-9a3e-2b1c0d9e8f70", "metadata": {"customer": {"id": 7}}});
    let request = CrawlRequest::from_value(body).unwrap();
    let again: CrawlRequest =
        serde_json::from_str(&serde_json::to_string(&request).unwrap()).unwrap();
    assert_eq!(again, request);
}

#[test]
fn every_fault_is_reported_at_once() {
    let body = json!({"url": "ftp://x", "limit": 0, "maxDiscoveryDepth": -1, "scope": "galaxy", "includePaths": ["(", 3],
        "sitemap": 1, "respectNofollow": "yes", "maxConcurrency": 1.5, "formats": ["pdf"], "metadata": [], "max_body_bytes": 1,
        "surprise/~": true});
    let pointers: Vec<String> = faults(&body)
        .into_iter()
        .map(|fault| fault.pointer)
        .collect();
    assert_eq!(
        pointers,
        [
            "/url",
            "/limit",
            "/maxDiscoveryDepth",
            "/scope",
            "/includePaths/0",
            "/includePaths/1",
            "/sitemap",
            "/respectNofollow",
            "/maxConcurrency",
            "/formats/0",
            "/metadata",
            "/max_body_bytes",
            "/surprise~1~0"
        ]
    );
}

#[rstest]
#[case(json!({}), "/url", "needs a start page")]
#[case(json!({"urls": []}), "/urls", "at least one")]
#[case(json!({"urls": "https://example.com"}), "/urls", "must be a list, not a string")]
#[case(json!({"url": "https://a.example", "urls": ["https://b.example"]}), "/urls", "not both")]
#[case(json!({"url": 7}), "/url", "must be a string, not a number")]
#[case(json!({"url": "/docs"}), "/url", "absolute URL such as https://example.com/")]
#[case(json!({"url": "javascript:alert(1)"}), "/url", "http:// or https://")]
#[case(json!({"url": "https://me:pw@example.com"}), "/url", "user name or password")]
#[case(json!({"url": "https://example.com", "limit": 1_000_001}), "/limit", "from 1 to 1000000, not 1000001")]
#[case(json!({"url": "https://example.com", "limit": "9"}), "/limit", "not a string")]
#[case(json!({"url": "https://example.com", "delayMs": 60_001}), "/delayMs", "from 0 to 60000")]
#[case(json!({"url": "https://example.com", "scope": "Host"}), "/scope", "\"page\", \"prefix\", \"host\", \"domain\", \"any\"")]
#[case(json!({"url": "https://example.com", "excludePaths": ["(?=x)"]}), "/excludePaths/0", "no look-around")]
#[case(json!({"url": "https://example.com", "dropQueryParameters": ["a*b"]}), "/dropQueryParameters/0", "at the end only")]
#[case(json!({"url": "https://example.com", "max_concurrency": 1}), "/max_concurrency", "did you mean maxConcurrency?")]
#[case(json!({"url": "https://example.com", "metadata": {"x": "y".repeat(17_000)}}), "/metadata", "16384 bytes")]
fn a_fault_says_where_and_what_would_be_right(
    #[case] body: Value,
    #[case] pointer: &str,
    #[case] detail: &str,
) {
    let faults = faults(&body);
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert_eq!(faults[0].pointer, pointer);
    assert!(faults[0].detail.contains(detail), "{}", faults[0].detail);
}

#[rstest]
#[case("1e3", 1000)]
#[case("1e+05", 100_000)]
#[case("10.0", 10)]
fn a_whole_number_may_be_spelled_as_a_float(#[case] spelled: &str, #[case] limit: u64) {
    let body = format!(
        r#"{{"url": "https://example.com", "limit": {spelled}, "maxDiscoveryDepth": 1e2, "maxConcurrency": 4.0,
             "maxConcurrencyPerHost": 4.0, "delayMs": 1E2, "retries": 0.0, "timeoutMs": 1e4, "maxBodyBytes": 1e6,
             "maxDurationSeconds": 6e1}}"#
    );
    let request = CrawlRequest::parse(body.as_bytes()).unwrap();
    assert_eq!(request.limit, limit);
    assert_eq!(request.max_discovery_depth, 100);
    assert_eq!((request.delay_ms, request.retries), (Some(100), 0));
}

#[rstest]
#[case("10.5", "wrongType", "not a fraction")]
#[case("-1.0", "wrongType", "not a negative number")]
#[case("-1", "wrongType", "not a negative number")]
#[case("-1.5", "wrongType", "not a fraction")]
#[case("1e99", "outOfRange", "from 1 to 1000000, not 1e")]
fn a_number_that_is_not_whole_or_fits_nowhere_says_so(
    #[case] spelled: &str,
    #[case] code: &str,
    #[case] detail: &str,
) {
    let body = format!(r#"{{"url": "https://example.com", "limit": {spelled}}}"#);
    let faults = CrawlRequest::parse(body.as_bytes()).expect_err("no limit");
    assert_eq!(faults[0].pointer, "/limit");
    assert_eq!(faults[0].code, code);
    assert!(faults[0].detail.contains(detail), "{}", faults[0].detail);
}

#[test]
fn a_body_that_begins_with_a_byte_order_mark_is_read() {
    let body = b"\xef\xbb\xbf{\"url\":\"https://example.com\"}";
    assert!(CrawlRequest::parse(body).is_ok());
}

#[rstest]
#[case(b"\xff{}", "must be UTF-8")]
#[case(b"{\"url\":", "must be a JSON object")]
#[case(b"[]", "must be a JSON object such as")]
#[case(b"", "must be a JSON object")]
fn a_body_that_is_no_object_is_refused(#[case] body: &[u8], #[case] detail: &str) {
    let faults = CrawlRequest::parse(body).expect_err("no request");
    assert!(faults[0].detail.contains(detail), "{}", faults[0].detail);
}

#[test]
fn deep_nesting_is_a_fault_and_not_a_crash() {
    let body = format!(
        "{{\"metadata\":{}1{}}}",
        "[".repeat(30_000),
        "]".repeat(30_000)
    );
    let faults = CrawlRequest::parse(body.as_bytes()).expect_err("too deep");
    assert!(
        faults[0].detail.contains("recursion limit"),
        "{}",
        faults[0].detail
    );
}

proptest! {
    #[test]
    fn no_body_makes_the_parser_panic(body in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = CrawlRequest::parse(&body);
    }

    #[test]
    fn what_is_accepted_survives_the_queue(limit in 1_u64..1_000_000, depth in 0_u32..1000, delay in prop::option::of(0_u64..60_000)) {
        let body = json!({"url": "https://example.com/", "limit": limit, "maxDiscoveryDepth": depth, "delayMs": delay});
        let request = CrawlRequest::from_value(body).unwrap();
        let again = CrawlRequest::from_value(serde_json::to_value(&request).unwrap()).unwrap();
        prop_assert_eq!(again, request);
    }
}
