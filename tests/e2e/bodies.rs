//! Pages with their formats, kept in an object store beside the Redis that workers share.

use std::path::Path;

use e2e::{
    Cluster, ClusterOptions, Page, RedisServer, S3, Site, Watcher, Worker, WorkerOptions,
    eventually,
};
use serde_json::{Value, json};

const PAGES: usize = 40;

/// Large pages, each of which links to the next ones.
async fn large_pages() -> Site {
    Site::of(|path| {
        let Some(number) = number_of(path) else {
            return Page::missing();
        };
        let links = [2 * number + 1, 2 * number + 2]
            .into_iter()
            .filter(|next| *next < PAGES);
        let links: String = links
            .map(|next| format!("<a href=/{next}>next</a>"))
            .collect();
        // Words that repeat nothing, so that they pack to no less than half.
        let text: String = (0..6_000)
            .map(|word| format!("{:x} ", (word * 7919 + number * 104_729) % 1_000_003))
            .collect();
        Page::html(format!("<title>Page {number}</title>{links}<p>{text}</p>"))
    })
    .await
}

fn number_of(path: &str) -> Option<usize> {
    match path {
        "/" => Some(0),
        other => other[1..].parse().ok(),
    }
}

fn crawl(site: &Site) -> Value {
    json!({ "url": site.url("/"), "formats": ["html", "text"], "maxConcurrency": 4 })
}

/// Workers whose bodies are in a bucket.
fn with_bucket(workers: usize, s3: &S3) -> ClusterOptions {
    let bodies = format!("s3://{}/crawls", S3::BUCKET);
    let options = Cluster::options(workers).set("BODIES", &bodies);
    s3.variables()
        .iter()
        .fold(options, |options, (name, value)| {
            options.variable(name, value)
        })
}

/// The worker says why objects cannot be written or read, or that they can.
async fn says(worker: &Worker, reason: Option<&str>) {
    eventually(&format!("readiness names {reason:?}"), || async {
        // It stays ready: jobs without large pages go on.
        let ready = worker.api().get("/readyz").await.expect(200).json();
        match (reason, ready["bodies"].as_str()) {
            (None, None) => Some(()),
            (Some(reason), Some(said)) => said.contains(reason).then_some(()),
            (Some(_), None) | (None, Some(_)) => None,
        }
    })
    .await;
    let usable = if reason.is_none() { 1.0 } else { 0.0 };
    let is_usable = "crawlcast_bodies_usable";
    worker.metric_becomes(is_usable, usable).await;
}

/// One line for the beginning of an outage and one for its end, however many calls failed.
fn check_told_once(worker: &Worker) {
    let log = worker.log();
    for words in [
        "the object store fails",
        "the object store can be used again",
    ] {
        assert_eq!(log.matches(words).count(), 1, "{words}:\n{log}");
    }
}

fn files_in(directory: &Path) -> usize {
    e2e::files_below(directory).len()
}

/// Every page of the site is in the results, whole.
async fn check_results(job: &e2e::Job) {
    let results = job.results("ndjson").await.expect(200);
    let lines: Vec<Value> = results
        .text()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), PAGES);
    for line in lines {
        let html = line["result"]["html"].as_str().unwrap();
        assert!(
            html.len() > 30_000 && html.ends_with("</p>"),
            "{} bytes",
            html.len()
        );
    }
}

#[tokio::test]
async fn pages_are_kept_in_a_bucket_and_shown_by_every_worker() {
    let (s3, site) = (S3::start().await, large_pages().await);
    let cluster = with_bucket(2, &s3).start().await;
    let job = cluster.api().submit(crawl(&site)).await;
    let live: Vec<Watcher> = cluster
        .workers
        .iter()
        .map(|worker| job.through(worker.api()).watch())
        .collect();
    let mut logs = Vec::new();
    for mut watcher in live {
        let seen = watcher.until_over().await;
        assert_eq!(seen.check_ended("done")["counts"]["fetched"], PAGES);
        logs.push(seen);
    }
    for worker in &cluster.workers {
        let late = job.through(worker.api());
        let replayed = late.watch().until_over().await;
        for log in &logs {
            assert!(replayed.events().eq(log.events()), "{}", replayed.tell());
        }
        check_results(&late).await;
    }
    let keys = s3.keys().await;
    assert!(!keys.is_empty() && keys.len() <= PAGES, "{keys:?}");
    let channel = &job.channel;
    assert!(
        keys.iter()
            .all(|key| key.starts_with("crawls/2") && key.contains(&format!("/{channel}/"))),
        "nothing but this job's is left: {keys:?}"
    );
}

