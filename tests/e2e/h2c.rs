//! HTTP/2 without TLS, as a load balancer speaks it to the worker.

use e2e::{Api, Site, Worker};
use serde_json::json;

#[tokio::test]
async fn a_stream_over_http_2_is_the_same_stream() {
    let (worker, site) = (Worker::start().await, Site::tree(15).await);
    let client = Api::client().http2_prior_knowledge().build().unwrap();
    let api = worker.api().with_client(client);
    assert_eq!(
        api.http()
            .get(api.url("/healthz"))
            .send()
            .await
            .unwrap()
            .version(),
        http::Version::HTTP_2
    );
    let job = api.submit(json!({ "url": site.url("/") })).await;

    let seen = job.watch_with().hurried().open().until_end().await;

    let _ = seen.check_ended("done");
    assert_eq!(seen.links[0].headers["content-type"], "text/event-stream");
    assert_eq!(seen.links[0].headers["x-accel-buffering"], "no");
    assert!(!seen.links[0].headers.contains_key("content-length"));
}

#[tokio::test]
async fn many_streams_share_one_connection_and_are_told_apart() {
    let (worker, site) = (Worker::start().await, Site::tree(15).await);
    let api = worker
        .api()
        .with_client(Api::client().http2_prior_knowledge().build().unwrap());
    let hold = site.hold("/page/1");
    let job = api.submit(json!({ "url": site.url("/") })).await;
    let mut watchers: Vec<_> = (0..50).map(|_| job.watch()).collect();
    for watcher in &mut watchers {
        watcher.until_events(2).await;
    }

    let gone = watchers.pop().unwrap();
    gone.close().await;
    worker.metric_becomes("crawlcast_watchers", 49.0).await;
    hold.open();

    for mut watcher in watchers {
        let _ = watcher.until_over().await.check_ended("done");
    }
}

#[tokio::test]
async fn a_drain_says_goodbye_over_http_2_too() {
    let (mut worker, site) = (Worker::start().await, Site::tree(3).await);
    let _never = site.hold("/");
    let api = worker
        .api()
        .with_client(Api::client().http2_prior_knowledge().build().unwrap());
    let job = api.submit(json!({ "url": site.url("/") })).await;
    let mut watcher = job.watch();
    watcher.until_event("hello").await;

    worker.terminate();

    assert_eq!(
        watcher.until_event("bye").await.first("bye")["reason"],
        "drain"
    );
    assert_eq!(worker.exit().await.code(), Some(0));
}
