//! The split: the Lambda in front, SQS between, the worker behind.

use e2e::{Api, Function, Job, Mint, Site, Sqs};
use serde_json::{Value, json};

/// API Gateway's event for a submission.
fn event(host: &str, request: &Value) -> Value {
    json!({
        "version": "2.0",
        "routeKey": "POST /v1/crawls",
        "rawPath": "/v1/crawls",
        "rawQueryString": "",
        "headers": { "content-type": "application/json", "host": host, "x-forwarded-proto": "https" },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "domainName": host,
            "http": { "method": "POST", "path": "/v1/crawls", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "test" },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "POST /v1/crawls",
            "stage": "$default",
            "time": "10/Mar/2026:05:16:23 +0000",
            "timeEpoch": 1_773_119_783_000_u64
        },
        "body": request.to_string(),
        "isBase64Encoded": false
    })
}

#[tokio::test]
async fn a_job_submitted_through_the_lambda_is_watched_on_the_worker() {
    let (sqs, site, keys) = (Sqs::start().await, Site::tree(7).await, Mint::of("k1", 7));
    let worker = sqs.worker().set("TOKEN_KEYS", keys.spelled()).start().await;
    let mut variables = sqs.variables();
    variables.extend([
        ("CRAWLCAST_QUEUE_URL".to_owned(), sqs.url().to_owned()),
        ("CRAWLCAST_PUBLIC_URL".to_owned(), worker.base()),
        ("CRAWLCAST_TOKEN_KEYS".to_owned(), keys.spelled().to_owned()),
    ]);
    let mut function = Function::start(&variables).await;

    let (_, answer) = function
        .invoke(&event("api.example.com", &json!({ "url": site.url("/") })))
        .await;
    assert_eq!(answer["statusCode"], 202, "{answer}");
    let accepted: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    let seen = Job::accepted(Api::at(&worker.base()), &accepted)
        .watch()
        .until_over()
        .await;

    let done = seen.check_ended("done");
    assert_eq!(done["counts"]["fetched"], 7);
    sqs.becomes_empty().await;
}

#[tokio::test]
async fn a_request_that_makes_the_function_panic_does_not_end_its_environment() {
    let (sqs, keys) = (Sqs::start().await, Mint::of("k1", 7));
    let mut variables = sqs.variables();
    variables.extend([
        ("CRAWLCAST_QUEUE_URL".to_owned(), sqs.url().to_owned()),
        (
            "CRAWLCAST_PUBLIC_URL".to_owned(),
            "https://live.example.com".to_owned(),
        ),
        ("CRAWLCAST_TOKEN_KEYS".to_owned(), keys.spelled().to_owned()),
    ]);
    let mut function = Function::start(&variables).await;
    let request = json!({ "url": "https://example.com/" });

    // A name that ends in a number is taken for an address, and is none.
    let _whatever = function.invoke(&event("a.b.c.999", &request)).await;
    let (_, answer) = function.invoke(&event("api.example.com", &request)).await;

    assert_eq!(answer["statusCode"], 202, "{answer}");
    assert!(function.lives());
}

#[tokio::test]
async fn a_message_that_is_no_job_becomes_a_dead_letter_with_its_reason() {
    let (sqs, site) = (Sqs::start().await, Site::tree(3).await);
    let worker = sqs.worker().start().await;
    sqs.send("not a job").await;

    let (body, reason) = sqs.dead_letter().await;
    assert_eq!(body, "not a job");
    assert!(reason.contains("not a job"), "{reason}");
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    let _done = job.watch().until_over().await.check_ended("done");
    sqs.becomes_empty().await;
}

#[tokio::test]
async fn a_worker_killed_in_mid_crawl_goes_on_when_its_message_is_visible_again() {
    let (sqs, site) = (Sqs::start().await, Site::tree(31).await);
    let mut worker = sqs.worker().set("VISIBILITY", "2s").start().await;
    let hold = site.hold("/page/9");
    let job = worker
        .api()
        .submit(json!({ "url": site.url("/"), "maxConcurrency": 1 }))
        .await;
    let mut watcher = job.watch();
    watcher.until_events(3).await;

    worker.kill().await;
    hold.open();
    worker.restart().await;

    let seen = watcher.until_over().await;
    let done = seen.check_ended("done");
    assert_eq!(done["counts"]["fetched"], 31);
    assert_eq!(seen.first("resumed")["attempt"], 2);
    sqs.becomes_empty().await;
}
