//! Messages of a front that is newer than this worker.

use rstest::rstest;
use serde_json::{Value, json};

use super::*;

fn newer_version() -> Vec<u8> {
    changed(|message| message["version"] = 2.into())
}

fn new_field() -> Vec<u8> {
    changed(|message| message["request"]["renderJs"] = false.into())
}

fn changed(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut message = serde_json::to_value(job()).unwrap();
    change(&mut message);
    serde_json::to_vec(&message).unwrap()
}

#[rstest]
#[case::a_newer_version(newer_version())]
#[case::a_field_that_is_new(new_field())]
#[tokio::test(start_paused = true)]
async fn a_message_that_is_not_understood_is_left_for_another_worker_for_longer_each_time(
    #[case] body: Vec<u8>,
) {
    let mut longest = Duration::ZERO;
    for receives in 1..=MAX_ATTEMPTS {
        let worker = Worker::start(vec![(body.clone(), receives)], Site::new(true));
        let [Told::Released(pause)] = worker.queue.settled().await[..] else {
            panic!("not released")
        };
        assert!(pause > longest, "{pause:?} after {longest:?}");
        longest = pause;
        assert!(worker.journal.names().is_empty());
    }
}

#[rstest]
#[case::a_newer_version(newer_version(), "version 2")]
#[case::a_field_that_is_new(new_field(), "renderJs")]
#[tokio::test(start_paused = true)]
async fn a_job_that_no_worker_understands_fails_where_its_watchers_see_it(
    #[case] body: Vec<u8>,
    #[case] words: &str,
) {
    let worker = Worker::start(vec![(body, MAX_ATTEMPTS + 1)], Site::new(true));
    let told = worker.queue.settled().await;
    let [Told::DeadLettered(reason)] = &told[..] else {
        panic!("{told:?}")
    };
    assert!(reason.contains(words), "{reason}");
    assert_eq!(worker.journal.names(), ["started", "failed"]);
    assert_eq!(worker.journal.last()["reason"], json!(reason));
    assert!(worker.site.asked.lock().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_job_that_has_ended_under_a_newer_worker_is_deleted() {
    let worker = Worker::new(vec![(new_field(), MAX_ATTEMPTS + 1)], Site::new(true));
    worker.journal.record().outcome = Some(shared::Terminal::Done);
    worker.dispatch();
    assert_eq!(worker.queue.settled().await, [Told::Acked]);
    assert!(worker.journal.names().is_empty());
}
