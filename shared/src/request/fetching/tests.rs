use rstest::rstest;
use serde_json::{Map, Value, json};

use crate::problem::Fault;
use crate::token::TokenKeys;
use crate::{ChannelId, CrawlRequest};

use super::*;
use crate::request::RequestSecrets;

const SECRET: &str = "not-to-be-seen-again";

fn read(more: &Value) -> Result<CrawlRequest, Vec<Fault>> {
    let mut body = json!({"url": "https://a.example"});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    CrawlRequest::from_value(body)
}

fn whole() -> CrawlRequest {
    read(&json!({
        "headers": {"Authorization": format!("Bearer {SECRET}"), "X-Empty": ""},
        "cookies": {"sid": SECRET}, "userAgent": SECRET,
        "headersFor": ["https://b.example:443/", "http://b.example", "https://b.example"],
        "webhook": {"url": "https://c.example/hook", "secret": SECRET, "headers": {"X-Key": SECRET}}
    }))
    .unwrap()
}

#[test]
fn whatever_shows_a_request_shows_names_only() {
    let mut request = whole();
    for _ in 0..2 {
        let stored = serde_json::to_value(&request).unwrap();
        let shown = serde_json::to_string(&request.shown()).unwrap();
        for text in [&stored.to_string(), &shown, &format!("{request:?}")] {
            assert!(!text.contains(SECRET), "{text}");
        }
        assert_eq!(stored["headers"], json!(["authorization", "x-empty"]));
        assert_eq!(stored["cookies"], json!(["sid"]));
        assert_eq!(stored["userAgent"], true);
        assert_eq!(
            stored["headersFor"],
            json!(["https://b.example", "http://b.example"])
        );
        assert_eq!(
            (&stored["webhook"]["secret"], &stored["webhook"]["headers"]),
            (&json!(true), &json!(["x-key"]))
        );
        // Sealed or not, it looks the same.
        drop(request.take_secrets());
    }
}

#[test]
fn secrets_that_were_sealed_come_back_into_a_request_that_was_stored() {
    let (channel, keys): (_, TokenKeys) = (
        ChannelId::mint(),
        TokenKeys::spell("k", &[1; 32]).parse().unwrap(),
    );
    let (mut request, before) = (whole(), whole());
    let sealed = request.take_secrets().seal(channel, &keys);
    assert!(request.headers.reveal().is_none() && request.take_secrets().is_empty());
    let stored: CrawlRequest =
        serde_json::from_value(serde_json::to_value(&request).unwrap()).unwrap();
    assert_eq!(stored, request);
    let secrets = RequestSecrets::open(channel, Some(&sealed), &keys).unwrap();
    assert!(!format!("{secrets:?} {sealed:?}").contains(SECRET));
    assert_eq!(stored.clone().with_secrets(&secrets), Ok(before));
    let without = stored.with_secrets(&Default::default());
    assert_eq!(without, Err(crate::seal::SealError::Incomplete));
}

#[test]
fn a_request_of_before_has_its_webhooks_secret_still() {
    let stored = json!({"urls": ["https://a.example/"], "webhook": {"url": "https://c.example/", "events": [], "secret": SECRET.to_owned()}});
    let request: CrawlRequest = serde_json::from_value(stored).unwrap();
    let again = request.with_secrets(&Default::default()).unwrap();
    assert_eq!(
        again.webhook.unwrap().secret.unwrap().reveal(),
        Some(SECRET)
    );
}

#[test]
fn a_cookie_header_is_its_cookies() {
    let request =
        read(&json!({"headers": {"cookie": "sid=a=b; theme=dark;"}, "cookies": {"more": "1"}}))
            .unwrap();
    assert!(request.headers.is_empty());
    let given = request.cookies.given().reveal().unwrap();
    assert_eq!(given, [("more", "1"), ("sid", "a=b"), ("theme", "dark")]);
    let off = read(&json!({"cookies": false})).unwrap();
    assert!(!off.cookies.are_kept());
    let stored: CrawlRequest = serde_json::from_value(serde_json::to_value(&off).unwrap()).unwrap();
    assert_eq!(stored, off);
}

