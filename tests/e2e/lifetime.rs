//! A connection lives for a bounded time; the stream does not notice.

use e2e::{Site, Worker};
use serde_json::json;

#[tokio::test]
async fn a_connection_ends_after_its_lifetime_and_the_next_goes_on() {
    let worker = Worker::options()
        .set("CONNECTION_LIFETIME", "2s")
        .set("HEARTBEAT", "1s")
        .start()
        .await;
    let site = Site::tree(31).await;
    let hold = site.hold("/page/9");
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    let mut watcher = job.watch();

    watcher
        .until("two ends of life", |seen| seen.named("bye").count() >= 2)
        .await;
    hold.open();

    let seen = watcher.until_over().await;
    let _ = seen.check_ended("done");
    assert!(
        seen.named("bye")
            .all(|bye| bye.json()["reason"] == "lifetime" && bye.retry.is_some())
    );
    assert!(seen.links.len() >= 3);
}
