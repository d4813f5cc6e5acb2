//! The fate of a job whose watchers have left.

use e2e::{Mint, RawStream, Site, Watcher, Worker, eventually, within};
use serde_json::json;
use shared::ChannelId;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A worker with a short grace, and another channel's heartbeats as a clock.
async fn worker_and_clock(grace: &str) -> (Worker, Watcher) {
    let mint = Mint::of("k1", 7);
    let options = Worker::options()
        .set("TOKEN_KEYS", mint.spelled())
        .set("HEARTBEAT", "1s")
        .set("DISCONNECT_GRACE", grace);
    let worker = options.start().await;
    let clock = Watcher::options(&worker.api().url(&mint.events_path(ChannelId::mint()))).open();
    (worker, clock)
}

#[tokio::test]
async fn closing_the_only_tab_cancels_the_job_after_the_grace() {
    let (worker, _clock) = worker_and_clock("1s").await;
    let site = Site::tree(7).await;
    let _never = site.hold("/page/1");
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    let mut tab = job.watch();
    tab.until_events(2).await;

    tab.close().await;

    job.becomes("cancelled").await;
    let ended = job.watch().until_over().await.check_ended("cancelled");
    assert_eq!(ended["reason"], "unwatched");
}

#[tokio::test]
async fn a_job_that_may_continue_does() {
    let (worker, mut clock) = worker_and_clock("1s").await;
    let site = Site::tree(7).await;
    let hold = site.hold("/page/1");
    let job = worker
        .api()
        .submit(json!({ "url": site.url("/"), "onDisconnect": "continue" }))
        .await;
    let mut tab = job.watch();
    tab.until_events(2).await;

    tab.close().await;
    clock.heartbeats(4).await;

    assert_eq!(job.status().await["state"], "running");
    hold.open();
    job.becomes("done").await;
}

#[tokio::test]
async fn a_reload_never_cancels() {
    let (worker, mut clock) = worker_and_clock("3s").await;
    let site = Site::tree(7).await;
    let hold = site.hold("/page/1");
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    let mut seen = job.watch().until_events(2).await;

    for _ in 0..3 {
        // Each tab stays for less than the grace, all together for longer.
        let mut tab = job.watch_with().after(&seen.cursor()).open();
        tab.until_event("hello").await;
        clock.heartbeats(2).await;
        seen = seen.then(tab.close().await);
    }
    let mut last = job.watch_with().after(&seen.cursor()).open();
    clock.heartbeats(5).await;

    assert_eq!(job.status().await["state"], "running");
    hold.open();
    let _ = seen.then(last.until_over().await).check_ended("done");
}

#[tokio::test]
async fn one_of_two_tabs_keeps_the_job_going() {
    let (worker, mut clock) = worker_and_clock("1s").await;
    let site = Site::tree(7).await;
    let hold = site.hold("/page/1");
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    let (mut closing, mut staying) = (job.watch(), job.watch());
    closing.until_events(2).await;
    staying.until_events(2).await;

    closing.close().await;
    clock.heartbeats(4).await;

    assert_eq!(job.status().await["watchers"], 1);
    hold.open();
    let _ = staying.until_over().await.check_ended("done");
}

#[tokio::test]
async fn a_job_that_nobody_has_watched_yet_runs_on() {
    let (worker, mut clock) = worker_and_clock("1s").await;
    let site = Site::tree(7).await;
    let hold = site.hold("/page/1");
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;

    clock.heartbeats(4).await;

    hold.open();
    job.becomes("done").await;
}

#[tokio::test]
async fn a_tab_that_vanishes_leaves_nothing_behind() {
    let (worker, site) = (Worker::start().await, Site::tree(7).await);
    let _never = site.hold("/");
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    let mut tab = job.watch();
    tab.until_event("hello").await;
    worker.metric_becomes("crawlcast_watchers", 1.0).await;

    tab.close().await;

    worker.metric_becomes("crawlcast_watchers", 0.0).await;
    worker.metric_becomes("crawlcast_channels", 0.0).await;
    eventually("the status counts nobody", || async {
        (job.status().await["watchers"] == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_client_that_has_closed_its_side_sees_the_job_to_its_end() {
    let (worker, site) = (Worker::start().await, Site::tree(7).await);
    let hold = site.hold("/page/1");
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    let mut stream = RawStream::open(worker.port(), &job.events_path(), "HTTP/1.1").await;
    stream.until("event:started").await;

    stream.finish_asking().await;
    stream.until("\n:\n\r\n").await;
    hold.open();
    stream.to_end().await;

    let body = stream.chunked();
    assert!(body.ended, "{body:?}");
    assert!(body.data().contains("event:done\n"), "{body:?}");
}

#[tokio::test]
async fn a_client_that_closes_its_side_and_then_leaves_is_noticed() {
    let (worker, site) = (Worker::start().await, Site::tree(7).await);
    let _never = site.hold("/");
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    let mut stream = RawStream::open(worker.port(), &job.events_path(), "HTTP/1.1").await;
    stream.finish_asking().await;
    stream.until("\n:\n\r\n").await;
    worker.metric_becomes("crawlcast_watchers", 1.0).await;

    drop(stream);

    worker.metric_becomes("crawlcast_watchers", 0.0).await;
}

#[tokio::test]
async fn a_client_that_has_closed_its_side_gets_its_whole_answer() {
    let (worker, site) = (Worker::start().await, Site::tree(7).await);
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    job.becomes("done").await;
    let token = job.events_path().split_once('?').unwrap().1.to_owned();
    for (path, part) in [
        (
            format!("/v1/channels/{}?{token}", job.channel),
            "\"state\":\"done\"",
        ),
        (
            format!("/v1/channels/{}/results?{token}", job.channel),
            "\"type\":\"progress\"",
        ),
    ] {
        let mut answer = RawStream::open(worker.port(), &path, "HTTP/1.1").await;
        answer.finish_asking().await;
        answer.to_end().await;
        assert!(answer.head().starts_with("http/1.1 200"), "{path}");
        assert!(answer.body().contains(part), "{}", answer.body());
    }
}

#[tokio::test]
async fn a_client_that_has_closed_its_side_is_told_that_its_job_is_accepted() {
    let (worker, site) = (Worker::start().await, Site::tree(1).await);
    let body = json!({ "url": site.url("/") }).to_string();
    let mut socket = TcpStream::connect(("127.0.0.1", worker.port()))
        .await
        .unwrap();
    let head = format!(
        "POST /v1/crawls HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    socket.write_all((head + &body).as_bytes()).await.unwrap();
    socket.shutdown().await.unwrap();

    let mut answer = String::new();
    let read = within("the answer", socket.read_to_string(&mut answer)).await;

    assert!(read.is_ok());
    assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    assert!(answer.contains("\"eventsUrl\""), "{answer}");
}
