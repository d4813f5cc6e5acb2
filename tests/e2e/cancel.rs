//! Cancel is durable when it is answered, and acts within a second.

use std::time::{Duration, Instant};

use e2e::{Mint, Site, Watcher, Worker};
use serde_json::{Value, json};
use shared::ChannelId;
use shared::token::Scope;

#[tokio::test]
async fn no_request_reaches_the_site_later_than_a_second_after_the_answer() {
    let mint = Mint::of("k1", 7);
    let worker = Worker::options()
        .set("TOKEN_KEYS", mint.spelled())
        .set("HEARTBEAT", "1s")
        .start()
        .await;
    let site = Site::tree(5_000).await;
    let job = worker
        .api()
        .submit(json!({ "url": site.url("/"), "limit": 5000, "maxConcurrencyPerHost": 8 }))
        .await;
    let mut watcher = job.watch();
    site.visited(50).await;

    let answer = job.cancel().await.expect(202);
    let answered = Instant::now();

    assert_eq!(answer.json()["state"], "cancelling");
    let seen = watcher.until_over().await;
    let ended = seen.check_ended("cancelled");
    assert_eq!(ended["reason"], "requested");
    assert!(ended["counts"]["fetched"].as_u64().unwrap() < 5_000);
    let failed = seen
        .named("progress")
        .filter(|frame| frame.json()["result"]["outcome"] == "failed")
        .count();
    assert_eq!(
        failed, 0,
        "requests in flight are aborted without a word each"
    );
    // Another channel's heartbeats are the clock that lets a late request come.
    let mut clock =
        Watcher::options(&worker.api().url(&mint.events_path(ChannelId::mint()))).open();
    clock.heartbeats(3).await;
    let late = site
        .requests()
        .into_iter()
        .filter(|visit| visit.at > answered + Duration::from_secs(1))
        .count();
    assert_eq!(late, 0);
}

#[tokio::test]
async fn a_request_in_flight_does_not_delay_the_end() {
    let (worker, site) = (Worker::start().await, Site::tree(7).await);
    let mut stuck = site.hold("/page/1");
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    let mut watcher = job.watch();
    stuck.reached().await;

    let _ = job.cancel().await.expect(202);

    // The page is never answered: only an abort lets the job end.
    let seen = watcher.until_over().await;
    let _ = seen.check_ended("cancelled");
    assert!(!seen.has_page("/page/1"));
    assert_eq!(job.status().await["state"], "cancelled");
}

#[tokio::test]
async fn a_cancel_repeated_is_the_same_cancel() {
    let (worker, site) = (Worker::start().await, Site::tree(7).await);
    let mut stuck = site.hold("/");
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    let mut watcher = job.watch();
    stuck.reached().await;

    let (first, second) = tokio::join!(job.cancel(), job.cancel());
    let (_, _) = (first.expect(202), second.expect(202));
    let seen = watcher.until_over().await;
    let third = job.cancel().await.expect(202);

    assert_eq!(third.json()["state"], "cancelled");
    let _ = seen.check_ended("cancelled");
    let _ = job.watch().until_over().await.check_ended("cancelled");
}

#[tokio::test]
async fn a_job_that_has_ended_cannot_be_cancelled() {
    let (worker, site) = (Worker::start().await, Site::tree(1).await);
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    job.becomes("done").await;

    let _ = job.cancel().await.problem(409);

    assert_eq!(job.status().await["state"], "done");
}

#[tokio::test]
async fn a_queued_job_is_cancelled_when_it_is_taken() {
    let worker = Worker::options().set("MAX_JOBS", "1").start().await;
    let (busy, site) = (Site::tree(1).await, Site::tree(3).await);
    let mut hold = busy.hold("/");
    worker.api().submit(json!({ "url": busy.url("/") })).await;
    hold.reached().await;
    let queued = worker.api().submit(json!({ "url": site.url("/") })).await;
    let mut watcher = queued.watch();

    let _ = queued.cancel().await.expect(202);
    hold.open();

    let _ = watcher.until_over().await.check_ended("cancelled");
    assert_eq!(site.visits().len(), 0, "nobody asked the site for anything");
}

#[tokio::test]
async fn a_cancel_before_the_job_is_kept_for_it() {
    let mint = Mint::of("k1", 7);
    let worker = Worker::options()
        .set("TOKEN_KEYS", mint.spelled())
        .start()
        .await;
    let (api, site) = (worker.api(), Site::tree(3).await);
    let body = json!({ "url": site.url("/") }).to_string();
    let channel = mint.channel_of("early", &body);
    let cancel = format!(
        "/v1/channels/{channel}/cancel?token={}",
        mint.sign(channel, Scope::Control)
    );
    let _ = api.post(&cancel, "").await.expect(202);

    let _ = api
        .send(
            api.request("POST", "/v1/crawls")
                .header("idempotency-key", "early")
                .body(body),
        )
        .await
        .expect(202);

    let seen = Watcher::options(&api.url(&mint.events_path(channel)))
        .open()
        .until_over()
        .await;
    let _ = seen.check_ended("cancelled");
    assert_eq!(site.visits().len(), 0);
}

#[tokio::test]
async fn a_cancel_survives_a_crash() {
    let (mut worker, site) = (Worker::start().await, Site::tree(7).await);
    let mut stuck = site.hold("/");
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    let mut watcher = job.watch_with().hurried().open();
    stuck.reached().await;
    watcher.until_event("started").await;

    let answer = job.command("cancel", &Value::Null).await.expect(202);
    worker.kill().await;
    worker.restart().await;

    assert_eq!(answer.json()["state"], "cancelling");
    let _ = watcher.until_over().await.check_ended("cancelled");
}