#[rstest]
#[case(json!({"headers": format!("X: {SECRET}")}), "/headers", "must be an object of names and values, not a string")]
#[case(json!({"headers": ["authorization"]}), "/headers", "not a list")]
#[case(json!({"headers": {"X-N": 7}}), "/headers/X-N", "must be a string, not a number")]
#[case(json!({"headers": {"X-N": null}}), "/headers/X-N", "must be a string, not null")]
#[case(json!({"headers": {"X Y": SECRET}}), "/headers/X Y", "such as Authorization")]
#[case(json!({"headers": {"": SECRET}}), "/headers/", "such as Authorization")]
#[case(json!({"headers": {"a/b~": SECRET}}), "/headers/a~1b~0", "such as Authorization")]
#[case(json!({"headers": {"X-A": format!("{SECRET}\r\nHost: b")}}), "/headers/X-A", "printable ASCII")]
#[case(json!({"headers": {"X-A": format!("{SECRET} ")}}), "/headers/X-A", "no space at its ends")]
#[case(json!({"headers": {"X-A": format!("{SECRET}ü")}}), "/headers/X-A", "printable ASCII")]
#[case(json!({"headers": {"X-A": SECRET.repeat(300)}}), "/headers/X-A", "at most 4096 bytes long, not 6000")]
#[case(json!({"headers": {"X-A": "1", "x-a": SECRET}}), "/headers/x-a", "give it once")]
#[case(json!({"headers": {"Host": SECRET}}), "/headers/Host", "that of the page's URL")]
#[case(json!({"headers": {"Content-Length": "1"}}), "/headers/Content-Length", "no body")]
#[case(json!({"headers": {"Connection": SECRET}}), "/headers/Connection", "by itself")]
#[case(json!({"headers": {"Transfer-Encoding": "chunked"}}), "/headers/Transfer-Encoding", "no body")]
#[case(json!({"headers": {"TE": "trailers"}}), "/headers/TE", "by itself")]
#[case(json!({"headers": {"Upgrade": "h2c"}}), "/headers/Upgrade", "by itself")]
#[case(json!({"headers": {"Accept-Encoding": "gzip"}}), "/headers/Accept-Encoding", "that it can undo")]
#[case(json!({"headers": {"If-None-Match": "x"}}), "/headers/If-None-Match", "`since`")]
#[case(json!({"headers": {"User-Agent": SECRET}}), "/headers/User-Agent", "as userAgent")]
#[case(json!({"headers": {"Proxy-Authorization": SECRET}}), "/headers/Proxy-Authorization", "a proxy")]
#[case(json!({"headers": {"Cookie": SECRET}}), "/headers/Cookie", "such as `sid=1")]
#[case(json!({"headers": {"Cookie": "a=1"}, "cookies": {"a": SECRET}}), "/cookies/a", "give it once")]
#[case(json!({"headers": {"Cookie": "a=1"}, "cookies": false}), "/cookies", "must not be false")]
#[case(json!({"cookies": true}), "/cookies", "or false, not true or false")]
#[case(json!({"cookies": {"a b": SECRET}}), "/cookies/a b", "such as sid")]
#[case(json!({"cookies": {"a": format!("{SECRET}; b=1")}}), "/cookies/a", "no semicolon")]
#[case(json!({"userAgent": ""}), "/userAgent", "1 to 512 printable")]
#[case(json!({"userAgent": format!("{SECRET}\n")}), "/userAgent", "1 to 512 printable")]
#[case(json!({"userAgent": true}), "/userAgent", "must be a string")]
#[case(json!({"headersFor": ["https://b.example/path"]}), "/headersFor/0", "without a path")]
#[case(json!({"headersFor": ["b.example"]}), "/headersFor/0", "absolute URL")]
#[case(json!({"headersFor": ["ftp://b.example"]}), "/headersFor/0", "http:// or https://")]
#[case(json!({"webhook": {"url": "https://c.example", "headers": {"Webhook-Id": SECRET}}}), "/webhook/headers/Webhook-Id", "with each post")]
#[case(json!({"webhook": {"url": "https://c.example", "secret": true}}), "/webhook/secret", "16 to 256")]
fn a_fault_says_where_and_what_would_be_right_and_no_secret(
    #[case] more: Value,
    #[case] pointer: &str,
    #[case] detail: &str,
) {
    let faults = read(&more).unwrap_err();
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert_eq!(faults[0].pointer, pointer);
    assert!(faults[0].detail.contains(detail), "{}", faults[0].detail);
    assert!(!faults[0].to_string().contains(SECRET), "{}", faults[0]);
}

#[test]
fn the_fields_are_bounded() {
    let many: Map<String, Value> = (0..=MAX_ENTRIES)
        .map(|number| (format!("x-{number}"), json!("")))
        .collect();
    let long: Map<String, Value> = (0..5)
        .map(|number| (format!("x{number}"), json!("v".repeat(2_000))))
        .collect();
    for field in ["headers", "cookies"] {
        let fault = &read(&json!({ field: many })).unwrap_err()[0];
        assert_eq!(
            (fault.pointer.as_str(), &*fault.code),
            (&*format!("/{field}"), "tooMany")
        );
        let fault = &read(&json!({ field: long })).unwrap_err()[0];
        assert_eq!(
            (fault.pointer.as_str(), &*fault.code),
            (&*format!("/{field}"), "tooLarge")
        );
    }
    let origins: Vec<String> = (0..=MAX_ORIGINS)
        .map(|number| format!("https://{number}.example"))
        .collect();
    assert_eq!(
        read(&json!({"headersFor": origins})).unwrap_err()[0].code,
        "tooMany"
    );
}
