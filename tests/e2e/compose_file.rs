//! The compose file for many workers: the same processes, with the settings that it gives them.

use e2e::{ComposeFile, Front, Mint, RedisServer, Site, Worker, free_port};
use serde_json::json;
use shared::numbers::DRAIN;

const PAGES: usize = 31;

/// SHA-256 of `secret`.
const KEY_HASH: &str = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

#[tokio::test]
async fn what_the_compose_file_starts_crawls_on_when_a_worker_is_killed() {
    let file = ComposeFile::read().await;
    let store = file.service("store");
    let redis = RedisServer::start_with(&store.settings()).await;
    let (keys, front) = (Mint::of("k1", 7), free_port());
    let api_keys = format!("me={KEY_HASH}");
    let public_url = format!("http://127.0.0.1:{front}");
    let variables = [
        ("CRAWLCAST_TOKEN_KEYS", keys.spelled()),
        ("CRAWLCAST_API_KEYS", &api_keys),
        ("CRAWLCAST_PUBLIC_URL", &public_url),
    ];
    let mut workers = Vec::new();
    for service in file.services("worker-") {
        let mut options = Worker::options();
        for (name, value) in service.environment(&variables) {
            // The addresses inside of the composition become this machine's.
            let value = value.replace("store:6379", &format!("127.0.0.1:{}", redis.port()));
            if name == "CRAWLCAST_LISTEN" {
                assert_eq!(value, "0.0.0.0:8080", "where the proxy leads");
            } else {
                options = options.variable(&name, &value);
            }
        }
        workers.push(options.start().await);
    }
    assert_eq!(workers.len(), 3);
    let ports = workers.iter().map(Worker::port).collect();
    let nginx = Front::composed(ports).on(front).start().await;
    let site = Site::tree(PAGES).await;
    let hold = site.hold("/page/9");
    let crawl = json!({ "url": site.url("/"), "maxConcurrency": 1 });
    let job = nginx.api().submit_as("secret", crawl).await;
    let mut watcher = job.watch();
    watcher
        .until("a page", |seen| seen.has_page("/page/8"))
        .await;
    for worker in &mut workers {
        if worker.metrics().await.get("crawlcast_jobs_running") == Some(1.0) {
            worker.kill().await;
            break;
        }
    }
    hold.open();
    let seen = watcher.until_over().await;
    assert_eq!(seen.check_ended("done")["counts"]["fetched"], PAGES);
    assert_eq!(seen.named("resumed").count(), 1, "{}", seen.tell());
}

#[tokio::test]
async fn a_stop_of_the_composition_leaves_time_for_the_drain() {
    let file = ComposeFile::read().await;
    for worker in file.services("worker-") {
        let grace = worker.text("stop_grace_period");
        let seconds = grace.strip_suffix('s').and_then(|grace| grace.parse().ok());
        let seconds: u64 = seconds.unwrap_or_else(|| panic!("{grace}"));
        assert!(seconds > DRAIN.as_secs(), "{grace}");
        assert_eq!(worker.text("restart"), "unless-stopped");
    }
}
