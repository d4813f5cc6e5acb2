//! The bound of what one job may have in the server.

use std::sync::Arc;

use e2e::eventually;
use serde_json::Value;
use shared::{Counts, EventId};

use super::bodies::{page, store_in};
use super::workers::{begin, take_over};
use super::{Cluster, RedisJournalConfig, Worker};
use crate::bodies::BodyStore;
use crate::journal::suite::world::{Pen, next_of, notice};
use crate::journal::{JobLog, JobRecords, LogWriter};

const PAGE: usize = 20_000;

fn worker(cluster: &Cluster, bodies: Option<Arc<BodyStore>>) -> Worker {
    let config = RedisJournalConfig {
        job_bytes: 3 * PAGE as u64,
        ..RedisJournalConfig::default()
    };
    Worker::with(cluster.link(), bodies, config)
}

/// The writer of a job that was taken over at `head`.
fn writer(worker: &Worker, pen: &Pen, head: EventId) -> LogWriter {
    LogWriter::new(worker.journal.clone(), pen.lease.clone(), head)
}

async fn write(writer: &mut LogWriter, pages: std::ops::Range<u64>) {
    for number in pages {
        let events = [page(number, PAGE), notice("after a page")];
        let appended = writer.append(&events, Vec::new(), Vec::new(), Counts::default());
        appended.await.unwrap();
    }
}

/// The events of a log, as a download tells them: `whole`, `cut`, or the code of a notice.
async fn told(worker: &Worker, pen: &Pen) -> Vec<String> {
    let read = worker
        .journal
        .read_whole(pen.channel(), EventId::START, usize::MAX);
    let events = next_of(read.await);
    let told = events.iter().map(|event| {
        let event: Value = serde_json::from_slice(&event.data).unwrap();
        match &event["code"] {
            Value::String(code) => code.clone(),
            _ if event["result"]["truncated"] == true => "cut".to_owned(),
            _ => {
                assert_eq!(event["result"]["html"].as_str().unwrap().len(), PAGE);
                "whole".to_owned()
            }
        }
    });
    told.filter(|told| told != "linksCut").collect()
}

#[tokio::test]
async fn a_job_that_has_used_its_room_goes_on_without_formats_and_says_so_once() {
    let cluster = Cluster::start().await;
    let one = worker(&cluster, None);
    let pen = begin(&one).await;
    let mut first = writer(&one, &pen, EventId::START);
    write(&mut first, 0..7).await;
    let expected = [
        "whole",
        "whole",
        "whole",
        "whole",
        "formatsCut",
        "cut",
        "cut",
        "cut",
    ];
    let so_far = told(&one, &pen).await;
    assert!(so_far == expected, "{so_far:?}");

    let other = worker(&cluster, None);
    let heir = take_over(&other, &pen).await;
    let mut second = writer(&other, &heir, first.head());
    write(&mut second, 7..9).await;
    let all = told(&other, &heir).await;
    assert_eq!(all, [&expected[..], &["cut", "cut"]].concat());
}

#[tokio::test]
async fn an_attempt_that_comes_after_the_last_page_with_room_says_so_before_its_first() {
    let cluster = Cluster::start().await;
    let one = worker(&cluster, None);
    let pen = begin(&one).await;
    let mut first = writer(&one, &pen, EventId::START);
    write(&mut first, 0..4).await;
    let heir = take_over(&one, &pen).await;
    let mut second = writer(&one, &heir, first.head());
    write(&mut second, 4..6).await;
    let all = told(&one, &heir).await;
    assert_eq!(
        all,
        [
            "whole",
            "whole",
            "whole",
            "whole",
            "formatsCut",
            "cut",
            "cut"
        ]
    );
}

#[tokio::test]
async fn a_notice_whose_step_was_in_doubt_is_not_repeated() {
    let cluster = Cluster::start().await;
    let worker = worker(&cluster, None);
    let pen = begin(&worker).await;
    let mut writer = writer(&worker, &pen, EventId::START);
    write(&mut writer, 0..4).await;
    // Polled once, so that the step is on its way, and forgotten once it has come: nobody hears the answer.
    let mut dropped = Box::pin(write(&mut writer, 4..5));
    assert!(futures_util::poll!(dropped.as_mut()).is_pending());
    eventually("the step is in the log", async || {
        let snapshot = worker.journal.snapshot(pen.channel()).await.unwrap();
        (snapshot?.head.position.0 == 11).then_some(())
    })
    .await;
    drop(dropped);
    write(&mut writer, 4..7).await;
    let all = told(&worker, &pen).await;
    let expected = [&["whole"; 4][..], &["formatsCut", "cut", "cut", "cut"]].concat();
    assert_eq!(all, expected);
}

#[tokio::test]
async fn pages_in_an_object_store_have_no_bound() {
    let (cluster, directory) = (Cluster::start().await, tempfile::tempdir().unwrap());
    let bodies = store_in(directory.path()).await;
    let worker = worker(&cluster, Some(bodies));
    let pen = begin(&worker).await;
    let mut writer = writer(&worker, &pen, EventId::START);
    write(&mut writer, 0..8).await;
    assert_eq!(told(&worker, &pen).await, ["whole"; 8]);
}
