//! A job ends four ways at once, so that every client understands one of them.

use e2e::{BodyEnd, End, Job, Seen, Site, Worker};
use serde_json::json;
use shared::numbers::TERMINAL_RETRY;

async fn ended_job(worker: &Worker) -> (Job, Seen) {
    let site = Site::tree(7).await;
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    let seen = job.watch_with().hurried().open().until_end().await;
    (job, seen)
}

#[tokio::test]
async fn the_terminal_event_closes_the_stream_and_204_ends_the_reconnect() {
    let worker = Worker::start().await;

    let (_, seen) = ended_job(&worker).await;

    let _ = seen.check_ended("done");
    let last = seen.events().last().unwrap();
    assert_eq!(
        last.retry.map(u128::from),
        Some(TERMINAL_RETRY.as_millis()),
        "it asks not to come back soon"
    );
    assert_eq!(seen.links[0].body_end, Some(BodyEnd::Whole));
    assert_eq!(
        seen.links[1].cursor,
        last.id.clone().unwrap(),
        "the reconnect names the terminal event"
    );
    assert_eq!((seen.links.len(), seen.end), (2, Some(End::NoContent)));
}

#[tokio::test]
async fn a_newcomer_without_a_cursor_gets_all_of_it() {
    let worker = Worker::start().await;
    let (job, before) = ended_job(&worker).await;

    let seen = job.watch().until_over().await;

    assert_eq!(seen.first("hello")["state"], "done");
    assert!(
        seen.events().eq(before.events()),
        "the replay is the log, byte for byte"
    );
}

#[tokio::test]
async fn a_cursor_in_the_middle_gets_the_rest() {
    let worker = Worker::start().await;
    let (job, before) = ended_job(&worker).await;
    let middle = before.events().nth(3).unwrap().id.clone().unwrap();

    let seen = job.watch_with().after(&middle).open().until_over().await;

    assert!(seen.events().eq(before.events().skip(4)));
    assert_eq!(
        seen.links[0].frames[0].id,
        Some(middle),
        "hello repeats the cursor"
    );
}

#[tokio::test]
async fn the_log_outlives_the_worker() {
    let mut worker = Worker::start().await;
    let (job, before) = ended_job(&worker).await;

    worker.kill().await;
    worker.restart().await;

    let seen = job.watch().until_over().await;
    assert!(seen.events().eq(before.events()));
}
