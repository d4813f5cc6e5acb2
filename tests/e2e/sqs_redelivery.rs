//! A queue that delivers at least once: again, late, or to a worker that is about to stop.

use e2e::{Fault, Job, Site, Sqs, Wire, Worker};
use rstest::rstest;
use serde_json::json;
use shared::ChannelId;
use shared::numbers::VISIBILITY;

/// Submits a crawl of one page after the other.
async fn submit(worker: &Worker, site: &Site) -> Job {
    let request = json!({ "url": site.url("/"), "maxConcurrency": 1 });
    worker.api().submit(request).await
}

/// The body of the first message that was sent.
async fn sent(wire: &Wire) -> String {
    let calls = wire.called("SendMessage", 1).await;
    calls[0].asked["MessageBody"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_job_that_is_in_the_queue_three_times_runs_once() {
    let (sqs, site) = (Sqs::start().await, Site::tree(15).await);
    // So long that what is hidden meanwhile are the other deliveries.
    let worker = sqs.worker().set("VISIBILITY", "60s").start().await;
    let mut hold = site.hold("/page/5");
    let job = submit(&worker, &site).await;
    hold.reached().await;
    let body = sent(sqs.wire()).await;
    sqs.send(&body).await;
    sqs.send(&body).await;
    // Both copies wait for as long as the attempt has the job.
    sqs.wire().called("ChangeMessageVisibility", 2).await;
    hold.open();

    let seen = job.watch().until_over().await;
    let done = seen.check_ended("done");
    assert_eq!(done["counts"]["fetched"], 15);
    assert!(!seen.has("resumed"), "{}", seen.tell());
    assert_eq!(site.visits().len(), 15);
    sqs.pass(VISIBILITY).await;
    sqs.becomes_empty().await;
    assert_eq!((site.visits().len(), sqs.dead_letters().await), (15, 0));
}

#[tokio::test]
async fn a_job_that_is_delivered_after_its_end_is_deleted() {
    let (sqs, site) = (Sqs::start().await, Site::tree(3).await);
    let worker = sqs.worker().start().await;
    let job = submit(&worker, &site).await;
    let before = job.watch().until_over().await;
    sqs.send(&sent(sqs.wire()).await).await;
    sqs.becomes_empty().await;
    assert_eq!(site.visits().len(), 3);
    let status = job.status().await;
    assert_eq!(status["attempt"], 1, "{status}");
    assert_eq!(job.watch().until_over().await.tell(), before.tell());
}

#[tokio::test]
async fn a_message_that_becomes_visible_in_mid_crawl_is_not_run_twice() {
    let (sqs, site) = (Sqs::start().await, Site::tree(15).await);
    // So long that what is hidden meanwhile are the other deliveries.
    let worker = sqs.worker().set("VISIBILITY", "60s").start().await;
    let mut hold = site.hold("/page/5");
    let job = submit(&worker, &site).await;
    hold.reached().await;
    for receives in 2..=3 {
        sqs.pass(VISIBILITY).await;
        sqs.wire()
            .called("ChangeMessageVisibility", receives - 1)
            .await;
    }
    hold.open();
    let seen = job.watch().until_over().await;
    let _ = seen.check_ended("done");
    assert!(!seen.has("resumed"), "{}", seen.tell());
    assert_eq!(site.visits().len(), 15);
    assert_eq!(sqs.wire().receipts().len(), 3);
    sqs.becomes_empty().await;
}

#[rstest]
#[case::refused(Fault::Refused("ReceiptHandleIsInvalid"))]
#[case::held_too_long(Fault::Refused("InvalidParameterValue"))]
#[case::unanswered(Fault::Unanswered)]
#[case::answer_lost(Fault::AnswerLost)]
#[tokio::test]
async fn an_attempt_that_cannot_renew_stops_and_the_next_one_deletes_its_own_receipt(
    #[case] fault: Fault,
) {
    let (sqs, site) = (Sqs::start().await, Site::tree(15).await);
    let worker = sqs.worker().set("VISIBILITY", "2s").start().await;
    let mut hold = site.hold("/page/5");
    sqs.wire().set_fault("ChangeMessageVisibility", fault);
    let job = submit(&worker, &site).await;
    hold.reached().await;
    worker.logs("the lease was not renewed in time").await;
    assert!(sqs.wire().calls("DeleteMessage").is_empty());
    sqs.wire().mend();
    let mut watcher = job.watch();
    watcher.until_event("resumed").await;
    hold.open();

    let seen = watcher.until_over().await;
    assert_eq!(seen.check_ended("done")["counts"]["fetched"], 15);
    assert_eq!(seen.first("resumed")["attempt"], 2);
    sqs.becomes_empty().await;
    // The queue is empty a moment before the wire has seen the answer.
    let deleted = sqs.wire().called("DeleteMessage", 1).await;
    assert_eq!(deleted.len(), 1, "{deleted:?}");
    let receipts = sqs.wire().receipts();
    assert_eq!(Some(&deleted[0].asked["ReceiptHandle"]), receipts.last());
    assert_ne!(receipts.first(), receipts.last());
}

#[tokio::test]
async fn a_receive_whose_answer_is_lost_loses_no_job() {
    let (sqs, site) = (Sqs::start().await, Site::tree(3).await);
    let worker = sqs.worker().set("VISIBILITY", "2s").start().await;
    sqs.wire().set_fault("ReceiveMessage", Fault::AnswerLost);
    let job = submit(&worker, &site).await;
    sqs.all_taken().await;
    sqs.wire().mend();
    let _done = job.watch().until_over().await.check_ended("done");
    sqs.becomes_empty().await;
}

#[tokio::test]
async fn a_job_that_comes_to_a_worker_that_stops_is_given_back_at_once() {
    let (sqs, site) = (Sqs::start().await, Site::tree(3).await);
    let mut worker = sqs.worker().start().await;
    let job = submit(&worker, &site).await;
    let _done = job.watch().until_over().await.check_ended("done");
    let next = sent(sqs.wire())
        .await
        .replace(&job.channel, &ChannelId::mint().to_string());
    // The next receive is under way, and may end: what it had been given is not to stay hidden.
    worker.terminate();
    sqs.send(&next).await;
    assert_eq!(worker.exit().await.code(), Some(0));
    assert_eq!(sqs.ready().await, 1);
    assert_eq!(site.visits().len(), 3);
}
