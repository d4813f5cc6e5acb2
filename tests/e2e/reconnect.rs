//! A tab reloads, a laptop sleeps, a network changes: no gap, no repetition.

use e2e::{Site, Worker};
use serde_json::json;

#[tokio::test]
async fn a_tab_that_reloads_in_mid_crawl_misses_and_repeats_nothing() {
    let (worker, site) = (Worker::start().await, Site::tree(31).await);
    let hold = site.hold("/page/9");
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    let mut tab = job.watch();
    tab.until_events(5).await;

    let before = tab.close().await;
    hold.open();
    let after = job
        .watch_with()
        .after(&before.cursor())
        .open()
        .until_over()
        .await;

    let _ = before.then(after).check_ended("done");
}

#[tokio::test]
async fn a_tab_that_reloads_ten_times_sees_one_log() {
    let (worker, site) = (Worker::start().await, Site::tree(120).await);
    let job = worker
        .api()
        .submit(json!({ "url": site.url("/"), "delayMs": 10 }))
        .await;
    let mut seen = job.watch().until_events(1).await;

    for _ in 0..10 {
        let mut tab = job.watch_with().after(&seen.cursor()).open();
        tab.until("something new, or the end", |now| {
            now.events().count() >= 5 || now.is_over() || now.end.is_some()
        })
        .await;
        seen = seen.then(tab.close().await);
    }
    if !seen.is_over() {
        seen = seen.clone().then(
            job.watch_with()
                .after(&seen.cursor())
                .open()
                .until_over()
                .await,
        );
    }

    let _ = seen.check_ended("done");
}

#[tokio::test]
async fn a_client_that_cannot_set_headers_names_its_cursor_in_the_query() {
    let (worker, site) = (Worker::start().await, Site::tree(7).await);
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    let all = job.watch().until_over().await;

    for parameter in ["lastEventId", "last_event_id"] {
        let url = worker
            .api()
            .url(&format!("{}&{parameter}=1-3", job.events_path()));
        let rest = e2e::Watcher::options(&url).open().until_over().await;
        assert!(rest.events().eq(all.events().skip(3)), "{parameter}");
    }
    // The browser sends the header once it has a newer cursor than the URL that it was given.
    let url = worker
        .api()
        .url(&format!("{}&lastEventId=1-1", job.events_path()));
    let rest = e2e::Watcher::options(&url)
        .after("1-5")
        .open()
        .until_over()
        .await;
    assert!(rest.events().eq(all.events().skip(5)));
}

#[tokio::test]
async fn a_new_connection_to_a_running_job_replays_and_then_follows() {
    let (worker, site) = (Worker::start().await, Site::tree(31).await);
    let hold = site.hold("/page/9");
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    job.watch().until_events(5).await;

    let mut late = job.watch();
    late.until_events(5).await;
    hold.open();

    let seen = late.until_over().await;
    let _ = seen.check_ended("done");
    assert_eq!(seen.links.len(), 1);
}
