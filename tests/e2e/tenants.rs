//! Tenants: each API key has a name, limits of its own, and a share of the worker.

use e2e::{Answer, Api, Site, Worker, WorkerOptions, eventually};
use serde_json::json;
use sha2::{Digest, Sha256};

/// A worker whose keys are `<tenant>-key` for each of `tenants`.
fn options(tenants: &[&str]) -> WorkerOptions {
    let keys: Vec<String> = tenants
        .iter()
        .map(|tenant| format!("{tenant}={}", hash_of(&key(tenant))))
        .collect();
    Worker::options().set("API_KEYS", keys.join(","))
}

fn hash_of(key: &str) -> String {
    let bytes = Sha256::digest(key).into_iter();
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

fn key(tenant: &str) -> String {
    format!("{tenant}-key")
}

async fn submit(api: &Api, tenant: &str, site: &Site, limit: u64) -> Answer {
    let request = json!({
        "url": site.url("/"), "limit": limit, "sitemap": "skip", "onDisconnect": "continue",
    });
    let submission = api.request("POST", "/v1/crawls").bearer_auth(key(tenant));
    api.send(submission.body(request.to_string())).await
}

async fn get(api: &Api, tenant: &str, path: &str) -> Answer {
    api.send(api.request("GET", path).bearer_auth(key(tenant)))
        .await
}

/// Waits until `tenant` has `ended` jobs in state `done`.
async fn done(api: &Api, tenant: &str, ended: usize) {
    eventually("the jobs are done", async || {
        let list = get(api, tenant, "/v1/channels?state=done")
            .await
            .expect(200)
            .json();
        (list["channels"].as_array().unwrap().len() == ended).then_some(())
    })
    .await;
}

#[tokio::test]
async fn submissions_beyond_the_minutes_limit_are_refused_with_the_limit_by_name() {
    let limits = "acme:submissions=2";
    let worker = options(&["acme", "other"])
        .set("TENANT_LIMITS", limits)
        .start()
        .await;
    let (api, site) = (worker.api(), Site::tree(1).await);
    let first = submit(&api, "acme", &site, 1).await.expect(202);
    assert_eq!(first.header("ratelimit-policy"), "\"submissions\";q=2;w=60");
    assert_eq!(first.header("ratelimit"), "\"submissions\";r=1;t=30");
    let _second = submit(&api, "acme", &site, 1).await.expect(202);
    let refused = submit(&api, "acme", &site, 1).await.expect(429);
    let problem = refused.json();
    assert_eq!(problem["type"], "urn:crawlcast:problem:too-many-requests");
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("2 times a minute"),
        "{problem}"
    );
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert!(
        refused
            .header("ratelimit")
            .starts_with("\"submissions\";r=0;")
    );
    let unlimited = submit(&api, "other", &site, 1).await.expect(202);
    assert_eq!(unlimited.header("ratelimit"), "");
}

#[tokio::test]
async fn pages_of_a_day_are_counted_over_a_kill_and_end_at_the_limit() {
    let limits = "acme:pages=5";
    let mut worker = options(&["acme"])
        .set("TENANT_LIMITS", limits)
        .start()
        .await;
    let site = Site::tree(20).await;
    let _accepted = submit(&worker.api(), "acme", &site, 5).await.expect(202);
    done(&worker.api(), "acme", 1).await;
    worker.kill().await;
    worker.restart().await;
    let usage = get(&worker.api(), "acme", "/v1/usage")
        .await
        .expect(200)
        .json();
    assert_eq!(usage["tenant"], "acme");
    assert_eq!(usage["today"]["pages"], 5, "{usage}");
    assert_eq!(usage["today"]["jobs"], 1);
    assert_eq!(usage["limits"]["pagesPerDay"], 5);
    assert_eq!(usage["limits"]["jobs"], json!(null));
    let refused = submit(&worker.api(), "acme", &site, 5).await.expect(429);
    assert!(
        refused
            .header("ratelimit-policy")
            .starts_with("\"pages\";q=5;w=86400")
    );
    assert!(
        refused.json()["detail"]
            .as_str()
            .unwrap()
            .contains("5 pages a day")
    );
    assert!(refused.header("retry-after").parse::<u64>().unwrap() <= 86_400);
}

