//! Redis is away for a while: whoever watches or crawls waits for it.

use e2e::{Cluster, Site, Watcher};
use rstest::rstest;
use serde_json::json;

const PAGES: usize = 300;
/// Seconds of the outage, as heartbeats.
const OUTAGE: usize = 20;

#[derive(Debug, Clone, Copy)]
enum Outage {
    /// Its process is gone; connections are refused.
    Killed,
    /// Its process answers nothing.
    Frozen,
}

#[rstest]
#[case(Outage::Killed)]
#[case(Outage::Frozen)]
#[tokio::test]
async fn a_stream_outlives_an_outage_of_redis(#[case] outage: Outage) {
    // Leases that outlast it: the attempt itself is to go on.
    let cluster = Cluster::options(2).set("VISIBILITY", "60s");
    let (mut cluster, site) = (cluster.start().await, Site::tree(PAGES).await);
    let crawl = json!({ "url": site.url("/"), "delayMs": 20 });
    let job = cluster.api().submit(crawl).await;
    let mut watchers: Vec<Watcher> = cluster
        .workers
        .iter()
        .map(|worker| job.through(worker.api()).watch())
        .collect();
    for watcher in &mut watchers {
        watcher.until_events(20).await;
    }

    match outage {
        Outage::Killed => cluster.redis.kill().await,
        Outage::Frozen => cluster.redis.freeze(),
    }
    watchers[0].heartbeats(OUTAGE / 2).await;
    let (before, stopped) = (watchers[0].seen().position(), site.visits().len());
    for watcher in &mut watchers {
        watcher.heartbeats(OUTAGE / 2).await;
    }
    assert_eq!(
        watchers[0].seen().position(),
        before,
        "nothing can be shown"
    );
    assert_eq!(site.visits().len(), stopped, "nothing more is fetched");
    assert!(stopped < PAGES, "the crawl was not over");
    match outage {
        Outage::Killed => cluster.redis.restart().await,
        Outage::Frozen => cluster.redis.thaw(),
    }

    for watcher in &mut watchers {
        let seen = watcher.until_over().await;
        let done = seen.check_ended("done");
        assert_eq!(done["counts"]["fetched"], PAGES);
        assert_eq!(seen.links.len(), 1, "{}", seen.tell());
        assert!(!seen.has("resumed"), "its attempt went on: {}", seen.tell());
    }
    cluster.queue_becomes_empty(0).await;
}

#[tokio::test]
async fn a_worker_cut_off_from_redis_loses_its_job_and_keeps_its_watchers() {
    let (cluster, site) = (Cluster::of(2).await, Site::tree(31).await);
    let hold = site.hold("/page/9");
    let crawl = json!({ "url": site.url("/"), "maxConcurrency": 1 });
    let job = cluster.api().submit(crawl).await;
    let runner = cluster.runner().await;
    let heir = cluster.others(runner)[0];
    let mut cut_off = job.through(cluster.workers[runner].api()).watch();
    let mut elsewhere = job.through(cluster.workers[heir].api()).watch();
    cut_off
        .until("a page", |seen| seen.has_page("/page/8"))
        .await;

    cluster.wires[runner].lead_nowhere();
    cluster.wires[runner].cut_all();
    elsewhere.until_event("resumed").await;
    hold.open();
    let log = elsewhere.until_over().await;
    let _ = log.check_ended("done");
    cut_off.heartbeats(1).await;
    cluster.wires[runner].lead_to(cluster.redis.port());

    let seen = cut_off.until_over().await;
    assert!(seen.events().eq(log.events()), "{}", seen.tell());
    assert_eq!(seen.links.len(), 1, "{}", seen.tell());
}

#[tokio::test]
async fn a_worker_says_that_it_is_not_ready_while_redis_is_away() {
    let mut cluster = Cluster::of(1).await;
    let ready = |status: u16, api: e2e::Api| async move {
        e2e::eventually(&format!("the worker says {status}"), || async {
            (api.get("/readyz").await.status == status).then_some(())
        })
        .await;
    };
    ready(200, cluster.workers[0].api()).await;

    cluster.redis.kill().await;
    ready(503, cluster.workers[0].api()).await;
    cluster.redis.restart().await;
    ready(200, cluster.workers[0].api()).await;
}
