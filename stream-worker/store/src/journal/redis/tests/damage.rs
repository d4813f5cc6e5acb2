//! Damage and loss are reported, never served.

use shared::{ChannelId, EventId, Position, Terminal};

use super::workers::begin;
use super::{Cluster, Worker};
use crate::journal::suite::world::{LEASE, Pen, entry};
use crate::journal::{Cursor, JobLeases, JobLog, JobRecords, JournalError, Page, Step};
use crate::redis::Request;

async fn read(worker: &Worker, channel: ChannelId) -> Result<Vec<u64>, JournalError> {
    let page = worker.journal.read(channel, EventId::START, usize::MAX);
    match page.await? {
        Page::Next(frames) => Ok(frames.iter().map(|frame| frame.id.position.0).collect()),
        Page::Parted { after } => panic!("parted after {after}"),
    }
}

fn see_damage<T: std::fmt::Debug>(result: &Result<T, JournalError>) {
    assert!(
        matches!(result, Err(JournalError::Damaged(_))),
        "{result:?}"
    );
}

/// Turns the bits of the last byte in the last entry of a stream.
const SPOIL: &str = "
    local entries = redis.call('XRANGE', KEYS[1], '-', '+')
    local last = entries[#entries][2]
    last[2] = string.sub(last[2], 1, -2) .. string.char(255 - string.byte(last[2], -1))
    redis.call('DEL', KEYS[1])
    for _, entry in ipairs(entries) do
        redis.call('XADD', KEYS[1], entry[1], entry[2][1], entry[2][2])
    end";

/// Three steps of two events, two of them cut.
async fn written(worker: &Worker) -> Pen {
    let mut pen = begin(worker).await;
    pen.discover(1..=3).await;
    for _ in 0..3 {
        let mut step = pen.step(2);
        step.entries[0].whole = Some(vec![b'w'; 3000].into());
        pen.commit(step).await.unwrap();
    }
    pen
}

#[tokio::test]
async fn a_block_is_read_from_its_middle() {
    let cluster = Cluster::start().await;
    let worker = cluster.worker();
    let mut pen = begin(&worker).await;
    pen.write(10).await;
    pen.write(5).await;
    for after in 0..=15 {
        let cursor = match after {
            0 => EventId::START,
            _ => EventId::new(pen.lease.attempt, Position(after)),
        };
        let read = worker.journal.read(pen.channel(), cursor, 1 << 20).await;
        let Page::Next(frames) = read.unwrap() else {
            panic!("{cursor} is in the log");
        };
        let expected: Vec<_> = (after + 1..=15)
            .map(|position| entry(pen.lease.attempt, position).frame)
            .collect();
        let frames: Vec<_> = frames.into_iter().map(|frame| frame.bytes).collect();
        assert_eq!(frames, expected);
    }
}

#[tokio::test]
async fn a_damaged_block_is_not_served() {
    let cluster = Cluster::start().await;
    let worker = cluster.worker();
    let pen = written(&worker).await;
    let channel = pen.channel();
    let keys = worker.journal.inner.keys.channel(channel);
    assert_eq!(read(&worker, channel).await.unwrap(), [1, 2, 3, 4, 5, 6]);
    for key in [&keys.log, &keys.whole] {
        worker
            .ask(Request::command("EVAL").bytes(SPOIL).number(1).bytes(key))
            .await;
    }
    let after = EventId::new(pen.lease.attempt, Position(4));
    see_damage(&read(&worker, channel).await);
    see_damage(&worker.journal.read_whole(channel, after, 1 << 20).await);
    let before = worker.journal.read(channel, EventId::START, 1).await;
    assert!(matches!(before.unwrap(), Page::Next(frames) if frames.len() == 1));
}

#[tokio::test]
async fn a_block_that_is_missing_is_noticed() {
    let cluster = Cluster::start().await;
    let worker = cluster.worker();
    for number in [2_u64, 4, 6] {
        let pen = written(&worker).await;
        let key = worker.journal.inner.keys.channel(pen.channel()).log;
        let id = EventId::new(pen.lease.attempt, Position(number)).to_string();
        worker
            .ask(Request::command("XDEL").bytes(key).bytes(id))
            .await;
        see_damage(&read(&worker, pen.channel()).await);
    }
}

#[tokio::test]
async fn a_key_that_is_missing_is_noticed() {
    let cluster = Cluster::start().await;
    let worker = cluster.worker();
    for key in [":log", ":todo", ":whole"] {
        let pen = written(&worker).await;
        let channel = pen.channel();
        worker.journal.release(&pen.lease).await.unwrap();
        let record = worker.journal.inner.keys.topic(channel);
        let gone = worker
            .ask(Request::command("DEL").bytes(format!("{record}{key}")))
            .await;
        assert_eq!(gone.number(), Ok(1), "{key}");
        match key {
            ":log" => see_damage(&read(&worker, channel).await),
            ":whole" => {
                let whole = worker.journal.read_whole(channel, EventId::START, 1 << 20);
                see_damage(&whole.await);
                continue;
            }
            _todo => {}
        }
        see_damage(&worker.journal.acquire(&pen.job, "w", LEASE).await);
    }
}

#[tokio::test]
async fn a_record_that_is_lost_begins_anew_without_its_old_log() {
    let cluster = Cluster::start().await;
    let worker = cluster.worker();
    let pen = written(&worker).await;
    let (channel, record) = (
        pen.channel(),
        worker.journal.inner.keys.topic(pen.channel()),
    );
    worker.ask(Request::command("DEL").bytes(record)).await;
    let old = EventId::new(pen.lease.attempt, Position(6));
    let lost = worker.journal.locate(channel, old).await.unwrap();
    assert_eq!(lost, Cursor::Unknown);
    let acquired = worker.journal.acquire(&pen.job, "w", LEASE).await.unwrap();
    let (lease, checkpoint) = crate::journal::suite::world::granted(acquired);
    assert_eq!(checkpoint.head, EventId::START);
    let mut anew = Pen {
        journal: worker.journal.clone(),
        job: pen.job.clone(),
        lease,
        head: 0,
    };
    anew.write(1).await;
    assert_eq!(read(&worker, channel).await.unwrap(), [1]);
}

#[tokio::test]
async fn no_key_is_kept_for_ever() {
    let cluster = Cluster::start().await;
    let worker = cluster.worker();
    let mut pen = written(&worker).await;
    let step = Step {
        outcome: Some(Terminal::Done),
        ..pen.step(1)
    };
    let running = begin(&worker).await;
    pen.commit(step).await.unwrap();
    worker.journal.snapshot(running.channel()).await.unwrap();
    let keys = worker.ask(Request::command("KEYS").bytes("*")).await;
    for key in keys.list().unwrap() {
        let left = worker
            .ask(Request::command("PTTL").bytes(key.text().unwrap()))
            .await;
        assert!(left.number().unwrap() > 0, "{key:?}");
    }
}
