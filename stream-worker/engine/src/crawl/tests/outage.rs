//! Times in which the worker cannot ask anybody.

use std::time::Duration;

use rstest::rstest;
use shared::event::NoticeCode;
use tokio::time::Instant;

use super::*;
use crate::crawl::engine::outage::MAX_OUTAGE;
use crate::fetch::{FetchError, LocalFault};

const X: &str = "https://a.example/x";
const ROBOTS: &str = "https://a.example/robots.txt";
const SITEMAP: &str = "https://a.example/sitemap.xml";

fn cannot_ask() -> Script {
    Script::Fail(FetchError::Local(LocalFault::Descriptors))
}

/// Fails five times, more than any page is tried, and then answers.
fn at_last(answer: Script) -> Vec<Script> {
    let mut scripts = vec![cannot_ask(); 5];
    scripts.push(answer);
    scripts
}

#[rstest]
#[case::page(X, Script::linking(&[]))]
#[case::robots(ROBOTS, Script::status(404))]
#[case::sitemap(SITEMAP, Script::status(200).saying("<urlset><url><loc>https://a.example/y</loc></url></urlset>"))]
#[tokio::test(start_paused = true)]
async fn what_fails_for_a_local_reason_is_asked_again_until_it_is_answered(
    #[case] url: &str,
    #[case] answer: Script,
) {
    let site = Site::default()
        .page(HOME, &["/x", "/y"])
        .page(X, &[])
        .page("https://a.example/y", &[])
        .scripted(url, at_last(answer));
    let began = Instant::now();
    let recorder = complete(&site, json!({"retries": 1, "sitemap": "include"})).await;
    assert_eq!(site.times_asked(url), 6);
    for page in [HOME, X, "https://a.example/y"] {
        assert_eq!(recorder.outcome(page), "200", "{page}");
    }
    assert_eq!(recorder.notices(), [NoticeCode::WorkerFault], "once");
    assert!(
        began.elapsed() > Duration::from_secs(10),
        "with growing pauses"
    );
}

#[tokio::test(start_paused = true)]
async fn a_local_failure_leaves_a_page_all_of_its_tries() {
    let failing = Script::Fail(FetchError::Failed {
        code: shared::event::ErrorCode::Timeout,
        message: "nothing came".to_owned(),
        transient: true,
    });
    let scripts = [failing.clone(), cannot_ask(), failing, Script::linking(&[])];
    let site = Site::default().page(HOME, &["/x"]).scripted(X, scripts);
    let recorder = complete(&site, json!({"retries": 2})).await;
    assert_eq!(recorder.outcome(X), "200");
}

#[tokio::test(start_paused = true)]
async fn a_crawl_whose_machine_does_not_recover_is_interrupted_and_blames_no_site() {
    let site = Site::default()
        .page(HOME, &["/x"])
        .scripted(X, [cannot_ask()]);
    let began = Instant::now();
    let (recorder, crawled) = crawled(&site, json!({})).await;
    let fault = Interrupt::WorkerFault(LocalFault::Descriptors);
    assert_eq!(crawled.ended, Err(fault));
    assert!(began.elapsed() >= MAX_OUTAGE && began.elapsed() < 2 * MAX_OUTAGE);
    assert_eq!(recorder.outcome(X), "-");
    assert_eq!((crawled.counts.fetched, crawled.counts.queued), (1, 1));
    assert_eq!(recorder.notices(), [NoticeCode::WorkerFault]);
}

#[tokio::test(start_paused = true)]
async fn an_outage_with_answers_in_between_does_not_end_the_crawl() {
    let mut site = Site::default();
    let links: Vec<String> = (0..5).map(|n| format!("/{n}")).collect();
    let links: Vec<&str> = links.iter().map(String::as_str).collect();
    site = site.page(HOME, &links);
    for link in &links {
        let url = format!("https://a.example{link}");
        site = site.scripted(&url, at_last(Script::linking(&[])));
    }
    let began = Instant::now();
    let recorder = complete(&site, json!({"retries": 0})).await;
    assert!(began.elapsed() > MAX_OUTAGE);
    assert_eq!(recorder.counts().fetched, 6);
}
