//! Ten thousand watchers connect and vanish.

use e2e::{Crowd, Site, Worker, eventually, heavy};
use serde_json::json;

const WATCHERS: usize = 10_000;

#[tokio::test]
async fn ten_thousand_watchers_leave_nothing_behind() {
    let _alone = heavy().await;
    let (worker, site) = (Worker::start().await, Site::tree(3).await);
    let hold = site.hold("/");
    let job = worker
        .api()
        .submit(json!({ "url": site.url("/"), "onDisconnect": "continue" }))
        .await;
    // Some come first, so that what is set up once, tables and the allocator's own, is not counted.
    drop(Crowd::gather(1_000, worker.port(), &job.events_path()).await);
    worker.metric_becomes("crawlcast_watchers", 0.0).await;
    let before = worker.rss();

    let crowd = Crowd::gather(WATCHERS, worker.port(), &job.events_path()).await;
    assert_eq!(crowd.len(), WATCHERS);
    worker.metric_becomes("crawlcast_watchers", 10_000.0).await;
    drop(crowd);

    worker.metric_becomes("crawlcast_watchers", 0.0).await;
    worker.metric_becomes("crawlcast_channels", 0.0).await;
    eventually("the status says so", || async {
        (job.status().await["watchers"] == 0).then_some(())
    })
    .await;
    eventually(
        &format!("memory is back within 10 % of {before}"),
        || async { (worker.rss().0 * 10 <= before.0 * 11).then_some(()) },
    )
    .await;
    hold.open();
    job.becomes("done").await;
}
