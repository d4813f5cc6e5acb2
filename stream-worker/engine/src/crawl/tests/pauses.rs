use std::time::Duration;

use rstest::rstest;
use shared::event::{ErrorCode, NoticeCode};
use tokio::time::Instant;

use super::*;
use crate::fetch::FetchError;

const X: &str = "https://a.example/x";

/// A site of ten pages, and the pauses between the requests for them.
fn ten_pages() -> Site {
    let links: Vec<String> = (1..10).map(|n| format!("/{n}")).collect();
    let links: Vec<&str> = links.iter().map(String::as_str).collect();
    let mut site = Site::default().page(HOME, &links);
    for link in links {
        site = site.page(&format!("https://a.example{link}"), &[]);
    }
    site
}

fn pauses(site: &Site) -> Vec<Duration> {
    let times = site.times();
    times.windows(2).map(|pair| pair[1].1 - pair[0].1).collect()
}

#[tokio::test(start_paused = true)]
async fn a_site_without_wishes_is_crawled_without_pauses() {
    let began = Instant::now();
    complete(&ten_pages(), json!({})).await;
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[rstest]
#[case::ours(json!({"delayMs": 250}), "", 250, &[])]
#[case::the_sites(json!({"delayMs": 250}), "User-agent: *\nCrawl-delay: 2.5", 2500, &[NoticeCode::CrawlDelay])]
#[case::ours_is_slower(json!({"delayMs": 5000}), "User-agent: *\nCrawl-delay: 1", 5000, &[NoticeCode::CrawlDelay])]
#[case::beyond_reason(json!({}), "User-agent: *\nCrawl-delay: 3600", 30_000, &[NoticeCode::CrawlDelay])]
#[tokio::test(start_paused = true)]
async fn a_delay_is_kept_between_any_two_requests(
    #[case] more: Value,
    #[case] robots: &str,
    #[case] expected: u64,
    #[case] notices: &[NoticeCode],
) {
    let site = ten_pages().scripted(
        "https://a.example/robots.txt",
        [Script::status(200).saying(robots)],
    );
    let recorder = complete(&site, more).await;
    assert_eq!(recorder.notices(), notices);
    for pause in pauses(&site) {
        // Tokio's timer counts in milliseconds.
        assert!(pause.abs_diff(Duration::from_millis(expected)) <= Duration::from_millis(1));
    }
}

#[tokio::test(start_paused = true)]
async fn hosts_do_not_wait_for_each_other() {
    let urls = [
        "https://a.example/",
        "https://b.example/",
        "https://c.example/",
    ];
    let mut site = Site::default();
    for url in urls {
        site = site.page(url, &["/x"]).page(&format!("{url}x"), &[]);
    }
    let began = Instant::now();
    complete(&site, json!({"urls": urls, "delayMs": 1000})).await;
    assert!(began.elapsed() < Duration::from_millis(1100));
}

#[tokio::test(start_paused = true)]
async fn concurrency_is_bounded_per_host_and_in_all() {
    let urls: Vec<String> = (0..2).map(|n| format!("https://h{n}.example/")).collect();
    let mut site = Site::default();
    for url in &urls {
        let slow = || Script::linking(&["/1", "/2", "/3", "/4"]).after(Duration::from_millis(100));
        site = site.scripted(url, [slow()]);
        for n in 1..5 {
            site = site.scripted(&format!("{url}{n}"), [slow()]);
        }
    }
    let more = json!({"urls": urls, "maxConcurrency": 5, "maxConcurrencyPerHost": 3});
    complete(&site, more).await;
    assert_eq!(site.most_in_flight(), (3, 5));
}

#[tokio::test(start_paused = true)]
async fn a_slow_server_is_given_time() {
    let slow = Script::linking(&["/x"]).after(Duration::from_secs(4));
    let site = Site::default().scripted(HOME, [slow]).page(X, &[]);
    complete(&site, json!({})).await;
    assert!(pauses(&site)[0] >= Duration::from_secs(6));
}

fn lost(transient: bool) -> Script {
    Script::Fail(FetchError::Failed {
        code: ErrorCode::Timeout,
        message: "nothing came".to_owned(),
        transient,
    })
}

#[rstest]
#[case::passing_error(&[lost(true), lost(true), Script::linking(&[])], "200", 3)]
#[case::lasting_error(&[lost(false)], "timeout", 1)]
#[case::too_often(&[lost(true)], "timeout", 3)]
#[case::server_error(&[Script::status(500), Script::linking(&[])], "200", 2)]
#[case::server_error_that_lasts(&[Script::status(502)], "status", 3)]
#[case::overload(&[Script::status(503), Script::status(429), Script::linking(&[])], "200", 3)]
#[case::missing(&[Script::status(404)], "status", 1)]
#[case::not_implemented(&[Script::status(501)], "status", 1)]
#[tokio::test(start_paused = true)]
async fn what_may_pass_is_tried_again_after_a_pause(
    #[case] scripts: &[Script],
    #[case] expected: &str,
    #[case] tries: usize,
) {
    let site = Site::default().page(HOME, &["/x"]).scripted(X, scripts);
    let recorder = complete(&site, json!({"retries": 2})).await;
    assert_eq!(recorder.outcome(X), expected);
    assert_eq!(site.times_asked(X), tries);
    let pauses = pauses(&site);
    assert!(
        pauses[1..]
            .iter()
            .all(|pause| *pause >= Duration::from_millis(375))
    );
}

#[tokio::test(start_paused = true)]
async fn a_host_that_asks_to_be_left_alone_is_left_alone_and_told_of_once() {
    let refusal = || Script::status(429).with("retry-after", "60");
    let site = ten_pages().scripted(
        "https://a.example/1",
        [refusal(), refusal(), Script::linking(&[])],
    );
    let recorder = complete(&site, json!({})).await;
    assert_eq!(recorder.outcome("https://a.example/1"), "200");
    assert_eq!(recorder.notices(), [NoticeCode::BackOff]);
    let mut pauses = pauses(&site);
    pauses.sort();
    pauses.reverse();
    assert!(pauses[1] >= Duration::from_secs(60) && pauses[2] < Duration::from_secs(1));
}
