//! The split: the Lambda in front, SQS between, the worker behind.

use e2e::{Api, Function, Job, Mint, Site, Sqs, gateway};
use serde_json::json;

#[tokio::test]
async fn a_job_submitted_through_the_lambda_is_watched_on_the_worker() {
    let (sqs, site, keys) = (Sqs::start().await, Site::tree(7).await, Mint::of("k1", 7));
    let worker = sqs.worker().set("TOKEN_KEYS", keys.spelled()).start().await;
    let mut function = Function::submit(&sqs, &worker.base(), &keys).await;

    let accepted = function.post(&json!({ "url": site.url("/") })).await;
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
    let mut function = Function::submit(&sqs, "https://live.example.com", &keys).await;
    let request = json!({ "url": "https://example.com/" });

    // A name that ends in a number is taken for an address, and is none.
    let _whatever = function
        .invoke(&gateway::http_api("a.b.c.999", &request))
        .await;
    let _accepted = function.post(&request).await;

    assert!(function.lives());
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
    // The second receipt is the one that is deleted; the wire has seen so a moment after the queue is empty.
    let deleted = sqs.wire().called("DeleteMessage", 1).await;
    let receipts = sqs.wire().receipts();
    assert_eq!(deleted.len(), 1, "{deleted:?}");
    assert_eq!(Some(&deleted[0].asked["ReceiptHandle"]), receipts.last());
    assert_ne!(receipts.first(), receipts.last());
}
