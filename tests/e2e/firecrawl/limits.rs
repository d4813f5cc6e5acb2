//! Limits of the calls whose answer is the result, asked without a client.

use std::collections::BTreeSet;

use e2e::{Answer, Api, Page, Site, Worker, eventually};
use rstest::rstest;
use serde_json::{Value, json};

pub(super) async fn post(api: &Api, path: &str, key: Option<&str>, body: &Value) -> Answer {
    let request = api.request("POST", path).body(body.to_string());
    let request = match key {
        Some(key) => request.bearer_auth(key),
        None => request,
    };
    api.send(request.header("content-type", "application/json"))
        .await
}

#[rstest]
#[case::scrape("/v1/scrape")]
#[case::scrape_of_today("/v2/scrape")]
#[case::map("/v1/map")]
#[tokio::test]
async fn submissions_of_a_minute_are_counted_for_single_pages_and_maps_too(#[case] path: &str) {
    let worker = Worker::options()
        .set("API_KEYS", super::keys())
        .set("TENANT_LIMITS", "acme:submissions=2")
        .start()
        .await;
    let (api, site) = (worker.api(), Site::tree(2).await);
    let body = json!({ "url": site.url("/") });
    for _ in 0..2 {
        let answer = post(&api, path, Some(super::KEY), &body).await.expect(200);
        assert_eq!(answer.json()["success"], true);
    }
    let refused = post(&api, path, Some(super::KEY), &body).await.expect(429);
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    let refused = refused.json();
    assert_eq!(refused["success"], false);
    let error = refused["error"].as_str().unwrap();
    assert!(error.contains("2 times a minute"), "{error}");
    assert_eq!(
        site.visits()
            .iter()
            .filter(|visit| visit.path == "/")
            .count(),
        2
    );
}

#[rstest]
#[case::scrape("/v1/scrape", "SCRAPE_TIMEOUT")]
#[case::map("/v2/map", "MAP_TIMEOUT")]
#[tokio::test]
async fn what_does_not_come_in_time_is_answered_and_its_job_is_cancelled(
    #[case] path: &str,
    #[case] code: &str,
) {
    let worker = Worker::options().set("MAX_JOBS", "1").start().await;
    let (api, before, site) = (worker.api(), Site::tree(1).await, Site::tree(1).await);
    let mut hold = before.hold("/");
    let first = api
        .submit(json!({ "url": before.url("/"), "onDisconnect": "continue" }))
        .await;
    hold.reached().await;

    // It waits for a worker that has no place.
    let body = json!({ "url": site.url("/"), "timeout": 1_000 });
    let late = post(&api, path, None, &body).await.expect(408);
    assert_eq!(late.json()["code"], code, "{}", late.text());
    hold.open();
    let _ = first.watch().until_over().await.check_ended("done");

    worker.metric_becomes("crawlcast_queue_ready", 0.0).await;
    worker.metric_becomes("crawlcast_queue_hidden", 0.0).await;
    assert!(site.visits().is_empty(), "nobody waits for it");
}

/// Answers the number of documents on each page of a job's status, along `next`. None may come twice.
async fn pages_of(api: &Api, first: String) -> Vec<usize> {
    let (mut pages, mut next) = (Vec::new(), Some(first));
    let mut urls = Vec::new();
    while let Some(path) = next {
        let status = api.get(&path).await.expect(200).json();
        let documents = status["data"].as_array().unwrap();
        pages.push(documents.len());
        let url = |document: &Value| {
            document["metadata"]["sourceURL"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        urls.extend(documents.iter().map(url));
        next = status["next"].as_str().map(|url| {
            let at = url.find("/v2/").unwrap();
            url[at..].to_owned()
        });
    }
    let different: BTreeSet<&String> = urls.iter().collect();
    assert_eq!(different.len(), urls.len());
    pages
}

#[tokio::test]
async fn the_first_page_of_documents_is_short_unless_its_length_is_asked_for() {
    let worker = Worker::start().await;
    let text = |path: &str| format!("<h1>{path}</h1><p>{}", "word ".repeat(20_000));
    let (api, site) = (
        worker.api(),
        Site::of(move |path| Page::html(text(path))).await,
    );
    let urls: Vec<String> = (0..9)
        .map(|number| site.url(&format!("/{number}")))
        .collect();
    let body = json!({ "urls": urls, "formats": ["markdown"] });
    let batch = post(&api, "/v2/batch/scrape", None, &body)
        .await
        .expect(200)
        .json();
    let id = batch["id"].as_str().unwrap();
    let path = format!("/v2/batch/scrape/{id}");
    let ended = || async {
        let status = api.get(&path).await.expect(200).json();
        (status["status"] == "completed").then_some(())
    };
    eventually("the batch has ended", ended).await;

    assert_eq!(pages_of(&api, path.clone()).await, [3, 6]);
    assert_eq!(pages_of(&api, format!("{path}?skip=1")).await, [8]);
    assert_eq!(pages_of(&api, format!("{path}?limit=100")).await, [9]);
    assert_eq!(pages_of(&api, format!("{path}?limit=1")).await, [1; 9]);
}
