//! Whatever is wrong with a request, the answer says what would be right.

use e2e::{Worker, within};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A field's wrong value, the pointer that blames it, and a word of what would be right.
type Wrong = (Value, &'static str, &'static str);

fn wrong_start_pages() -> Vec<Wrong> {
    let many: Vec<String> = (0..1001)
        .map(|page| format!("https://example.com/{page}"))
        .collect();
    vec![
        (json!({ "url": null }), "/url", "start page"),
        (json!({ "url": 7 }), "/url", "string"),
        (json!({ "url": "example.com" }), "/url", "http"),
        (json!({ "url": "ftp://example.com/" }), "/url", "http"),
        (
            json!({ "url": "http://user:secret@example.com/" }),
            "/url",
            "user",
        ),
        (json!({ "url": null, "urls": [] }), "/urls", "at least one"),
        (
            json!({ "url": null, "urls": ["https://example.com/", "nonsense"] }),
            "/urls/1",
            "http",
        ),
        (json!({ "url": null, "urls": many }), "/urls", "1000"),
        (
            json!({ "urls": ["https://example.com/"] }),
            "/urls",
            "not both",
        ),
    ]
}

fn wrong_bounds() -> Vec<Wrong> {
    vec![
        (json!({ "limit": 0 }), "/limit", "from 1 to 1000000"),
        (json!({ "limit": "ten" }), "/limit", "whole number"),
        (json!({ "limit": 1.5 }), "/limit", "whole number"),
        (
            json!({ "maxDiscoveryDepth": -1 }),
            "/maxDiscoveryDepth",
            "from 0 to 1000",
        ),
        (json!({ "scope": "galaxy" }), "/scope", "\"domain\""),
        (json!({ "includePaths": ["("] }), "/includePaths/0", "("),
        (json!({ "excludePaths": "^/a" }), "/excludePaths", "list"),
        (
            json!({ "excludePaths": ["^/a", 5] }),
            "/excludePaths/1",
            "string",
        ),
        (json!({ "sitemap": "maybe" }), "/sitemap", "\"include\""),
    ]
}

fn wrong_manners() -> Vec<Wrong> {
    vec![
        (
            json!({ "ignoreRobotsTxt": "yes" }),
            "/ignoreRobotsTxt",
            "true or false",
        ),
        (
            json!({ "ignoreRobotsTxt": true }),
            "/ignoreRobotsTxt",
            "operator",
        ),
        (
            json!({ "respectNofollow": 1 }),
            "/respectNofollow",
            "true or false",
        ),
        (
            json!({ "respectMetaRobots": 1 }),
            "/respectMetaRobots",
            "true or false",
        ),
        (
            json!({ "ignoreQueryParameters": "no" }),
            "/ignoreQueryParameters",
            "true or false",
        ),
        (
            json!({ "dropQueryParameters": ["u*m"] }),
            "/dropQueryParameters/0",
            "*",
        ),
        (
            json!({ "maxConcurrency": 257 }),
            "/maxConcurrency",
            "from 1 to 256",
        ),
        (
            json!({ "maxConcurrencyPerHost": 0 }),
            "/maxConcurrencyPerHost",
            "from 1 to 64",
        ),
        (json!({ "delayMs": 60_001 }), "/delayMs", "from 0 to 60000"),
        (json!({ "retries": 11 }), "/retries", "from 0 to 10"),
        (
            json!({ "timeoutMs": 99 }),
            "/timeoutMs",
            "from 100 to 300000",
        ),
        (json!({ "maxBodyBytes": 1 }), "/maxBodyBytes", "from 1024"),
        (
            json!({ "maxDurationSeconds": 86_401 }),
            "/maxDurationSeconds",
            "from 1 to 86400",
        ),
        (json!({ "formats": ["pdf"] }), "/formats/0", "\"markdown\""),
        (
            json!({ "excludeTags": ["nav", "a:hover"] }),
            "/excludeTags/1",
            "\"a:hover\" must be a CSS selector",
        ),
        (
            json!({ "onDisconnect": "panic" }),
            "/onDisconnect",
            "\"continue\"",
        ),
        (json!({ "metadata": [] }), "/metadata", "object"),
        (
            json!({ "metadata": { "a": "x".repeat(17_000) } }),
            "/metadata",
            "16384",
        ),
        (
            json!({ "max_concurrency": 3 }),
            "/max_concurrency",
            "did you mean maxConcurrency?",
        ),
        (json!({ "colour": "red" }), "/colour", "the fields are url"),
    ]
}

#[tokio::test]
async fn each_wrong_field_is_named_with_what_would_be_right() {
    let worker = Worker::start().await;
    let each = [wrong_start_pages(), wrong_bounds(), wrong_manners()].concat();
    for (fields, pointer, right) in each {
        let mut request = json!({ "url": "https://example.com/" });
        request
            .as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        let problem = worker.api().try_submit(&request).await.problem(400);
        assert_eq!(problem["type"], "urn:crawlcast:problem:invalid-request");
        let faults = problem["errors"]
            .as_array()
            .unwrap_or_else(|| panic!("faults of {fields}: {problem}"));
        let fault = faults
            .iter()
            .find(|fault| fault["pointer"] == pointer)
            .unwrap_or_else(|| panic!("{pointer}: {problem}"));
        assert!(
            fault["detail"].as_str().unwrap().contains(right),
            "`{right}` is in {fault}"
        );
        assert!(fault["code"].is_string());
    }
}

