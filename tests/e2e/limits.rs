//! A worker that is full says so in the way an EventSource understands.

use e2e::{Site, Worker};
use serde_json::json;

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
