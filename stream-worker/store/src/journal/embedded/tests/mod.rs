use std::sync::Arc;
use std::time::Duration;

use shared::Clock;
use shared::Terminal;
use shared::{ChannelId, EventId};
use tempfile::TempDir;

use super::{EmbeddedConfig, EmbeddedJournal};
use crate::journal::suite::world::{LEASE, Pen, granted, id, is_lost};
use crate::journal::suite::{World, journal_suite};
use crate::journal::{
    Advance, CancelReason, JobControl, JobLog, JobRecords, JournalError, Page, Tail, Upkeep,
};
use crate::runtime_clock::{runtime_clock, system_clock};
use crate::sqlite::{DataDir, unobserved};
use crate::time_under_test::PausedTime;

mod damage;
mod digests;
mod migrations;

fn open(dir: &TempDir, clock: &Clock) -> Arc<EmbeddedJournal> {
    let data = DataDir::open(dir.path().join("data")).unwrap();
    let config = EmbeddedConfig::default();
    Arc::new(EmbeddedJournal::open(&data, config, clock.clone(), unobserved()).unwrap())
}

fn world_of(journal: Arc<EmbeddedJournal>, clock: Clock, keep: TempDir) -> World {
    World {
        journal,
        clock,
        time: Arc::new(PausedTime),
        retention: EmbeddedConfig::default().retention,
        tolerance: Duration::ZERO,
        expires_alone: false,
        _keep: Box::new(keep),
    }
}

async fn world() -> World {
    let (dir, clock) = (tempfile::tempdir().unwrap(), runtime_clock());
    world_of(open(&dir, &clock), clock, dir)
}

journal_suite!(tokio::test(start_paused = true), world);

/// Closes the journal and opens it again, as after the death of its process.
async fn restarted(world: World, journal: Arc<EmbeddedJournal>, dir: TempDir) -> World {
    let clock = world.clock.clone();
    drop(world);
    journal.close().await;
    world_of(open(&dir, &clock), clock, dir)
}

#[tokio::test(start_paused = true)]
async fn a_restart_frees_leases_and_fences_their_holders() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), runtime_clock());
    let journal = open(&dir, &clock);
    let world = world_of(journal.clone(), clock, tempfile::tempdir().unwrap());
    let mut pen = world.begin().await;
    pen.write(2).await;
    let world = restarted(world, journal, dir).await;
    let mut ghost = Pen {
        journal: world.journal.clone(),
        ..pen
    };
    assert!(is_lost(&ghost.commit(ghost.step(1)).await));
    assert!(is_lost(&world.journal.renew(&ghost.lease, LEASE).await));
    let (lease, checkpoint) = granted(world.acquire(&ghost.job, "w2").await);
    assert_eq!((lease.attempt.0, checkpoint.head), (2, id(1, 2)));
}

#[tokio::test(start_paused = true)]
async fn flags_outlive_a_restart_and_watchers_get_their_grace_anew() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), runtime_clock());
    let journal = open(&dir, &clock);
    let world = world_of(journal.clone(), clock, tempfile::tempdir().unwrap());
    let (watched, left, unwatched) = (
        world.begin().await,
        world.begin().await,
        world.begin().await,
    );
    for pen in [&watched, &left] {
        world.journal.attend(pen.channel(), 1).await.unwrap();
    }
    world.journal.attend(left.channel(), 0).await.unwrap();
    let cancelled = ChannelId::mint();
    let cancel = world.journal.cancel(cancelled, CancelReason::Requested);
    cancel.await.unwrap();
    tokio::time::advance(Duration::from_secs(100)).await;
    let world = restarted(world, journal, dir).await;
    let now = world.clock.now();
    for (channel, since) in [
        (watched.channel(), Some(now)),
        (left.channel(), Some(now)),
        (unwatched.channel(), None),
    ] {
        let control = world.journal.control(channel).await.unwrap();
        assert_eq!(control.borrow().unwatched_since, since);
    }
    let control = world.journal.control(cancelled).await.unwrap();
    assert_eq!(control.borrow().cancel, Some(CancelReason::Requested));
}

#[tokio::test]
async fn what_is_not_followed_or_heeded_any_more_takes_no_memory() {
    struct Deaf;
    impl Tail for Deaf {
        fn advance(&self, _advance: &Advance) {}
    }
    let dir = tempfile::tempdir().unwrap();
    let journal = open(&dir, &system_clock());
    let guards: Vec<_> = (0..100)
        .map(|_| journal.follow(ChannelId::mint(), Arc::new(Deaf)))
        .collect();
    assert!(!journal.followers.is_empty());
    drop(guards);
    assert!(journal.followers.is_empty());
    for _ in 0..300 {
        drop(journal.control(ChannelId::mint()).await.unwrap());
    }
    assert!(journal.controls.len() <= 64);
}

#[tokio::test]
async fn a_closed_journal_refuses_and_its_directory_is_free() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(&dir, &system_clock());
    journal.probe().await.unwrap();
    journal.close().await;
    let refused = journal.probe().await;
    assert!(
        matches!(refused, Err(JournalError::Store(_))),
        "{refused:?}"
    );
    assert!(journal.snapshot(ChannelId::mint()).await.is_err());
    open(&dir, &system_clock()).probe().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_expired_job_gives_its_pages_back() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), runtime_clock());
    let journal = open(&dir, &clock);
    let world = world_of(journal.clone(), clock, tempfile::tempdir().unwrap());
    let mut pen = world.begin().await;
    for _ in 0..20 {
        let mut step = pen.step(1);
        step.entries[0].whole = Some(vec![b'x'; 1 << 20].into());
        pen.commit(step).await.unwrap();
    }
    pen.end(Terminal::Done).await;
    tokio::time::advance(world.retention).await;
    assert_eq!(world.journal.expire(world.clock.now()).await.unwrap(), 1);
    let frames = world.read(pen.channel(), EventId::START, 1).await;
    assert!(frames.is_empty());
    journal.close().await;
    let size = std::fs::metadata(dir.path().join("data/journal.db")).unwrap();
    assert!(size.len() < 8 << 20, "{} bytes are left", size.len());
}

#[tokio::test]
async fn a_recall_reads_no_frame_that_has_a_gist() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(&dir, &system_clock());
    let world = world_of(
        journal.clone(),
        system_clock(),
        tempfile::tempdir().unwrap(),
    );
    let mut pen = world.begin().await;
    let mut step = pen.step(3);
    for entry in &mut step.entries {
        entry.gist = Some(b"{}".as_slice().into());
    }
    pen.commit(step).await.unwrap();
    let spoil: Result<usize, JournalError> = journal
        .database
        .write(|tx| Ok(tx.execute("UPDATE events SET frame = x'00'", [])?))
        .await;
    assert_eq!(spoil.unwrap(), 3);
    let read = world.journal.read(pen.channel(), EventId::START, 1 << 20);
    assert!(read.await.is_err());
    let recalled = world.journal.recall(pen.channel(), EventId::START, 1 << 20);
    let Page::Next(recalled) = recalled.await.unwrap() else {
        panic!("the start is in every log");
    };
    assert_eq!(recalled.len(), 3);
}