#[tokio::test]
async fn every_fault_is_named_at_once() {
    let worker = Worker::start().await;
    let request = json!({ "limit": 0, "scope": "galaxy", "colour": "red" });
    let problem = worker.api().try_submit(&request).await.problem(400);
    let pointers: Vec<&str> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| fault["pointer"].as_str().unwrap())
        .collect();
    assert_eq!(pointers, ["/url", "/limit", "/scope", "/colour"]);
}

#[tokio::test]
async fn a_body_that_is_no_request_is_told_apart() {
    let worker = Worker::start().await;
    let api = worker.api();
    let deep = format!(
        "{{\"metadata\":{}{}}}",
        "[".repeat(20_000),
        "]".repeat(20_000)
    );
    let bodies: [(Vec<u8>, &str); 6] = [
        (Vec::new(), "JSON"),
        (b"{\"url\":\"https://example.com/\"".to_vec(), "JSON"),
        (b"[]".to_vec(), "{\"url\":"),
        (b"{\"url\":\"https://example.com/\xff\"}".to_vec(), "UTF-8"),
        (deep.into_bytes(), "JSON"),
        (b"\"https://example.com/\"".to_vec(), "{\"url\":"),
    ];
    for (body, right) in bodies {
        let problem = api.post("/v1/crawls", body.clone()).await.problem(400);
        let fault = &problem["errors"][0];
        assert_eq!(fault["pointer"], "");
        assert!(
            fault["detail"].as_str().unwrap().contains(right),
            "{right}: {problem}"
        );
    }
    assert_eq!(api.get("/healthz").await.status, 200);
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_whether_or_not_it_says_its_length() {
    let worker = Worker::start().await;
    let api = worker.api();
    let problem = api
        .post("/v1/crawls", vec![b' '; 70_000])
        .await
        .problem(413);
    assert!(
        problem["detail"].as_str().unwrap().contains("65536"),
        "{problem}"
    );
    // Chunked: the length is not known before.
    let mut socket = TcpStream::connect(("127.0.0.1", worker.port()))
        .await
        .unwrap();
    let head = "POST /v1/crawls HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    socket.write_all(head.as_bytes()).await.unwrap();
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    for _ in 0..4 {
        // The worker may have closed by then, which is its right.
        let _ = socket.write_all(chunk.as_bytes()).await;
    }
    let mut answer = vec![0; 12];
    within("an answer", socket.read_exact(&mut answer))
        .await
        .unwrap();
    assert_eq!(answer, b"HTTP/1.1 413");
}

#[tokio::test]
async fn another_media_type_is_refused() {
    let worker = Worker::start().await;
    let api = worker.api();
    let request = api
        .request("POST", "/v1/crawls")
        .header("content-type", "application/xml")
        .body("<crawl/>");
    let problem = api.send(request).await.problem(415);
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("application/json"),
        "{problem}"
    );
}

#[tokio::test]
async fn a_wrong_method_is_405_with_the_right_ones() {
    let worker = Worker::start().await;
    let api = worker.api();
    for (method, path, allowed) in [
        ("GET", "/v1/crawls", "POST"),
        ("DELETE", "/v1/channels/x/cancel", "POST"),
        ("POST", "/v1/channels/x/events", "GET"),
        ("PUT", "/healthz", "GET"),
    ] {
        let answer = api.send(api.request(method, path)).await;
        assert!(
            answer.header("allow").contains(allowed),
            "{method} {path}: {:?}",
            answer.headers
        );
        let _ = answer.problem(405);
    }
}

#[tokio::test]
async fn an_unknown_path_is_404_and_names_the_description() {
    let worker = Worker::start().await;
    let problem = worker.api().get("/v3/crawls").await.problem(404);
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("/openapi.json"),
        "{problem}"
    );
}

#[tokio::test]
async fn a_header_that_cannot_be_read_or_is_there_twice_is_refused_by_name() {
    let worker = Worker::start().await;
    let api = worker.api();
    let unreadable = || http::HeaderValue::from_bytes(b"order-\xe9").unwrap();
    for name in ["Idempotency-Key", "Authorization", "Content-Type"] {
        let request = api.request("POST", "/v1/crawls").header(name, unreadable());
        let problem = api.send(request.body("{}")).await.problem(400);
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(name), "{detail}");
    }
    let twice = api.request("POST", "/v1/crawls");
    let twice = twice
        .header("Idempotency-Key", "1")
        .header("Idempotency-Key", "2");
    let problem = api.send(twice.body("{}")).await.problem(400);
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("Idempotency-Key")
    );
    let zipped = api
        .request("POST", "/v1/crawls")
        .header("Content-Encoding", "gzip");
    let problem = api.send(zipped.body("{}")).await.problem(415);
    assert!(problem["detail"].as_str().unwrap().contains("gzip"));
}
