//! Sites without end: a crawl of one ends all the same, in bounded memory, and says why.

use std::fmt::Write;

use e2e::{Page, Site, Worker, heavy};
use serde_json::json;

const LINKS: usize = 1_000_000;
/// Memory that a page of thirty megabytes may cost, in KiB: its links that are kept, its frame, buffers on the way.
const ROOM: u64 = 48 * 1024;

fn page_of_links() -> String {
    let mut html = String::with_capacity(40 * LINKS);
    html.push_str("<title>Links</title>");
    for link in 0..LINKS {
        let _infallible = write!(html, "<a href=/leaf/{link:x}>{link}</a>");
    }
    html
}

#[tokio::test]
async fn a_page_with_a_million_links_costs_no_more_than_ten_thousand() {
    let _alone = heavy().await;
    let home = page_of_links();
    let site = Site::of(move |path| match path {
        "/" => Page::html(home.clone()),
        _ => Page::linking(path, []),
    })
    .await;
    let worker = Worker::start().await;
    let before = worker.rss();

    let wanted =
        json!({ "url": site.url("/"), "limit": 50, "maxBodyBytes": 100 << 20, "sitemap": "skip" });
    let job = worker.api().submit(wanted).await;
    let seen = job.watch_with().hurried().open().until_end().await;

    let done = seen.check_ended("done");
    assert_eq!(
        (&done["reason"], &done["counts"]["fetched"]),
        (&json!("limit"), &json!(50))
    );
    assert_eq!(done["counts"]["discovered"], 10_001);
    assert_eq!(seen.first("progress")["result"]["links"], LINKS);
    let notice = seen.first("notice");
    assert_eq!(notice["code"], "linksCut", "{notice}");
    let peak = worker.peak_rss();
    assert!(peak.0 < before.0 + ROOM, "{before} became {peak}");
}

/// Every month has a page, and each leads to the next two years and to the month before.
fn month(path: &str) -> Option<Page> {
    let (year, month) = path.strip_prefix("/calendar/")?.split_once('/')?;
    let number = year.parse::<i64>().ok()? * 12 + month.parse::<i64>().ok()? - 1;
    let around = (-1..24)
        .filter(|offset| *offset != 0)
        .map(|offset| number + offset);
    let links = around.map(|month| format!("/calendar/{}/{:02}", month / 12, month % 12 + 1));
    Some(Page::linking(path, links))
}

#[tokio::test]
async fn a_calendar_without_end_ends_by_its_budget() {
    let site = Site::of(|path| match path {
        "/" => Page::linking(
            "Home",
            ["/calendar/2026/11".to_owned(), "/about".to_owned()],
        ),
        "/about" => Page::linking("About", []),
        path => month(path).unwrap_or_else(Page::missing),
    })
    .await;
    let worker = Worker::start().await;

    let wanted = json!({
        "url": site.url("/"), "limit": 100_000, "maxDiscoveryDepth": 1000, "maxConcurrencyPerHost": 16, "sitemap": "skip",
    });
    let job = worker.api().submit(wanted).await;
    let seen = job.watch_with().hurried().open().until_end().await;

    let done = seen.check_ended("done");
    assert_eq!(done["reason"], "complete");
    assert!(seen.has_page("/about"));
    let traps = seen
        .named("skipped")
        .filter(|frame| frame.json()["reason"] == "trap");
    assert!(traps.count() > 0);
    let notices: Vec<_> = seen.named("notice").map(|frame| frame.json()).collect();
    assert!(notices.len() <= 2, "once per pattern: {notices:?}");
    let text = notices[0]["text"].as_str().unwrap();
    assert!(
        text.contains(r#""trapExemptions": ["^/calendar"]"#),
        "{text}"
    );
}

#[tokio::test]
async fn what_looks_like_a_trap_is_crawled_if_the_caller_says_so() {
    let site = Site::of(|path| match path {
        "/" => Page::linking("Home", (0..20).map(|n| format!("/shop/x?sid={n}"))),
        path => Page::linking(path, []),
    })
    .await;
    let worker = Worker::start().await;
    for (exemptions, expected) in [(json!([]), 6), (json!(["^/shop"]), 21)] {
        let wanted =
            json!({ "url": site.url("/"), "sitemap": "skip", "trapExemptions": exemptions });
        let job = worker.api().submit(wanted).await;
        let seen = job.watch_with().hurried().open().until_end().await;
        assert_eq!(seen.check_ended("done")["counts"]["fetched"], expected);
    }
}
