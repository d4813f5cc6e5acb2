//! A server that dies, freezes, forgets or is full.

use std::time::Duration;

use e2e::{RedisServer, eventually, within};
use shared::{ChannelId, EventId, JobState, Terminal};

use super::workers::begin;
use super::{Cluster, Worker};
use crate::journal::suite::world::{LEASE, Pen, granted, job};
use crate::journal::{
    CancelReason, JobControl, JobLeases, JobLog, JobRecords, JournalError, Page, Step, Upkeep,
};
use crate::redis::Request;

pub(super) async fn positions(worker: &Worker, channel: ChannelId) -> Vec<u64> {
    let page = worker.journal.read(channel, EventId::START, usize::MAX);
    match page.await.unwrap() {
        Page::Next(frames) => frames.iter().map(|frame| frame.id.position.0).collect(),
        Page::Parted { after } => panic!("parted after {after}"),
    }
}

/// Commits a step until the store takes it, as a log writer does: a refusal may be the echo of a try that was not answered.
pub(super) async fn commit_patiently(worker: &Worker, pen: &mut Pen, events: u64) {
    let step = pen.step(events);
    eventually("the store takes it", async || {
        match worker.journal.commit(&pen.lease, step.clone()).await {
            Ok(()) | Err(JournalError::LeaseLost) => Some(()),
            Err(JournalError::Store(_)) => None,
            Err(other) => panic!("{other}"),
        }
    })
    .await;
    pen.head += events;
}

#[tokio::test]
async fn a_flushed_script_cache_is_not_noticed() {
    let cluster = Cluster::start().await;
    let worker = cluster.worker();
    let mut pen = begin(&worker).await;
    for _ in 0..3 {
        cluster.server.command("SCRIPT FLUSH").await;
        pen.write(2).await;
        worker.journal.renew(&pen.lease, LEASE).await.unwrap();
    }
    assert_eq!(positions(&worker, pen.channel()).await, [1, 2, 3, 4, 5, 6]);
}

#[tokio::test]
async fn a_killed_server_has_kept_everything_that_was_acknowledged() {
    let mut cluster = Cluster::start().await;
    let worker = cluster.worker();
    let mut pen = begin(&worker).await;
    for round in 0..3 {
        pen.write(5).await;
        cluster.server.kill().await;
        let failed = worker.journal.renew(&pen.lease, LEASE).await;
        assert!(matches!(failed, Err(JournalError::Store(_))), "{failed:?}");
        cluster.server.restart().await;
        commit_patiently(&worker, &mut pen, 1).await;
        let expected: Vec<_> = (1..=(round + 1) * 6).collect();
        assert_eq!(positions(&worker, pen.channel()).await, expected);
    }
    pen.end(Terminal::Done).await;
}

#[tokio::test]
async fn a_frozen_server_is_waited_for() {
    let cluster = Cluster::start().await;
    let worker = cluster.worker();
    let mut pen = begin(&worker).await;
    pen.write(1).await;
    let control = worker.journal.control(pen.channel()).await.unwrap();
    cluster.server.freeze();
    let step = pen.step(2);
    let frozen = worker.journal.commit(&pen.lease, step).await;
    assert!(matches!(frozen, Err(JournalError::Store(_))), "{frozen:?}");
    cluster.server.thaw();
    commit_patiently(&worker, &mut pen, 2).await;
    assert_eq!(positions(&worker, pen.channel()).await, [1, 2, 3]);
    assert_eq!(control.borrow().cancel, None);
}

#[tokio::test]
async fn an_outage_is_nobodys_absence() {
    let mut cluster = Cluster::start().await;
    let (one, watching) = (cluster.worker(), cluster.worker());
    let pen = begin(&one).await;
    watching.journal.attend(pen.channel(), 1).await.unwrap();
    let mut control = one.journal.control(pen.channel()).await.unwrap();
    cluster.server.kill().await;
    let failed = one.journal.renew(&pen.lease, LEASE).await;
    assert!(matches!(failed, Err(JournalError::Store(_))), "{failed:?}");
    // The other worker does not come back.
    drop(watching);
    let back = super::clock_of(&one.link).now();
    one.link.pass(Duration::from_secs(600));
    cluster.server.restart().await;
    let left = control.wait_for(|control| control.unwatched_since.is_some());
    let since = within("the absence is heard", left)
        .await
        .unwrap()
        .unwatched_since
        .unwrap();
    let outage = since.since(back);
    assert!(
        outage >= Duration::from_secs(599),
        "the grace begins after {outage:?}"
    );
}

/// A server with room for little, and what fills it.
async fn filled(worker: &Worker) {
    worker
        .ask(
            Request::command("CONFIG")
                .bytes("SET")
                .bytes("maxmemory")
                .bytes("1"),
        )
        .await;
}

#[tokio::test]
async fn memory_that_is_full_stops_commits_and_nothing_else() {
    let cluster = Cluster::of(RedisServer::start().await);
    let worker = cluster.worker();
    let mut pen = begin(&worker).await;
    pen.write(2).await;
    filled(&worker).await;

    let step = Step {
        discovered: vec![crate::journal::suite::world::pending(1)],
        ..pen.step(1)
    };
    let refused = worker.journal.commit(&pen.lease, step).await;
    assert!(
        matches!(refused, Err(JournalError::Store(_))),
        "{refused:?}"
    );
    assert!(worker.journal.probe().await.is_err());
    assert_eq!(positions(&worker, pen.channel()).await, [1, 2]);

    let channel = pen.channel();
    worker.journal.renew(&pen.lease, LEASE).await.unwrap();
    worker.journal.attend(channel, 1).await.unwrap();
    let before = worker.journal.cancel(channel, CancelReason::Requested);
    assert_eq!(before.await.unwrap(), JobState::Running);
    let other = job(ChannelId::mint());
    let acquired = worker.journal.acquire(&other, "w", LEASE).await.unwrap();
    worker.journal.release(&granted(acquired).0).await.unwrap();
    pen.end(Terminal::Cancelled).await;
    assert_eq!(positions(&worker, channel).await, [1, 2, 3]);
    let snapshot = worker.journal.snapshot(channel).await.unwrap().unwrap();
    assert_eq!(snapshot.state, JobState::Cancelled);

    let room = Request::command("CONFIG")
        .bytes("SET")
        .bytes("maxmemory")
        .bytes("0");
    worker.ask(room).await;
    worker.journal.probe().await.unwrap();
}

#[tokio::test]
async fn a_closed_journal_refuses() {
    let cluster = Cluster::start().await;
    let worker = cluster.worker();
    worker.journal.probe().await.unwrap();
    worker.journal.close().await;
    let refused = worker.journal.probe().await;
    assert!(
        matches!(refused, Err(JournalError::Store(_))),
        "{refused:?}"
    );
    let refused = worker.journal.snapshot(ChannelId::mint()).await;
    assert!(refused.is_err());
}
