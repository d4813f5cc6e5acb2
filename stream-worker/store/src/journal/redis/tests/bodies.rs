//! Large blocks in an object store: the whole behaviour again, and what only it can do wrong.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use serde_json::json;
use shared::{ChannelId, Event, EventId, Position, Terminal, sse};
use tempfile::TempDir;

use super::workers::{begin, take_over};
use super::{Cluster, RedisJournalConfig, Worker, world_of};
use crate::bodies::BodyStore;
use crate::journal::suite::world::{Pen, next_of};
use crate::journal::suite::{World, journal_suite};
use crate::journal::{Entry, JobLog, JournalError, Step, Upkeep};
use crate::redis::Request;
use crate::time_under_test::Time;

/// Everything lies in the object store, however small.
const ALL: RedisJournalConfig = RedisJournalConfig {
    retention: shared::numbers::RETENTION,
    body_bytes: 0,
    job_bytes: 0,
};

pub(super) async fn store_in(directory: &Path) -> Arc<BodyStore> {
    let address = format!("file://{}", directory.display());
    let opened = BodyStore::open(address.parse().unwrap(), Arc::new(|_measured| ()));
    Arc::new(opened.await.unwrap())
}

async fn world() -> World {
    let (cluster, directory) = (Cluster::start().await, tempfile::tempdir().unwrap());
    let bodies = store_in(directory.path()).await;
    let worker = |link| Worker::with(link, Some(bodies), ALL);
    world_of(cluster.link(), worker, Box::new((cluster, directory)))
}

journal_suite!(tokio::test, world);

/// A server and a directory that workers share.
struct Shared {
    cluster: Cluster,
    directory: TempDir,
}

impl Shared {
    async fn start() -> Self {
        Self {
            cluster: Cluster::start().await,
            directory: tempfile::tempdir().unwrap(),
        }
    }

    async fn worker(&self) -> Worker {
        let bodies = store_in(self.directory.path()).await;
        Worker::new(self.cluster.link(), Some(bodies))
    }

    /// All objects, in order of their names.
    fn objects(&self) -> Vec<PathBuf> {
        let root = self.directory.path();
        let names = e2e::files_below(root).into_iter();
        let objects = names.filter(|name| name.to_str() != Some(".crawlcast"));
        objects.map(|name| root.join(name)).collect()
    }
}

/// A page whose HTML does not pack.
pub(super) fn page(position: u64, bytes: usize) -> Event {
    let mut random = fastrand::Rng::with_seed(position);
    let html: String = (0..bytes).map(|_| random.alphanumeric()).collect();
    page_with(position, &html)
}

pub(super) fn page_with(position: u64, html: &str) -> Event {
    let bytes = html.len();
    let event = json!({
        "type": "progress", "at": "2026-01-01T00:00:00.000Z", "url": format!("https://example.com/{position}"), "depth": 1,
        "result": { "outcome": "fetched", "status": 200, "bytes": bytes, "elapsedMs": 5, "links": 3, "html": html },
        "percent": 1, "counts": { "discovered": 1, "fetched": 1, "failed": 0, "skipped": 0, "queued": 0, "inFlight": 0 },
    });
    serde_json::from_value(event).unwrap()
}

fn page_entry(pen: &Pen, position: u64, bytes: usize) -> Entry {
    let event = page(position, bytes);
    let id = EventId::new(pen.lease.attempt, Position(position));
    let encoded = sse::encode(&event, id);
    Entry {
        frame: encoded.frame,
        whole: encoded.whole,
        gist: encoded.gist,
    }
}

/// A step of so many pages, and one small event at its end.
fn step(pen: &Pen, pages: u64, bytes: usize) -> Step {
    let small = pen.step(pages + 1).entries.pop();
    let pages = (1..=pages).map(|at| page_entry(pen, pen.head + at, bytes));
    Step {
        entries: pages.chain(small).collect(),
        ..pen.step(0)
    }
}

async fn frames(worker: &Worker, channel: ChannelId) -> Result<Vec<Bytes>, JournalError> {
    let read = worker
        .journal
        .read(channel, EventId::START, usize::MAX)
        .await?;
    let frames = next_of(Ok(read)).into_iter();
    Ok(frames.map(|frame| frame.bytes).collect())
}

