//! A cache in front of the worker, told nothing about it: no answer with a job's data is served a second time.

use e2e::{Api, Front, Site, Worker, varnish_that_caches};
use serde_json::json;

/// Asks for the results while the job runs, and again when it has ended.
async fn results_are_never_old(worker: &Worker, cache: &Api) {
    let site = Site::tree(3).await;
    let hold = site.hold("/page/2");
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    job.watch()
        .until("the first two pages", |seen| seen.has_page("/page/1"))
        .await;
    let path = format!(
        "/v1/channels/{}/results?format=ndjson&token={}",
        job.channel, job.token
    );

    let running = cache.get(&path).await.expect(200);
    hold.open();
    job.becomes("done").await;
    let whole = cache.get(&path).await.expect(200);

    assert_eq!(running.text().lines().count(), 2);
    assert_eq!(whole.text().lines().count(), 3, "all pages");
}

#[tokio::test]
async fn varnish_does_not_serve_results_again() {
    let worker = Worker::start().await;
    let varnish = varnish_that_caches(worker.port()).await;
    results_are_never_old(&worker, &varnish.api()).await;
}

#[tokio::test]
async fn nginx_does_not_serve_results_again() {
    let worker = Worker::start().await;
    let nginx = Front::plain(worker.port())
        .caches_everything()
        .start()
        .await;
    results_are_never_old(&worker, &nginx.api()).await;
}
