//! A worker that is full says so in the way an EventSource understands.

use e2e::{Site, Worker, within};
use serde_json::json;
use tokio::net::TcpStream;

#[tokio::test]
async fn a_watcher_too_many_is_told_to_come_back() {
    let worker = Worker::options().set("MAX_CONNECTIONS", "2").start().await;
    let site = Site::tree(3).await;
    let hold = site.hold("/");
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    let (mut first, mut second) = (job.watch(), job.watch());
    first.until_event("hello").await;
    second.until_event("hello").await;

    let mut third = job.watch_with().hurried().open();
    let seen = third.until_event("bye").await;

    assert_eq!(
        seen.links[0].status, 200,
        "an error status would end an EventSource for good"
    );
    assert_eq!(seen.first("bye")["reason"], "overload");
    assert!(
        seen.named("bye")
            .next()
            .unwrap()
            .retry
            .is_some_and(|retry| retry >= 1000)
    );

    // As soon as there is room it is let in.
    second.close().await;
    third.until_event("hello").await;
    hold.open();
    let _ = third.until_over().await.check_ended("done");
    let _ = first.until_over().await.check_ended("done");
    assert!(
        worker
            .metrics()
            .await
            .labelled("crawlcast_stream_closes_total", "reason=\"Overload\"")
            >= 1.0
    );
}

#[tokio::test]
async fn a_worker_out_of_descriptors_says_so_now_and_then_and_recovers() {
    let worker = Worker::options().set("HEARTBEAT", "1s").start().await;
    let site = Site::tree(3).await;
    let hold = site.hold("/");
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    let mut clock = job.watch();
    clock.heartbeats(1).await;
    let before = worker.descriptors();
    worker.limit_descriptors(before);

    let waiting = TcpStream::connect(("127.0.0.1", worker.port()))
        .await
        .unwrap();
    worker.logs("could not accept a connection").await;
    clock.heartbeats(3).await;

    // It is refused twenty times a second.
    let lines = worker
        .log()
        .matches("could not accept a connection")
        .count();
    assert!(lines <= 2, "{}", worker.log());
    worker.limit_descriptors(before + 100);
    let _ = within("it answers again", worker.api().get("/healthz"))
        .await
        .expect(200);
    drop(waiting);
    hold.open();
    let _ = clock.until_over().await.check_ended("done");
}
