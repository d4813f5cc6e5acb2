//! What a host asks of robots is obeyed, as the host itself sees it.

use e2e::{Page, Site, Worker};
use rstest::rstest;
use serde_json::{Value, json};

/// Crawls a site with this robots.txt; answers the paths that were asked for, in order, and the `skipped` events.
async fn asked(robots: &'static str, more: Value) -> (Vec<String>, Vec<Value>) {
    let site = Site::of(move |path| match path {
        "/robots.txt" => Page::of("text/plain", robots),
        "/" => Page::linking(
            "Home",
            ["/public", "/private/x", "/print?page=1"].map(String::from),
        ),
        "/public" | "/private/x" | "/print?page=1" => Page::linking("Page", []),
        _ => Page::missing(),
    })
    .await;
    let worker = Worker::start().await;
    let mut wanted = json!({ "url": site.url("/"), "sitemap": "skip" });
    for (name, value) in more.as_object().unwrap() {
        wanted[name] = value.clone();
    }
    let job = worker.api().submit(wanted).await;
    let seen = job.watch_with().hurried().open().until_end().await;
    let _ = seen.check_ended("done");
    let mut paths: Vec<String> = site
        .requests()
        .into_iter()
        .map(|visit| visit.path)
        .collect();
    paths.sort();
    (
        paths,
        seen.named("skipped").map(|frame| frame.json()).collect(),
    )
}

const ALL: &[&str] = &["/", "/print?page=1", "/private/x", "/public", "/robots.txt"];
const NONE: &[&str] = &["/robots.txt"];

#[rstest]
#[case::our_group_forbids_all("User-agent: crawlcast\nDisallow: /\n", NONE)]
#[case::our_group_with_a_version("User-agent: Crawlcast/9.9\nDisallow: /\n", NONE)]
#[case::everyones_forbids_all("User-agent: *\nDisallow: /\n", NONE)]
#[case::our_group_replaces_everyones(
    "User-agent: *\nDisallow: /\n\nUser-agent: crawlcast\nDisallow:\n",
    ALL
)]
#[case::another_robots_group("User-agent: crawlcastnews\nDisallow: /\n", ALL)]
#[case::a_directory("User-agent: *\nDisallow: /private/\n", &["/", "/print?page=1", "/public", "/robots.txt"])]
#[case::a_query("User-agent: *\nDisallow: /*?page=\n", &["/", "/private/x", "/public", "/robots.txt"])]
#[case::the_longer_rule("User-agent: *\nDisallow: /p\nAllow: /private/x$\n", &["/", "/private/x", "/robots.txt"])]
#[tokio::test]
async fn a_site_is_asked_for_what_its_robots_txt_allows(
    #[case] robots: &'static str,
    #[case] expected: &[&str],
) {
    let (paths, skipped) = asked(robots, json!({})).await;
    assert_eq!(paths, expected);
    assert!(skipped.iter().all(|event| event["reason"] == "robots"));
    assert_eq!(
        skipped.len(),
        if expected == NONE {
            1
        } else {
            ALL.len() - expected.len()
        }
    );
}
