//! A message that can never run ends among the dead letters, and no other does.

use e2e::{Hold, Site, Sqs};
use serde_json::json;
use shared::numbers::{MAX_RECEIVES, VISIBILITY};

#[tokio::test]
async fn a_message_that_is_no_job_becomes_a_dead_letter_with_its_reason() {
    let (sqs, site) = (Sqs::start().await, Site::tree(3).await);
    let worker = sqs.worker().start().await;
    for (body, words) in [
        ("not a job", "not a job"),
        (r#"{"version": 99, "job": {}}"#, "99"),
    ] {
        sqs.send(body).await;
        let (dead, reason) = sqs.dead_letter().await;
        assert_eq!(dead, body);
        assert!(reason.contains(words), "{reason}");
    }
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    let _done = job.watch().until_over().await.check_ended("done");
    sqs.becomes_empty().await;
}

#[tokio::test]
async fn a_message_of_the_largest_size_becomes_a_dead_letter_whole() {
    let sqs = Sqs::start().await;
    let worker = sqs.worker().start().await;
    let largest = "x".repeat(1024 * 1024);
    sqs.send(&largest).await;
    let (dead, _reason) = sqs.dead_letter().await;
    assert!(dead == largest, "{} bytes of it", dead.len());
    sqs.becomes_empty().await;
    // Operators find the reason in the log, though the message had no room for it.
    worker.logs("a message is not a job").await;
}

#[tokio::test]
async fn a_job_that_kills_its_worker_four_times_fails_and_its_message_is_kept() {
    let (sqs, site) = (Sqs::start().await, Site::tree(7).await);
    let mut hold = site.hold("/");
    let mut worker = sqs.worker().start().await;
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    let mut watcher = job.watch();
    hold.reached().await;
    for attempt in 2..=MAX_RECEIVES as usize {
        worker.kill().await;
        sqs.pass(VISIBILITY).await;
        worker.restart().await;
        watcher
            .until("the next attempt", |seen| {
                seen.named("resumed").count() + 1 == attempt
            })
            .await;
    }
    worker.kill().await;
    sqs.pass(VISIBILITY).await;
    worker.restart().await;

    let seen = watcher.until_over().await;
    assert_eq!(
        seen.events().last().unwrap().name,
        "failed",
        "{}",
        seen.tell()
    );
    let (dead, reason) = sqs.dead_letter().await;
    assert!(dead.contains(&job.channel), "{dead}");
    assert!(reason.contains("without getting any further"), "{reason}");
    sqs.becomes_empty().await;
}

#[tokio::test]
async fn a_job_that_gets_further_outlives_any_number_of_kills() {
    let (sqs, site) = (Sqs::start().await, Site::tree(15).await);
    let holds: Vec<Hold> = (1..15)
        .step_by(2)
        .map(|page| site.hold(&format!("/page/{page}")))
        .collect();
    let mut worker = sqs.worker().start().await;
    let request = json!({ "url": site.url("/"), "maxConcurrency": 1 });
    let mut watcher = worker.api().submit(request).await.watch();
    for (kills, mut hold) in holds.into_iter().enumerate() {
        hold.reached().await;
        worker.kill().await;
        sqs.pass(VISIBILITY).await;
        worker.restart().await;
        watcher
            .until("the next attempt", |seen| {
                seen.named("resumed").count() > kills
            })
            .await;
        hold.open();
    }
    let done = watcher.until_over().await.check_ended("done");
    assert_eq!(done["counts"]["fetched"], 15);
    sqs.becomes_empty().await;
    assert_eq!(sqs.dead_letters().await, 0);
}
