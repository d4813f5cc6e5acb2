//! Endpoints for operators: metrics, liveness and readiness.

use e2e::{Site, Worker, eventually};
use serde_json::json;

const METRICS: [&str; 19] = [
    "crawlcast_jobs_running",
    "crawlcast_jobs_waiting",
    "crawlcast_attempts",
    "crawlcast_pages",
    "crawlcast_page_bytes",
    "crawlcast_commits",
    "crawlcast_commit_seconds",
    "crawlcast_queue_ready",
    "crawlcast_queue_hidden",
    "crawlcast_queue_dead",
    "crawlcast_queue_oldest_seconds",
    "crawlcast_channels",
    "crawlcast_watchers",
    "crawlcast_stream_frames",
    "crawlcast_stream_bytes",
    "crawlcast_stream_lag_frames",
    "crawlcast_stream_closes",
    "crawlcast_sockets",
    "crawlcast_submissions",
];

#[tokio::test]
async fn metrics_count_what_happened() {
    let (worker, site) = (Worker::start().await, Site::tree(15).await);
    let seen = worker
        .api()
        .submit(json!({ "url": site.url("/") }))
        .await
        .watch()
        .until_over()
        .await;
    let _ = seen.check_ended("done");
    worker.metric_becomes("crawlcast_jobs_running", 0.0).await;
    worker.metric_becomes("crawlcast_watchers", 0.0).await;

    let metrics = worker.metrics().await;

    for name in METRICS {
        assert!(
            metrics.describes(name),
            "{name} is missing in\n{}",
            metrics.text()
        );
    }
    assert_eq!(metrics.get("crawlcast_submissions_total"), Some(1.0));
    assert_eq!(metrics.get("crawlcast_pages_total"), Some(15.0));
    assert!(
        metrics
            .get("crawlcast_commits_total")
            .is_some_and(|commits| commits >= 2.0)
    );
    assert!(
        metrics
            .get("crawlcast_stream_frames_total")
            .is_some_and(|frames| frames >= 17.0)
    );
    assert!(
        (metrics.labelled("crawlcast_stream_closes_total", "reason=\"Ended\"") - 1.0).abs()
            < f64::EPSILON
    );
}

#[tokio::test]
async fn a_worker_that_works_is_alive_and_ready() {
    let worker = Worker::start().await;
    assert_eq!(worker.api().get("/healthz").await.status, 200);
    let ready = eventually("the queue has been measured", || async {
        let ready = worker.api().get("/readyz").await.expect(200).json();
        (ready["jobs"] == true).then_some(ready)
    })
    .await;
    let right = json!({
        "ready": true, "draining": false, "streams": true, "jobs": true, "journal": null, "durability": "disk",
        "queue": null, "bodies": null,
    });
    assert_eq!(ready, right);
}

#[tokio::test]
async fn asking_whether_the_worker_is_ready_writes_nothing() {
    let worker = Worker::start().await;
    let commits = async || worker.metrics().await.get("crawlcast_commits_total");
    let before = commits().await.unwrap();
    for _ in 0..50 {
        let _ready = worker.api().get("/readyz").await.expect(200);
    }
    // The worker itself writes a probe now and then.
    let more = commits().await.unwrap() - before;
    assert!(more < 10.0, "{more} commits for 50 questions");
}

#[tokio::test]
async fn the_description_names_every_path_and_schema() {
    let worker = Worker::start().await;
    let description = worker.api().get("/openapi.json").await.expect(200).json();
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1"));
    let paths = [
        ("/v1/crawls", "post"),
        ("/v1/channels/{id}/events", "get"),
        ("/v1/channels/{id}", "get"),
        ("/v1/channels/{id}/results", "get"),
        ("/v1/channels/{id}/pause", "post"),
        ("/v1/channels/{id}/resume", "post"),
        ("/v1/channels/{id}/cancel", "post"),
        ("/healthz", "get"),
        ("/readyz", "get"),
        ("/metrics", "get"),
        ("/openapi.json", "get"),
    ];
    for (path, method) in paths {
        assert!(
            description["paths"][path][method].is_object(),
            "{method} {path}"
        );
    }
    for schema in ["CrawlRequest", "Event", "Aside", "Problem", "Counts"] {
        assert!(
            description["components"]["schemas"][schema].is_object(),
            "{schema}"
        );
    }
    // Every reference leads somewhere.
    let text = description.to_string();
    for reference in text
        .split("\"#/components/schemas/")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
    {
        assert!(
            description["components"]["schemas"][reference].is_object(),
            "{reference} is referred to"
        );
    }
}