#[tokio::test]
async fn while_the_object_store_is_away_its_jobs_wait_and_others_go_on() {
    let (s3, site) = (S3::start().await, large_pages().await);
    let cluster = with_bucket(1, &s3).set("VISIBILITY", "60s").start().await;
    let job = cluster.api().submit(crawl(&site)).await;
    let mut watcher = job.watch();
    watcher
        .until("some pages", |seen| seen.named("progress").count() >= 3)
        .await;

    s3.wire.lead_nowhere();
    s3.wire.cut_all();
    cluster.workers[0]
        .logs("the journal's store failed; the job waits")
        .await;
    says(&cluster.workers[0], Some("cannot be written")).await;
    let worker = &cluster.workers[0];
    worker.metric_becomes("crawlcast_jobs_waiting", 1.0).await;
    let shown = watcher.seen().position();
    let bare = cluster
        .api()
        .submit(json!({ "url": site.url("/"), "onDisconnect": "continue" }))
        .await;
    let seen = bare.watch().until_over().await;
    assert_eq!(seen.check_ended("done")["counts"]["fetched"], PAGES);
    watcher.heartbeats(2).await;
    assert_eq!(watcher.seen().position(), shown, "nothing can be shown");
    s3.wire.lead_to(s3.port());

    let seen = watcher.until_over().await;
    assert_eq!(seen.check_ended("done")["counts"]["fetched"], PAGES);
    assert!(!seen.has("resumed"), "its attempt went on: {}", seen.tell());
    check_results(&job).await;
    says(worker, None).await;
    check_told_once(worker);
    worker.metric_becomes("crawlcast_jobs_waiting", 0.0).await;
    let calls = worker.metrics().await;
    for call in ["Write", "Read"] {
        let done = format!(r#"call="{call}",outcome="Done""#);
        assert!(calls.labelled("crawlcast_bodies_calls_total", &done) > 1.0);
    }
    let failed = r#"call="Write",outcome="Failed""#;
    assert!(calls.labelled("crawlcast_bodies_calls_total", failed) >= 1.0);
}

#[tokio::test]
async fn a_job_waits_for_a_bucket_that_somebody_has_deleted() {
    let (s3, site) = (S3::start().await, large_pages().await);
    let cluster = with_bucket(1, &s3).set("VISIBILITY", "60s").start().await;
    s3.drop_bucket().await;
    let job = cluster.api().submit(crawl(&site)).await;
    let mut watcher = job.watch();
    says(&cluster.workers[0], Some("NoSuchBucket")).await;
    watcher.heartbeats(2).await;
    s3.make_bucket().await;

    let seen = watcher.until_over().await;
    assert_eq!(seen.check_ended("done")["counts"]["fetched"], PAGES);
    check_results(&job).await;
    says(&cluster.workers[0], None).await;
    check_told_once(&cluster.workers[0]);
}

#[tokio::test]
async fn jobs_and_readers_wait_while_the_disk_of_the_objects_is_not_mounted() {
    let (site, parent) = (large_pages().await, tempfile::tempdir().unwrap());
    let (here, away) = (parent.path().join("bodies"), parent.path().join("away"));
    std::fs::create_dir(&here).unwrap();
    let bodies = format!("file://{}", here.display());
    let options = Cluster::options(2).set("VISIBILITY", "60s");
    let cluster = options.set("BODIES", &bodies).start().await;
    let hold = site.hold("/20");
    let job = cluster.api().submit(crawl(&site)).await;
    let runner = cluster.runner().await;
    let reader = cluster.others(runner)[0];
    let mut watcher = job.through(cluster.workers[runner].api()).watch();
    watcher.until("a page", |seen| seen.has_page("/19")).await;

    // `umount` leaves the empty directory that the disk was mounted on.
    std::fs::rename(&here, &away).unwrap();
    std::fs::create_dir(&here).unwrap();
    hold.open();
    let mut late = job.through(cluster.workers[reader].api()).watch();
    says(&cluster.workers[runner], Some("is its disk mounted?")).await;
    says(&cluster.workers[reader], Some("is its disk mounted?")).await;
    late.heartbeats(2).await;
    assert_eq!(files_in(&here), 0, "nothing goes beside the disk");
    std::fs::remove_dir(&here).unwrap();
    std::fs::rename(&away, &here).unwrap();

    let log = watcher.until_over().await;
    assert_eq!(log.check_ended("done")["counts"]["fetched"], PAGES);
    let seen = late.until_over().await;
    assert!(seen.events().eq(log.events()), "{}", seen.tell());
    check_results(&job).await;
    says(&cluster.workers[runner], None).await;
    check_told_once(&cluster.workers[runner]);
}

#[tokio::test]
async fn a_worker_killed_between_an_object_and_its_commit_leaves_nothing_that_hurts() {
    let (site, directory) = (large_pages().await, tempfile::tempdir().unwrap());
    let bodies = format!("file://{}", directory.path().display());
    let mut cluster = Cluster::options(2).set("BODIES", &bodies).start().await;
    let hold = site.hold("/20");
    let job = cluster.api().submit(crawl(&site)).await;
    let runner = cluster.runner().await;
    let heir = cluster.others(runner)[0];
    let mut watcher = job.through(cluster.workers[heir].api()).watch();
    watcher.until("a page", |seen| seen.has_page("/19")).await;

    let before = files_in(directory.path());
    cluster.wires[runner].lead_nowhere();
    cluster.wires[runner].cut_all();
    hold.open();
    eventually("an object is there, and no commit", || async {
        (files_in(directory.path()) > before).then_some(())
    })
    .await;
    cluster.workers[runner].kill().await;

    let seen = watcher.until_over().await;
    assert_eq!(seen.check_ended("done")["counts"]["fetched"], PAGES);
    assert_eq!(seen.named("resumed").count(), 1, "{}", seen.tell());
    check_results(&job.through(cluster.workers[heir].api())).await;
}

#[tokio::test]
async fn without_an_object_store_a_job_that_has_used_its_room_is_told_on_without_formats() {
    let site = large_pages().await;
    let cluster = Cluster::options(1)
        .set("REDIS_JOB_BYTES", "256KiB")
        .start()
        .await;
    let job = cluster.api().submit(crawl(&site)).await;

    let seen = job.watch().until_over().await;

    assert_eq!(seen.check_ended("done")["counts"]["fetched"], PAGES);
    let notices: Vec<Value> = seen.named("notice").map(e2e::SseFrame::json).collect();
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert_eq!(notices[0]["code"], "formatsCut");
    let results = job.results("ndjson").await.expect(200);
    let pages = results.text();
    let pages: Vec<Value> = pages
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let (cut, whole): (Vec<_>, Vec<_>) = pages
        .iter()
        .partition(|page| page["result"]["truncated"] == true);
    assert!(
        whole.len() > 2 && cut.len() > 2,
        "{} whole, {} cut",
        whole.len(),
        cut.len()
    );
    assert!(whole.iter().all(|page| page["result"]["html"].is_string()));
    assert!(
        cut.iter()
            .all(|page| page["result"]["html"].is_null() && page["result"]["title"].is_string())
    );
}

/// A worker that has all it needs but an object store that will do.
fn options(redis: &RedisServer, bodies: &str) -> WorkerOptions {
    Worker::options()
        .set("LISTEN", "127.0.0.1:0")
        .set("REDIS_URL", redis.url())
        .set("TOKEN_KEYS", e2e::Mint::of("k1", 7).spelled())
        .set("PUBLIC_URL", "https://crawl.example.com")
        .set("BODIES", bodies)
}

async fn is_refused(options: WorkerOptions, words: &[&str]) {
    let data = tempfile::tempdir().unwrap();
    let refused = options
        .set("DATA_DIR", data.path().display().to_string())
        .refused()
        .await;
    assert!(refused.code.is_some_and(|code| code != 0), "{refused:?}");
    for words in words {
        assert!(refused.stderr.contains(words), "{words}: {refused:?}");
    }
}

#[tokio::test]
async fn an_object_store_that_cannot_be_used_is_refused_with_the_remedy() {
    let (redis, s3) = (RedisServer::start().await, S3::start().await);
    let bucket = |name: &str, variables: &[(String, String)]| {
        let options = options(&redis, &format!("s3://{name}/crawls"));
        let variables = variables.iter();
        variables.fold(options, |options, (name, value)| {
            options.variable(name, value)
        })
    };
    let there = s3.variables();
    is_refused(
        bucket("elsewhere", &there),
        &["s3://elsewhere/crawls", "there is no bucket elsewhere"],
    )
    .await;
    let mut away = there.clone();
    away[0].1 = format!("http://127.0.0.1:{}", e2e::free_port());
    is_refused(bucket(S3::BUCKET, &away), &["AWS_ENDPOINT_URL_S3"]).await;
    is_refused(
        options(&redis, "file:///nowhere/bodies"),
        &["/nowhere/bodies must exist"],
    )
    .await;
    is_refused(
        options(&redis, "http://127.0.0.1/"),
        &["CRAWLCAST_BODIES", "s3://bucket/prefix"],
    )
    .await;
}

#[tokio::test]
async fn an_object_store_needs_a_shared_journal() {
    let refused = WorkerOptions::default()
        .set("BODIES", "s3://bodies")
        .refused()
        .await;
    assert!(
        refused.stderr.contains("CRAWLCAST_BODIES") && refused.stderr.contains("--redis-url"),
        "{}",
        refused.stderr
    );
}