#[tokio::test]
async fn a_tenant_with_many_waiting_jobs_does_not_hold_up_anothers_first() {
    let worker = options(&["acme", "other"])
        .set("MAX_JOBS", "2")
        .start()
        .await;
    let api = worker.api();
    let (crowded, small) = (Site::tree(1).await, Site::tree(1).await);
    let mut hold = crowded.hold("/");
    for _ in 0..6 {
        let _accepted = submit(&api, "acme", &crowded, 1).await.expect(202);
    }
    hold.reached().await;
    let _accepted = submit(&api, "other", &small, 1).await.expect(202);
    // It is done although every job of the other tenant still waits for its page.
    done(&api, "other", 1).await;
    let usage = get(&api, "acme", "/v1/usage").await.expect(200).json();
    assert_eq!(usage["now"]["running"], 1, "{usage}");
    hold.open();
    done(&api, "acme", 6).await;
}

#[tokio::test]
async fn jobs_are_listed_newest_first_for_the_key_that_submitted_them() {
    let worker = options(&["acme", "other"]).start().await;
    let (api, site) = (worker.api(), Site::tree(1).await);
    let mut channels = Vec::new();
    for count in 1..=3 {
        let accepted = submit(&api, "acme", &site, 1).await.expect(202).json();
        channels.insert(0, accepted["channelId"].as_str().unwrap().to_owned());
        done(&api, "acme", count).await;
    }
    let page = |path: String| {
        let api = api.clone();
        async move {
            let list = get(&api, "acme", &path).await.expect(200).json();
            let listed = list["channels"].as_array().unwrap().iter();
            let listed = listed.map(|job| job["channelId"].as_str().unwrap().to_owned());
            (
                listed.collect::<Vec<_>>(),
                list["next"].as_str().map(str::to_owned),
            )
        }
    };
    let (first, next) = page("/v1/channels?limit=2".to_owned()).await;
    assert_eq!(first, channels[..2]);
    let (rest, end) = page(format!("/v1/channels?limit=2&after={}", next.unwrap())).await;
    assert_eq!((rest, end), (channels[2..].to_vec(), None));
    let others = get(&api, "other", "/v1/channels").await.expect(200);
    assert_eq!(others.json()["channels"], json!([]));
    assert_eq!(others.header("cache-control"), "no-store");
    for path in ["/v1/channels", "/v1/usage"] {
        let _refused = api.get(path).await.expect(401);
    }
    for query in ["limit=0", "limit=101", "state=lost", "after=x"] {
        let _refused = get(&api, "acme", &format!("/v1/channels?{query}"))
            .await
            .expect(400);
    }
}

#[tokio::test]
async fn a_watcher_beyond_its_tenants_limit_is_told_to_come_back() {
    let limits = "acme:watchers=1";
    let worker = options(&["acme"])
        .set("TENANT_LIMITS", limits)
        .start()
        .await;
    let (api, site) = (worker.api(), Site::tree(3).await);
    let hold = site.hold("/");
    let job = api
        .submit_as(&key("acme"), json!({ "url": site.url("/") }))
        .await;
    let mut first = job.watch();
    first.until_event("hello").await;
    let mut second = job.watch_with().hurried().open();
    let seen = second.until_event("bye").await;
    assert_eq!(
        seen.links[0].status, 200,
        "an error status would end an EventSource for good"
    );
    assert_eq!(seen.first("bye")["reason"], "overload");
    first.close().await;
    second.until_event("hello").await;
    hold.open();
    let _ = second.until_over().await.check_ended("done");
}

#[tokio::test]
async fn limits_that_cannot_be_read_are_named() {
    let refused = Worker::options()
        .set("TENANT_LIMITS", "acme:page=5")
        .refused()
        .await;
    assert!(
        refused.stderr.contains("--tenant-limits"),
        "{}",
        refused.stderr
    );
    assert!(
        refused.stderr.contains("`page` is no limit"),
        "{}",
        refused.stderr
    );
}
