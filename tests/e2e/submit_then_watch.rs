//! The main road: submit, watch, done.

use std::collections::BTreeSet;

use e2e::{Page, Site, Worker};
use serde_json::json;

const PAGES: usize = 31;

#[tokio::test]
async fn a_submitted_crawl_is_watched_to_its_end() {
    let (worker, site) = (Worker::start().await, Site::tree(PAGES).await);
    let job = worker
        .api()
        .submit(json!({ "url": site.url("/"), "metadata": { "order": 66 } }))
        .await;

    let seen = job.watch().until_over().await;

    let done = seen.check_ended("done");
    assert_eq!(done["reason"], "complete");
    assert_eq!(done["counts"]["fetched"], PAGES);
    let pages: BTreeSet<String> = seen.pages().into_iter().collect();
    assert_eq!(pages, Site::tree_paths(PAGES).into_iter().collect());
    let started = seen.first("started");
    assert_eq!(started["metadata"]["order"], 66);
    assert_eq!(started["request"]["urls"], json!([site.url("/")]));
    assert_eq!(started["attempt"], 1);
    let status = job.status().await;
    assert_eq!(
        (&status["state"], &status["counts"]),
        (&json!("done"), &done["counts"])
    );
    assert_eq!(status["metadata"]["order"], 66);
}

#[tokio::test]
async fn the_answer_names_everything_that_a_caller_needs() {
    let (worker, site) = (Worker::start().await, Site::tree(1).await);

    let answer = worker
        .api()
        .try_submit(&json!({ "url": site.url("/") }))
        .await
        .expect(202);

    let accepted = answer.json();
    let channel = accepted["channelId"].as_str().unwrap();
    let base = format!("{}/v1/channels/{channel}", worker.base());
    assert!(
        accepted["eventsUrl"]
            .as_str()
            .unwrap()
            .starts_with(&format!("{base}/events?token="))
    );
    assert!(
        accepted["statusUrl"]
            .as_str()
            .unwrap()
            .starts_with(&format!("{base}?token="))
    );
    assert!(accepted["expiresAt"].as_str().unwrap().ends_with('Z'));
    assert_eq!(answer.header("location"), accepted["statusUrl"]);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
}

#[tokio::test]
async fn a_stream_has_the_headers_that_keep_it_live() {
    let (worker, site) = (Worker::start().await, Site::tree(3).await);
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;

    let seen = job
        .watch_with()
        .header("accept-encoding", "gzip, br")
        .open()
        .until_over()
        .await;

    let headers = &seen.links[0].headers;
    assert_eq!(headers["content-type"], "text/event-stream");
    assert_eq!(headers["cache-control"], "no-cache, no-transform");
    assert_eq!(headers["x-accel-buffering"], "no");
    assert_eq!(headers["access-control-allow-origin"], "*");
    for absent in ["content-length", "content-encoding", "set-cookie"] {
        assert!(!headers.contains_key(absent), "{absent} is in {headers:?}");
    }
}

#[tokio::test]
async fn a_submission_sent_twice_with_one_key_is_crawled_once() {
    let (worker, site) = (Worker::start().await, Site::tree(3).await);
    let api = worker.api();
    let body = json!({ "url": site.url("/") }).to_string();
    let submit = || {
        api.send(
            api.request("POST", "/v1/crawls")
                .header("idempotency-key", "order-66")
                .body(body.clone()),
        )
    };

    let first = submit().await.expect(202).json();
    let second = submit().await.expect(202).json();

    assert_eq!(first["channelId"], second["channelId"]);
    let path = second["eventsUrl"]
        .as_str()
        .unwrap()
        .replace(&worker.base(), "");
    let seen = e2e::Watcher::options(&api.url(&path))
        .open()
        .until_over()
        .await;
    let _ = seen.check_ended("done");
    // The second message is behind the first in the queue: once a later job is done, it has been dealt with.
    api.submit(json!({ "url": site.url("/page/2"), "maxDiscoveryDepth": 0 }))
        .await
        .becomes("done")
        .await;
    let visits = site
        .visits()
        .iter()
        .filter(|visit| visit.path == "/page/1")
        .count();
    assert_eq!(
        visits, 1,
        "the page that only the first job reaches is asked for once"
    );
}

#[tokio::test]
async fn each_page_is_told_of_with_what_came_of_it() {
    let worker = Worker::start().await;
    let site = Site::of(|path| match path {
        "/" => Page::linking("Home", ["/moved", "/gone", "/umlaut"].map(str::to_owned)),
        "/moved" => Page::redirect("/target"),
        "/target" => Page::linking("Target", []),
        "/umlaut" => Page::of(
            "text/html; charset=iso-8859-1",
            &b"<title>Gr\xfc\xdfe &amp; Gl\xfcck</title>"[..],
        ),
        _ => Page::missing(),
    })
    .await;

    let seen = worker
        .api()
        .submit(json!({ "url": site.url("/") }))
        .await
        .watch()
        .until_over()
        .await;

    let _ = seen.check_ended("done");
    let page = |path: &str| {
        let told = seen
            .named("progress")
            .map(e2e::SseFrame::json)
            .find(|data| data["url"] == site.url(path));
        told.unwrap_or_else(|| panic!("{path} is told of: {}", seen.tell()))
    };
    let home = page("/");
    assert_eq!(
        (&home["depth"], &home["referrer"]),
        (&json!(0), &json!(null))
    );
    assert_eq!(home["result"]["outcome"], "fetched");
    assert_eq!(
        (&home["result"]["status"], &home["result"]["title"]),
        (&json!(200), &json!("Home"))
    );
    assert_eq!(home["result"]["links"], 3);
    assert_eq!(page("/umlaut")["result"]["title"], "Grüße & Glück");
    assert_eq!(
        (&page("/umlaut")["depth"], &page("/umlaut")["referrer"]),
        (&json!(1), &json!(site.url("/")))
    );
    assert_eq!(
        page("/moved")["result"]["redirectedTo"],
        site.url("/target")
    );
    let gone = page("/gone");
    assert_eq!(gone["result"]["outcome"], "failed");
    assert_eq!(
        (
            &gone["result"]["error"]["code"],
            &gone["result"]["error"]["status"]
        ),
        (&json!("status"), &json!(404))
    );
}

#[tokio::test]
async fn watchers_of_one_job_see_the_same_log() {
    let (worker, site) = (Worker::start().await, Site::tree(PAGES).await);
    let mut root = site.hold("/");
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    let mut watchers: Vec<_> = (0..20).map(|_| job.watch()).collect();
    root.reached().await;
    for watcher in &mut watchers {
        watcher.until_event("hello").await;
    }

    root.open();

    let mut logs = Vec::new();
    for watcher in &mut watchers {
        let seen = watcher.until_over().await;
        let _ = seen.check_ended("done");
        logs.push(seen.events().cloned().collect::<Vec<_>>());
    }
    assert!(logs.windows(2).all(|pair| pair[0] == pair[1]));
}
