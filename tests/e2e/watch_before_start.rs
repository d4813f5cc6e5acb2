//! A watcher that comes before the job waits with an open stream.

use e2e::{Mint, Site, Watcher, Worker};
use serde_json::json;
use shared::ChannelId;
use shared::token::Scope;

#[tokio::test]
async fn a_good_token_for_an_unknown_channel_waits() {
    let mint = Mint::of("k1", 7);
    let worker = Worker::options()
        .set("TOKEN_KEYS", mint.spelled())
        .set("HEARTBEAT", "1s")
        .start()
        .await;
    let channel = ChannelId::mint();

    let mut watcher = Watcher::options(&worker.api().url(&mint.events_path(channel))).open();
    watcher.heartbeats(1).await;

    let seen = watcher.seen();
    seen.check_frames();
    let hello = seen.first("hello");
    assert_eq!(
        (&hello["state"], &hello["head"]),
        (&json!("queued"), &json!("0-0"))
    );
    assert_eq!(seen.cursor(), "0-0");
    let path = format!(
        "/v1/channels/{channel}?token={}",
        mint.sign(channel, Scope::Watch)
    );
    assert_eq!(
        worker.api().get(&path).await.expect(200).json()["state"],
        "queued"
    );
}

#[tokio::test]
async fn the_first_event_comes_the_moment_it_exists() {
    let mint = Mint::of("k1", 7);
    let worker = Worker::options()
        .set("TOKEN_KEYS", mint.spelled())
        .start()
        .await;
    let (api, site) = (worker.api(), Site::tree(3).await);
    let body = json!({ "url": site.url("/") }).to_string();
    // As with a front that answered before the worker took the job: the channel is known, its job is not.
    let channel = mint.channel_of("early", &body);
    let mut watcher = Watcher::options(&api.url(&mint.events_path(channel))).open();
    watcher.until_event("hello").await;

    let accepted = api
        .send(
            api.request("POST", "/v1/crawls")
                .header("idempotency-key", "early")
                .body(body),
        )
        .await
        .expect(202);

    assert_eq!(accepted.json()["channelId"], channel.to_string());
    let seen = watcher.until_over().await;
    let _ = seen.check_ended("done");
    assert_eq!(
        seen.links.len(),
        1,
        "all of it came over the connection that was there first"
    );
}

#[tokio::test]
async fn a_job_behind_a_full_worker_is_queued_and_then_runs() {
    let worker = Worker::options().set("MAX_JOBS", "1").start().await;
    let (busy, site) = (Site::tree(1).await, Site::tree(3).await);
    let mut hold = busy.hold("/");
    let first = worker.api().submit(json!({ "url": busy.url("/") })).await;
    hold.reached().await;

    let second = worker.api().submit(json!({ "url": site.url("/") })).await;
    let mut watcher = second.watch();
    let seen = watcher.until_event("hello").await;
    assert_eq!(seen.first("hello")["state"], "queued");
    assert_eq!(second.status().await["state"], "queued");

    hold.open();
    let _ = watcher.until_over().await.check_ended("done");
    first.becomes("done").await;
}