fn see_damage_of<T: std::fmt::Debug>(result: &Result<T, JournalError>, object: &Path) {
    let name = object.file_name().unwrap().to_str().unwrap();
    match result {
        Err(JournalError::Damaged(what)) => assert!(what.contains(name), "{what}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_large_blocks_of_a_step_lie_in_one_object_and_are_read_by_every_worker() {
    let shared = Shared::start().await;
    let (writer, reader) = (shared.worker().await, shared.worker().await);
    let mut pen = begin(&writer).await;
    let (first, second) = (step(&pen, 5, 60_000), pen.step(7).entries.pop().unwrap());
    pen.commit(first.clone()).await.unwrap();
    pen.commit(Step {
        entries: vec![second.clone()],
        ..pen.step(0)
    })
    .await
    .unwrap();

    let objects = shared.objects();
    assert_eq!(objects.len(), 1, "{objects:?}");
    let begins = format!("{}/{}-1-", pen.channel(), pen.lease.attempt);
    assert!(
        objects[0].to_str().unwrap().contains(&begins),
        "{objects:?}"
    );
    let expected: Vec<_> = first
        .entries
        .into_iter()
        .chain([second])
        .map(|entry| entry.frame)
        .collect();
    for worker in [&writer, &reader] {
        assert_eq!(frames(worker, pen.channel()).await.unwrap(), expected);
    }
    let log = writer.journal.inner.keys.channel(pen.channel()).log;
    let asked = Request::command("MEMORY").bytes("USAGE").bytes(log);
    let bytes = writer.ask(asked).await.number().unwrap();
    assert!(bytes < 5_000, "{bytes} bytes are left in Redis");
}

#[tokio::test]
async fn a_page_larger_than_a_frame_is_whole_in_a_download() {
    let shared = Shared::start().await;
    let worker = shared.worker().await;
    let mut pen = begin(&worker).await;
    let large = page_entry(&pen, 1, 3_000_000);
    let whole = large.whole.clone().unwrap();
    pen.commit(Step {
        entries: vec![large],
        ..pen.step(0)
    })
    .await
    .unwrap();
    let read = worker.journal.read_whole(pen.channel(), EventId::START, 1);
    assert_eq!(next_of(read.await)[0].data, whole);
    let whole = worker.journal.inner.keys.channel(pen.channel()).whole;
    let asked = Request::command("MEMORY").bytes("USAGE").bytes(whole);
    assert!(worker.ask(asked).await.number().unwrap() < 5_000);
}

#[tokio::test]
async fn a_step_larger_than_an_object_has_several() {
    let shared = Shared::start().await;
    let worker = shared.worker().await;
    let mut pen = begin(&worker).await;
    let step = step(&pen, 40, 200_000);
    pen.commit(step.clone()).await.unwrap();
    assert_eq!(shared.objects().len(), 2);
    let expected: Vec<_> = step.entries.into_iter().map(|entry| entry.frame).collect();
    assert_eq!(frames(&worker, pen.channel()).await.unwrap(), expected);
}

#[tokio::test]
async fn a_recall_reads_no_object_and_no_page() {
    let shared = Shared::start().await;
    let (away, here) = (shared.worker().await, shared.cluster.worker());
    for worker in [&away, &here] {
        let mut pen = begin(worker).await;
        let step = step(&pen, 3, 60_000);
        let gists = step.entries.iter().map(|entry| {
            let data = || Bytes::copy_from_slice(sse::data(&entry.frame).unwrap());
            entry.gist.clone().unwrap_or_else(data)
        });
        let gists: Vec<Bytes> = gists.collect();
        pen.commit(step.clone()).await.unwrap();
        for object in shared.objects() {
            std::fs::remove_file(object).unwrap();
        }
        let log = worker.journal.inner.keys.channel(pen.channel()).log;
        worker
            .ask(
                Request::command("EVAL")
                    .bytes(SPOIL_FRAMES)
                    .number(1)
                    .bytes(log),
            )
            .await;

        let read = frames(worker, pen.channel()).await;
        assert!(matches!(read, Err(JournalError::Damaged(_))), "{read:?}");
        let mut recalled = Vec::new();
        while recalled.len() < gists.len() {
            let last = recalled
                .last()
                .map_or(EventId::START, |event: &crate::journal::Stored| event.id);
            let page = worker.journal.recall(pen.channel(), last, 1);
            recalled.extend(next_of(page.await));
        }
        let recalled: Vec<_> = recalled.into_iter().map(|event| event.data).collect();
        assert_eq!(recalled, gists);
    }
}

/// Cuts the frames of every block short that has a gist.
const SPOIL_FRAMES: &str = "
    local entries = redis.call('XRANGE', KEYS[1], '-', '+')
    redis.call('DEL', KEYS[1])
    for _, entry in ipairs(entries) do
        local fields = entry[2]
        if fields[3] and fields[1] == 'z' then
            fields[2] = 'spoiled'
        end
        redis.call('XADD', KEYS[1], entry[1], unpack(fields))
    end";

#[tokio::test]
async fn a_missing_a_cut_and_a_changed_object_are_named_and_not_served() {
    let shared = Shared::start().await;
    let writer = shared.worker().await;
    let mut pen = begin(&writer).await;
    let step = step(&pen, 3, 60_000);
    pen.commit(step).await.unwrap();
    let object = shared.objects().remove(0);
    let bytes = std::fs::read(&object).unwrap();
    let mut changed = bytes.clone();
    changed[100] ^= 1;
    for damage in [Some(&bytes[..bytes.len() - 1]), Some(&changed[..]), None] {
        match damage {
            Some(bytes) => std::fs::write(&object, bytes).unwrap(),
            None => std::fs::remove_file(&object).unwrap(),
        }
        // A worker that has not read it before.
        let reader = shared.worker().await;
        see_damage_of(&frames(&reader, pen.channel()).await, &object);
    }
}

#[tokio::test]
async fn a_writer_that_was_followed_leaves_an_object_and_nothing_else() {
    let shared = Shared::start().await;
    let worker = shared.worker().await;
    let mut late = begin(&worker).await;
    late.write(1).await;
    let mut heir = take_over(&worker, &late).await;
    let refused = late.commit(step(&late, 2, 60_000)).await;
    assert!(
        matches!(refused, Err(JournalError::LeaseLost)),
        "{refused:?}"
    );
    assert_eq!(shared.objects().len(), 1, "an object that nobody refers to");
    heir.commit(step(&heir, 2, 60_000)).await.unwrap();
    assert_eq!(frames(&worker, heir.channel()).await.unwrap().len(), 4);
}

#[tokio::test]
async fn a_worker_without_the_object_store_says_what_it_lacks() {
    let shared = Shared::start().await;
    let (with, without) = (shared.worker().await, shared.cluster.worker());
    let mut pen = begin(&with).await;
    pen.commit(step(&pen, 1, 60_000)).await.unwrap();
    match frames(&without, pen.channel()).await {
        Err(JournalError::Store(what)) => assert!(what.contains("CRAWLCAST_BODIES"), "{what}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_was_large_in_a_job_goes_when_its_log_has_expired() {
    let shared = Shared::start().await;
    let worker = shared.worker().await;
    let (mut ended, mut running) = (begin(&worker).await, begin(&worker).await);
    for pen in [&mut ended, &mut running] {
        pen.commit(step(pen, 1, 60_000)).await.unwrap();
    }
    ended.end(Terminal::Done).await;
    let now = super::clock_of(&worker.link).now();
    let later = now.plus(std::time::Duration::from_secs(86_400));
    worker.journal.expire(later).await.unwrap();
    assert_eq!(shared.objects().len(), 2, "both logs are there");
    let time = super::ServersTime {
        link: worker.link.clone(),
    };
    time.pass(ALL.retention).await;
    worker.journal.expire(now).await.unwrap();
    assert_eq!(
        shared.objects().len(),
        2,
        "a step of this day may be under way"
    );
    worker.journal.expire(later).await.unwrap();
    let left = shared.objects();
    let running = running.channel().to_string();
    assert!(
        matches!(left.as_slice(), [one] if one.to_str().unwrap().contains(&running)),
        "{left:?}"
    );
}
