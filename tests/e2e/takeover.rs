//! A job and its worker: one of several that share a Redis dies or freezes, and another goes on.

use e2e::{Cluster, Site, lasting};
use serde_json::json;

const PAGES: usize = 31;

#[tokio::test]
async fn a_job_goes_on_elsewhere_when_its_worker_is_killed() {
    let (mut cluster, site) = (Cluster::of(2).await, Site::tree(PAGES).await);
    let hold = site.hold("/page/9");
    let crawl = json!({ "url": site.url("/"), "maxConcurrency": 1 });
    let job = cluster.api().submit(crawl).await;
    let runner = cluster.runner().await;
    let other = cluster.others(runner)[0];
    let mut there = job.watch_with().hurried().open();
    let mut elsewhere = job.through(cluster.workers[other].api()).watch();
    for watcher in [&mut there, &mut elsewhere] {
        watcher.until("a page", |seen| seen.has_page("/")).await;
    }

    cluster.workers[runner].kill().await;
    hold.open();

    let seen = elsewhere.until_over().await;
    let done = seen.check_ended("done");
    assert_eq!(done["counts"]["fetched"], PAGES);
    assert_eq!(seen.named("resumed").count(), 1, "{}", seen.tell());
    assert_eq!(seen.links.len(), 1, "its own worker never went away");
    let back = there.until_over().await;
    assert!(back.events().eq(seen.events()), "{}", back.tell());
    cluster.queue_becomes_empty(other).await;
    assert_eq!(cluster.keys_for_ever().await, [""; 0]);
}

#[tokio::test]
async fn a_zombie_shows_writes_and_deletes_nothing_and_its_watchers_go_on_from_the_log() {
    let (cluster, site) = (Cluster::of(2).await, Site::tree(PAGES).await);
    let (first, second) = (site.hold("/page/9"), site.hold("/page/20"));
    let crawl = json!({ "url": site.url("/"), "maxConcurrency": 1 });
    let job = cluster.api().submit(crawl).await;
    let zombie = cluster.runner().await;
    let heir = cluster.others(zombie)[0];
    let mut at_zombie = job.through(cluster.workers[zombie].api()).watch();
    let mut at_heir = job.through(cluster.workers[heir].api()).watch();
    at_zombie
        .until("a page", |seen| seen.has_page("/page/8"))
        .await;

    cluster.workers[zombie].freeze();
    at_heir.until_event("resumed").await;
    lasting(2 * Cluster::LEASE).await;
    cluster.workers[zombie].thaw();

    // Its fetch of the held page ends, and so does its attempt; what it was about stays the heir's.
    at_zombie.until_event("resumed").await;
    first.open();
    at_heir
        .until("a page", |seen| seen.has_page("/page/19"))
        .await;
    let running = "crawlcast_jobs_running";
    cluster.workers[zombie].metric_becomes(running, 0.0).await;
    cluster.workers[heir].metric_becomes(running, 1.0).await;
    let queue = "crawlcast_queue_hidden";
    cluster.workers[heir].metric_becomes(queue, 1.0).await;
    second.open();

    let seen = at_heir.until_over().await;
    let done = seen.check_ended("done");
    assert_eq!(done["counts"]["fetched"], PAGES);
    let attempts: Vec<_> = seen.events().map(e2e::SseFrame::attempt).collect();
    assert_eq!(
        attempts.chunk_by(|one, next| one == next).count(),
        2,
        "two attempts, one after the other: {}",
        seen.tell()
    );
    let log = at_zombie.until_over().await;
    assert!(log.events().eq(seen.events()), "{}", log.tell());
    assert_eq!(log.links.len(), 1, "its connection stayed: {}", log.tell());
    cluster.queue_becomes_empty(heir).await;
}
