//! The URLs that a map answers with, and how long it may take.

use std::collections::BTreeSet;

use e2e::{Api, Page, Site, Worker};
use rstest::rstest;
use serde_json::{Value, json};

use super::limits::post;

/// A site whose start page links to `/a`, and whose sitemaps list `/b`.
async fn site() -> Site {
    Site::for_visits(|visit| {
        let url = |path: &str| format!("http://{}{path}", visit.header("host"));
        match visit.path.as_str() {
            "/" => Page::linking("Home", ["/a".to_owned()]),
            "/sitemap.xml" => {
                let loc = url("/more.xml");
                Page::of(
                    "application/xml",
                    format!("<sitemapindex><sitemap><loc>{loc}</loc></sitemap></sitemapindex>"),
                )
            }
            "/more.xml" => {
                let loc = url("/b");
                Page::of(
                    "application/xml",
                    format!("<urlset><url><loc>{loc}</loc></url></urlset>"),
                )
            }
            _ => Page::missing(),
        }
    })
    .await
}

#[rstest]
#[case::both(json!({}), &["/", "/a", "/b"])]
#[case::sitemaps(json!({ "sitemap": "only" }), &["/", "/b"])]
#[case::links(json!({ "sitemap": "skip" }), &["/", "/a"])]
#[tokio::test]
async fn a_map_has_the_urls_of_the_start_page_and_of_the_sitemaps(
    #[case] mut body: Value,
    #[case] expected: &[&str],
) {
    let worker = Worker::start().await;
    let (api, site) = (worker.api(), site().await);
    body["url"] = json!(site.url("/"));
    let map = post(&api, "/v2/map", None, &body).await.expect(200).json();
    let links = map["links"].as_array().unwrap().iter();
    let links: BTreeSet<&str> = links.map(|link| link["url"].as_str().unwrap()).collect();
    let expected: Vec<String> = expected.iter().map(|path| site.url(path)).collect();
    assert_eq!(links, expected.iter().map(String::as_str).collect());
    let fetched: Vec<String> = site.visits().into_iter().map(|visit| visit.path).collect();
    assert!(
        !fetched.iter().any(|path| path == "/a" || path == "/b"),
        "{fetched:?}"
    );
}

#[tokio::test]
async fn a_map_that_is_cut_short_has_what_was_found_and_says_so() {
    let worker = Worker::start().await;
    let (api, site) = (worker.api(), site().await);
    let _hold = site.hold("/more.xml");
    let body = json!({ "url": site.url("/"), "timeout": 3_000 });
    let map = post(&api, "/v2/map", None, &body).await.expect(200).json();
    assert_eq!(map["links"].as_array().unwrap().len(), 2, "{map}");
    let warning = map["warning"].as_str().unwrap();
    assert!(warning.contains("before all sitemaps were read"), "{map}");
}

#[tokio::test]
async fn a_map_that_nobody_waits_for_is_cancelled() {
    let worker = Worker::start().await;
    // Over HTTP/1.1 the end of a client's side says nothing: it may still read.
    let http2 = Api::client().http2_prior_knowledge().build().unwrap();
    let (api, site) = (worker.api().with_client(http2), site().await);
    let mut hold = site.hold("/more.xml");
    let body = json!({ "url": site.url("/"), "timeout": 300_000 });
    tokio::select! {
        answer = post(&api, "/v2/map", None, &body) => panic!("it waits: {}", answer.text()),
        () = hold.reached() => {}
    }
    // The client has left; the sitemap is still held.
    worker.metric_becomes("crawlcast_jobs_running", 0.0).await;
}

#[tokio::test]
async fn a_map_is_over_after_its_timeout_though_its_start_page_has_come() {
    let worker = Worker::start().await;
    let (api, site) = (worker.api(), site().await);
    let mut hold = site.hold("/more.xml");
    let body = json!({ "url": site.url("/"), "timeout": 1_000 });
    let (late, ()) = tokio::join!(post(&api, "/v2/map", None, &body), hold.reached());
    let late = late.expect(408);
    assert_eq!(late.json()["code"], "MAP_TIMEOUT", "{}", late.text());
}
