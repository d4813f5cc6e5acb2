//! The page at `/` in a real browser, with the demo site.

use e2e::{Browser, Front, Worker, eventually, heavy};

async fn worker_with_demo() -> Worker {
    Worker::options().argument("--demo").start().await
}

/// Types the demo site's address and clicks.
async fn crawl(browser: &Browser, worker: &Worker) {
    browser.open(&format!("{}/", worker.base())).await;
    browser
        .type_into("#url", &format!("{}/", worker.demo()))
        .await;
    browser.click("#crawl").await;
    browser
        .until_text("#state", "says running", |state| state == "running")
        .await;
}

async fn until_fetched(browser: &Browser, least: u64) -> u64 {
    eventually(&format!("{least} pages are fetched"), || async {
        let fetched = browser.number("[data-count=fetched]").await;
        (fetched >= least).then_some(fetched)
    })
    .await
}

#[tokio::test]
async fn a_crawl_is_submitted_watched_and_survives_a_reload() {
    let _alone = heavy().await;
    let (worker, browser) = (worker_with_demo().await, Browser::start().await);
    browser.open(&format!("{}/", worker.base())).await;
    let suggested = eventually("the demo site is suggested", || async {
        let url = browser
            .run("return document.querySelector(arguments[0]).value", "#url")
            .await;
        url.as_str()
            .filter(|url| !url.is_empty())
            .map(str::to_owned)
    })
    .await;
    assert_eq!(suggested.trim_end_matches('/'), worker.demo());

    crawl(&browser, &worker).await;
    until_fetched(&browser, 10).await;
    assert!(browser.count("#events > li").await >= 5);
    assert!(
        browser.url().await.contains("#channel="),
        "the job is in the URL: {}",
        browser.url().await
    );

    let before = browser.number("[data-count=fetched]").await;
    browser.reload().await;
    assert!(
        until_fetched(&browser, before).await >= before,
        "the reload goes on where it was"
    );

    browser
        .until_text("#state", "says done", |state| state == "done")
        .await;
    let number = async |name: &str| browser.number(&format!("[data-count={name}]")).await;
    let (fetched, failed, skipped) = (
        number("fetched").await,
        number("failed").await,
        number("skipped").await,
    );
    assert!(
        fetched > 100 && failed > 0 && skipped > 0,
        "{fetched} fetched, {failed} failed, {skipped} skipped"
    );
    assert_eq!(number("discovered").await, fetched + failed + skipped);
    assert_eq!((number("queued").await, number("inFlight").await), (0, 0));
    let errors: Vec<String> = browser
        .console_errors()
        .await
        .into_iter()
        .filter(|line| !line.contains("favicon"))
        .collect();
    assert!(errors.is_empty(), "the console is clean: {errors:?}");
    browser.close().await;
}

#[tokio::test]
async fn pause_resume_and_cancel_do_what_they_say() {
    let _alone = heavy().await;
    let (worker, browser) = (worker_with_demo().await, Browser::start().await);
    crawl(&browser, &worker).await;
    until_fetched(&browser, 3).await;

    browser.click("#pause").await;
    browser
        .until_text("#state", "says paused", |state| state == "paused")
        .await;
    assert!(browser.shows("#resume").await && !browser.shows("#pause").await);

    browser.click("#resume").await;
    browser
        .until_text("#state", "says running again", |state| state == "running")
        .await;

    browser.click("#cancel").await;
    browser
        .until_text("#state", "says cancelled", |state| state == "cancelled")
        .await;
    assert!(browser.text("#message").await.contains("cancelled"));
    browser.close().await;
}

#[tokio::test]
async fn closing_the_tab_leaves_no_watcher() {
    let _alone = heavy().await;
    let (worker, browser) = (worker_with_demo().await, Browser::start().await);
    crawl(&browser, &worker).await;
    worker.metric_becomes("crawlcast_watchers", 1.0).await;

    browser.close().await;

    worker.metric_becomes("crawlcast_watchers", 0.0).await;
}

#[tokio::test]
async fn a_refusal_is_shown_beside_its_field() {
    let _alone = heavy().await;
    let (worker, browser) = (Worker::start().await, Browser::start().await);
    browser.open(&format!("{}/", worker.base())).await;

    browser.type_into("#url", "ftp://example.com/").await;
    browser.click("#crawl").await;

    browser
        .until_text("#url-fault", "says what is wrong", |words| {
            words.contains("http")
        })
        .await;
    browser.close().await;
}

#[tokio::test]
async fn a_restart_of_the_worker_is_survived_by_the_browsers_own_reconnect() {
    let _alone = heavy().await;
    let (mut worker, browser) = (worker_with_demo().await, Browser::start().await);
    crawl(&browser, &worker).await;
    until_fetched(&browser, 5).await;

    // The demo site's port changes with the worker: what is left of the crawl fails, what was seen stays.
    worker.kill().await;
    worker.restart().await;

    browser
        .until_text("#events", "tells of the next attempt", |events| {
            events.contains("took over")
        })
        .await;
    assert!(browser.number("[data-count=fetched]").await >= 5);
    browser.close().await;
}

#[tokio::test]
async fn the_page_tells_why_no_events_arrive() {
    let _alone = heavy().await;
    let worker = Worker::options().set("HEARTBEAT", "2s").start().await;
    let nginx = Front::ours(worker.port())
        .edited(&[
            (
                "proxy_pass_header X-Accel-Buffering;",
                "proxy_ignore_headers X-Accel-Buffering;",
            ),
            ("proxy_http_version 1.1;", "proxy_http_version 1.0;"),
        ])
        .start()
        .await;
    let browser = Browser::start().await;
    let healthy = "Nothing is broken between this browser and the worker.";

    browser.open(&format!("{}/", worker.base())).await;
    browser.click("#examine").await;
    browser
        .until_text("#doctor-note", "finds nothing", |note| note == healthy)
        .await;
    assert_eq!(browser.count("#verdicts > [data-verdict=kept]").await, 10);

    browser.open(&format!("{}/", nginx.base())).await;
    browser.click("#examine").await;
    browser
        .until_text(
            "#verdicts [data-verdict=broken] code",
            "names the cure",
            |cure| cure == "proxy_buffering off;",
        )
        .await;
}
