//! A cursor that does not fit the log is told so in-band, and the watcher gets what it cannot have.

use e2e::{Site, Worker};
use serde_json::json;

async fn reset_of(cursor: &str) -> (e2e::Seen, e2e::Seen) {
    let (worker, site) = (Worker::start().await, Site::tree(7).await);
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    let all = job.watch().until_over().await;
    let seen = job.watch_with().after(cursor).open().until_over().await;
    seen.check_frames();
    let names: Vec<&str> = seen
        .frames()
        .take(2)
        .map(|frame| frame.name.as_str())
        .collect();
    assert_eq!(names, ["hello", "reset"], "{}", seen.tell());
    (all, seen)
}

#[tokio::test]
async fn a_malformed_cursor_starts_from_the_first_event() {
    let (all, seen) = reset_of("garbage").await;
    let reset = seen.first("reset");
    assert_eq!(
        (&reset["reason"], &reset["from"]),
        (&json!("malformed"), &json!(1))
    );
    assert!(seen.events().eq(all.events()));
}

#[tokio::test]
async fn a_cursor_of_an_attempt_that_never_was_starts_from_the_first_event() {
    let (all, seen) = reset_of("9-4").await;
    let reset = seen.first("reset");
    assert_eq!(
        (&reset["reason"], &reset["from"]),
        (&json!("unknown"), &json!(1))
    );
    assert!(seen.events().eq(all.events()));
}

#[tokio::test]
async fn a_cursor_past_the_end_of_an_ended_log_is_another_jobs() {
    let (all, seen) = reset_of("1-999999").await;
    let reset = seen.first("reset");
    assert_eq!(
        (&reset["reason"], &reset["from"]),
        (&json!("unknown"), &json!(1))
    );
    assert!(seen.events().eq(all.events()));
}

#[tokio::test]
async fn a_cursor_past_the_head_of_a_running_job_is_told_where_the_log_goes_on() {
    let (worker, site) = (Worker::start().await, Site::tree(7).await);
    let hold = site.hold("/page/1");
    let job = worker
        .api()
        .submit(json!({ "url": site.url("/"), "maxConcurrency": 1 }))
        .await;
    let head = job
        .watch()
        .until("the first page", |seen| seen.has_page("/"))
        .await
        .position();

    let mut watcher = job.watch_with().after("1-999999").open();
    watcher.until_event("reset").await;
    hold.open();

    let seen = watcher.until_over().await;
    seen.check_frames();
    let from = seen.first("reset")["from"].as_u64().unwrap();
    assert!((1..=head + 1).contains(&from), "{from} after {head}");
    assert_eq!(seen.events().next().unwrap().position(), from);
}

#[tokio::test]
async fn an_empty_cursor_is_none() {
    let (worker, site) = (Worker::start().await, Site::tree(3).await);
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    let seen = job
        .watch_with()
        .header("last-event-id", "")
        .open()
        .until_over()
        .await;
    assert!(!seen.has("reset"));
    let _ = seen.check_ended("done");
}
