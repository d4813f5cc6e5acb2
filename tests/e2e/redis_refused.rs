//! A Redis that cannot keep what a worker promises, or workers that could not work together: the start says what would be right.

use e2e::{RedisServer, Worker, WorkerOptions};

/// `EX_USAGE` of sysexits.h.
const USAGE: i32 = 64;

/// A worker that has all it needs but a Redis that will do.
fn options(redis: &str) -> WorkerOptions {
    Worker::options()
        .set("LISTEN", "127.0.0.1:0")
        .set("REDIS_URL", redis)
        .set("TOKEN_KEYS", e2e::Mint::of("k1", 7).spelled())
        .set("PUBLIC_URL", "https://crawl.example.com")
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
    assert_eq!(refused.stdout, "");
}

#[tokio::test]
async fn workers_without_shared_keys_and_a_shared_url_do_not_start() {
    let refused = WorkerOptions::default()
        .set("REDIS_URL", "redis://127.0.0.1:1")
        .refused()
        .await;
    assert_eq!(refused.code, Some(USAGE), "{}", refused.stderr);
    for variable in ["CRAWLCAST_TOKEN_KEYS", "CRAWLCAST_PUBLIC_URL"] {
        assert!(refused.stderr.contains(variable), "{}", refused.stderr);
    }
}

#[tokio::test]
async fn a_role_needs_a_shared_journal() {
    for role in ["crawl", "stream"] {
        let refused = WorkerOptions::default().set("ROLE", role).refused().await;
        assert_eq!(refused.code, Some(USAGE), "{}", refused.stderr);
        assert!(refused.stderr.contains("--redis-url"), "{}", refused.stderr);
    }
}

#[tokio::test]
async fn a_redis_that_evicts_is_refused() {
    let durable = [("appendonly", "yes"), ("appendfsync", "always")];
    let evicts = [("maxmemory-policy", "allkeys-lru")];
    let redis = RedisServer::start_with(&[durable.as_slice(), &evicts].concat()).await;
    is_refused(options(&redis.url()), &["noeviction", "allkeys-lru"]).await;
}

#[tokio::test]
async fn a_redis_that_keeps_nothing_is_refused_unless_that_may_happen() {
    let redis = RedisServer::start_with(&[("appendonly", "no")]).await;
    let cure = ["appendonly yes", "CRAWLCAST_REDIS_VOLATILE=true"];
    is_refused(options(&redis.url()), &cure).await;

    let worker = options(&redis.url()).set("REDIS_VOLATILE", "true");
    let worker = worker.start().await;
    worker.metric_becomes("crawlcast_jobs_running", 0.0).await;
}

#[tokio::test]
async fn a_redis_that_is_not_there_is_named() {
    let port = e2e::free_port();
    let options = options(&format!("redis://127.0.0.1:{port}"));
    is_refused(options, &[&format!("127.0.0.1:{port}")]).await;
}
