//! Commands that one worker is given for a job that another runs, or for a watcher that another serves.

use std::time::{Duration, Instant};

use e2e::{Cluster, Job, Seen, Site, Watcher};
use serde_json::json;

/// Time within which a cancel stops requests.
const OBEYED: Duration = Duration::from_secs(1);

fn connection_of(seen: &Seen) -> String {
    let hello = seen.first("hello");
    hello["connectionId"].as_str().unwrap().to_owned()
}

/// The job through each worker, and a watcher at each.
fn at_each(cluster: &Cluster, job: &Job) -> (Vec<Job>, Vec<Watcher>) {
    let workers = cluster.workers.iter();
    let jobs: Vec<Job> = workers.map(|worker| job.through(worker.api())).collect();
    let watchers = jobs.iter().map(Job::watch).collect();
    (jobs, watchers)
}

#[tokio::test]
async fn a_pause_and_a_resume_reach_the_watchers_of_every_worker() {
    let (cluster, site) = (Cluster::of(3).await, Site::tree(15).await);
    let hold = site.hold("/page/1");
    let crawl = json!({ "url": site.url("/"), "maxConcurrency": 1 });
    let job = cluster.api().submit(crawl).await;
    let (jobs, mut watchers) = at_each(&cluster, &job);
    for watcher in &mut watchers {
        watcher.until("a page", |seen| seen.has_page("/")).await;
    }
    let before = watchers[0].seen().position();

    jobs[0].pause().await;
    for (watcher, job) in watchers.iter_mut().zip(&jobs) {
        job.becomes_paused(true).await;
        watcher.heartbeats(2).await;
    }
    hold.open();
    jobs[1].becomes("done").await;
    for watcher in &mut watchers {
        watcher.heartbeats(2).await;
        assert_eq!(watcher.seen().position(), before);
    }

    jobs[2].resume().await;
    for watcher in &mut watchers {
        let _ = watcher.until_over().await.check_ended("done");
    }
}

#[tokio::test]
async fn one_connection_is_paused_and_resumed_through_any_worker() {
    let (cluster, site) = (Cluster::of(3).await, Site::tree(15).await);
    let hold = site.hold("/page/1");
    let crawl = json!({ "url": site.url("/"), "maxConcurrency": 1 });
    let job = cluster.api().submit(crawl).await;
    let (jobs, mut watchers) = at_each(&cluster, &job);
    let before = watchers[0].until("a page", |seen| seen.has_page("/")).await;
    let connection = connection_of(&before);

    jobs[1].gate("pause", &connection).await;
    hold.open();
    let all = watchers[1].until_over().await;
    let _ = all.check_ended("done");
    watchers[0].heartbeats(2).await;
    assert_eq!(watchers[0].seen().position(), before.position());

    jobs[2].gate("resume", &connection).await;
    let seen = watchers[0].until_over().await;
    assert!(seen.events().eq(all.events()), "{}", seen.tell());
    assert_eq!(seen.links.len(), 1);
}

#[tokio::test]
async fn a_connection_that_no_worker_has_cannot_be_paused() {
    let (cluster, site) = (Cluster::of(2).await, Site::tree(1).await);
    let job = cluster.api().submit(json!({ "url": site.url("/") })).await;
    let stranger = json!({ "connectionId": uuid::Uuid::new_v4().to_string() });
    let _ = job.command("pause", &stranger).await.problem(404);
}

#[tokio::test]
async fn a_cancel_through_another_worker_stops_the_crawl() {
    let (cluster, site) = (Cluster::of(3).await, Site::tree(2_000).await);
    let crawl = json!({ "url": site.url("/"), "delayMs": 20 });
    let job = cluster.api().submit(crawl).await;
    let runner = cluster.runner().await;
    let (jobs, mut watchers) = at_each(&cluster, &job);
    watchers[runner].until_events(20).await;

    let _ = jobs[cluster.others(runner)[0]].cancel().await.expect(202);
    let cancelled = Instant::now();

    for watcher in &mut watchers {
        let ended = watcher.until_over().await.check_ended("cancelled");
        assert_eq!(ended["reason"], "requested", "{ended}");
    }
    // Beyond the bound, so that what comes too late is seen.
    e2e::lasting(2 * OBEYED).await;
    let visits = site.visits().into_iter();
    let late: Vec<_> = visits
        .filter(|visit| visit.at > cancelled + OBEYED)
        .map(|visit| visit.path)
        .collect();
    assert!(late.is_empty(), "asked for long after the cancel: {late:?}");
}

#[tokio::test]
async fn a_watcher_on_another_worker_keeps_the_job_going_until_it_leaves() {
    let cluster = Cluster::options(3).set("DISCONNECT_GRACE", "2s");
    let (cluster, site) = (cluster.start().await, Site::tree(7).await);
    let _never = site.hold("/page/1");
    let job = cluster.api().submit(json!({ "url": site.url("/") })).await;
    let runner = cluster.runner().await;
    let others = cluster.others(runner);
    let mut here = job.through(cluster.workers[runner].api()).watch();
    let mut there = job.through(cluster.workers[others[0]].api()).watch();
    let third = job.through(cluster.workers[others[1]].api());
    here.until_events(2).await;
    there.until_events(2).await;

    here.close().await;
    there.heartbeats(5).await;
    let status = third.status().await;
    assert_eq!(
        (&status["state"], &status["watchers"]),
        (&json!("running"), &json!(1))
    );

    there.close().await;
    third.becomes("cancelled").await;
    let ended = third.watch().until_over().await.check_ended("cancelled");
    assert_eq!(ended["reason"], "unwatched");
}
