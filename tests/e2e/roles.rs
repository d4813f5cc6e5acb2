//! Workers that crawl and workers that serve watchers.

use e2e::{Cluster, Site, eventually};
use serde_json::json;

const CRAWL: usize = 0;
const STREAM: usize = 1;

async fn cluster() -> Cluster {
    Cluster::options(2)
        .set_for(CRAWL, "ROLE", "crawl")
        .set_for(STREAM, "ROLE", "stream")
        .start()
        .await
}

#[tokio::test]
async fn a_worker_that_only_crawls_tells_watchers_to_come_back() {
    let (cluster, site) = (cluster().await, Site::tree(7).await);
    let api = cluster.workers[STREAM].api();
    let job = api.submit(json!({ "url": site.url("/") })).await;

    let mut turned_away = job.through(cluster.workers[CRAWL].api()).watch();
    let seen = turned_away.until_event("bye").await;

    assert_eq!(seen.links[0].status, 200);
    assert_eq!(seen.first("bye")["reason"], "overload");
    // Behind a proxy it comes to the other sooner or later.
    let mut behind_nginx = job.through(cluster.api()).watch_with().hurried().open();
    let _ = behind_nginx.until_over().await.check_ended("done");
}

#[tokio::test]
async fn a_worker_that_only_streams_takes_no_job() {
    let (mut cluster, site) = (cluster().await, Site::tree(7).await);
    cluster.workers[CRAWL].kill().await;
    let api = cluster.workers[STREAM].api();
    let job = api.submit(json!({ "url": site.url("/") })).await;
    let mut watcher = job.watch();

    watcher.heartbeats(5).await;
    assert_eq!(site.requests().len(), 0, "nobody crawls");
    let ready = &cluster.workers[STREAM];
    ready.metric_becomes("crawlcast_queue_ready", 1.0).await;

    cluster.workers[CRAWL].restart().await;
    let _ = watcher.until_over().await.check_ended("done");
    let ran = cluster.workers[CRAWL].metrics().await;
    assert_eq!(ran.get("crawlcast_pages_total"), Some(7.0));
}

#[tokio::test]
async fn both_roles_are_ready() {
    let cluster = cluster().await;
    for worker in &cluster.workers {
        let api = worker.api();
        eventually("the worker is ready", || async {
            (api.get("/readyz").await.status == 200).then_some(())
        })
        .await;
    }
}
