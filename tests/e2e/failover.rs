//! The primary is lost with what its replica lacked.

use e2e::{Cluster, Hold, Job, Mint, RedisServer, Site, Standby, Worker, eventually};
use rstest::rstest;
use serde_json::json;

const PAGES: usize = 31;

/// A job whose crawl is held at a page that the replica knows of, and will be held at a later one.
struct Crawl {
    cluster: Cluster,
    standby: Standby,
    _site: Site,
    job: Job,
    known: Hold,
    later: Hold,
}

impl Crawl {
    async fn begin() -> Self {
        let (cluster, site) = (Cluster::of(2).await, Site::tree(PAGES).await);
        let standby = Standby::of(&cluster.redis).await;
        let (mut known, later) = (site.hold("/page/3"), site.hold("/page/9"));
        let crawl =
            json!({ "url": site.url("/"), "maxConcurrency": 1, "onDisconnect": "continue" });
        let job = cluster.api().submit(crawl).await;
        known.reached().await;
        standby.catches_up(&cluster.redis).await;
        Self {
            cluster,
            standby,
            _site: site,
            job,
            known,
            later,
        }
    }
}

/// One watcher is connected all the time, another only comes back afterwards.
#[rstest]
#[case::connected(true)]
#[case::away(false)]
#[tokio::test]
async fn a_promoted_replica_resets_those_beyond_its_tail(#[case] connected: bool) {
    let Crawl {
        mut cluster,
        standby,
        _site,
        job,
        known,
        later,
    } = Crawl::begin().await;
    let mut watcher = job.watch();
    watcher
        .until("a page", |seen| seen.has_page("/page/2"))
        .await;
    let kept = watcher.seen().position();

    standby.falls_behind();
    known.open();
    let before = watcher
        .until("a page", |seen| seen.has_page("/page/8"))
        .await;
    let mut watcher = if connected {
        watcher
    } else {
        watcher.close().await;
        job.watch_with().after(&before.cursor()).hurried().open()
    };
    cluster.fail_over(standby).await;
    let seen = watcher.until_event("reset").await;
    later.open();

    let from = seen.first("reset")["from"].as_u64().unwrap();
    assert!(from <= kept + 1, "{from} is beyond what was kept, {kept}");
    let log = job.watch().until_over().await;
    let done = log.check_ended("done");
    assert_eq!(done["counts"]["fetched"], PAGES);
    let seen = watcher.until_over().await;
    let seen = if connected { seen } else { before.then(seen) };
    seen.check_frames();
    assert!(seen.kept().into_iter().eq(log.events()), "{}", seen.tell());
    cluster.queue_becomes_empty(0).await;
}

/// Sentinel promotes the replica; nobody tells the worker but Sentinel, which it asks.
#[tokio::test]
async fn a_worker_follows_sentinel_to_the_replica_that_it_promotes() {
    let mut redis = RedisServer::start().await;
    let standby = Standby::of(&redis).await;
    let sentinel = redis.start_sentinel().await;
    eventually("the sentinel knows the replica", || async {
        let about = sentinel.command("INFO sentinel").await;
        about.contains("slaves=1").then_some(())
    })
    .await;
    let url = format!("redis+sentinel://127.0.0.1:{}/main", sentinel.port());
    let worker = Worker::options()
        .set("REDIS_URL", url)
        .set("TOKEN_KEYS", Mint::of("k1", 7).spelled())
        .set("PUBLIC_URL", "http://127.0.0.1:1");
    let worker = worker.start().await;
    let site = Site::tree(PAGES).await;
    let mut hold = site.hold("/page/9");
    let job = json!({ "url": site.url("/"), "maxConcurrency": 1, "onDisconnect": "continue" });
    let job = worker.api().submit(job).await;
    let mut watcher = job.watch();
    hold.reached().await;
    standby.catches_up(&redis).await;
    redis.kill().await;
    hold.open();

    let seen = watcher.until_over().await;
    seen.check_frames();
    let done = seen.check_ended("done");
    assert_eq!(done["counts"]["fetched"], PAGES);
}
