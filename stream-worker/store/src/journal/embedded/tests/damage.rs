//! Damage is reported, never served.

use std::fs;
use std::path::Path;

use bytes::Bytes;
use shared::{ChannelId, Counts, EventId, Frame};
use tempfile::TempDir;

use super::{EmbeddedConfig, EmbeddedJournal, open};
use crate::journal::suite::world::{Pen, entry, granted, job, pending};
use crate::journal::{
    Acquired, JobLeases, JobLog, JobRecords, Ordinal, Page, Pending, Snapshot, Step, Stored, Upkeep,
};
use crate::runtime_clock::system_clock;
use crate::sqlite::{DataDir, StoreError, Transaction, unobserved};

/// Everything that a journal tells of a channel.
#[derive(Debug, PartialEq)]
struct Told {
    snapshot: Option<Snapshot>,
    frames: Page<Frame>,
    whole: Page<Stored>,
    pending: Vec<Pending>,
}

/// A closed journal's file, and what it told.
async fn written() -> (Vec<u8>, Vec<(ChannelId, Told)>) {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(&dir, &system_clock());
    let mut channels = Vec::new();
    for number in 0..3 {
        let job = job(ChannelId::from_hash([number; 16]));
        let lease = journal.acquire(&job, "w", super::LEASE).await.unwrap();
        let mut pen = Pen {
            journal: journal.clone(),
            job,
            lease: granted(lease).0,
            head: 0,
        };
        for round in 0..10 {
            pen.commit(step(&pen, round)).await.unwrap();
        }
        channels.push(pen.channel());
    }
    let mut told = Vec::new();
    for channel in channels {
        told.push((channel, tell(&journal, channel).await.unwrap()));
    }
    journal.close().await;
    let file = fs::read(dir.path().join("data/journal.db")).unwrap();
    (file, told)
}

fn step(pen: &Pen, round: u64) -> Step {
    let mut entries: Vec<_> = (1..=5)
        .map(|at| entry(pen.lease.attempt, pen.head + at))
        .collect();
    entries[0].whole = Some(Bytes::from(vec![b'w'; 3000]));
    let mut counts = Counts::default();
    counts.queue();
    Step {
        entries,
        discovered: (1..=4).map(|at| pending(round * 4 + at)).collect(),
        completed: vec![Ordinal(round + 1)],
        counts,
        ..pen.step(0)
    }
}

async fn tell(
    journal: &EmbeddedJournal,
    channel: ChannelId,
) -> Result<Told, crate::journal::JournalError> {
    Ok(Told {
        snapshot: journal.snapshot(channel).await?,
        frames: journal.read(channel, EventId::START, 1 << 30).await?,
        whole: journal.read_whole(channel, EventId::START, 1 << 30).await?,
        pending: journal.pending(channel, Ordinal(0), 1000).await?,
    })
}

/// Reads a damaged file; answers how many of its channels were refused.
async fn refused(file: &[u8], told: &[(ChannelId, Told)], what: &str) -> usize {
    let dir: TempDir = tempfile::tempdir().unwrap();
    let data = DataDir::open(dir.path()).unwrap();
    fs::write(path(&dir), file).unwrap();
    let config = EmbeddedConfig::default();
    let Ok(journal) = EmbeddedJournal::open(&data, config, system_clock(), unobserved()) else {
        return told.len();
    };
    let mut refused = 0;
    for (channel, expected) in told {
        match tell(&journal, *channel).await {
            Ok(told) => see_the_same(told, expected, what),
            Err(_) => refused += 1,
        }
    }
    journal.close().await;
    refused
}

fn see_the_same(told: Told, expected: &Told, what: &str) {
    assert_eq!(told.snapshot, expected.snapshot, "{what}");
    assert_eq!(told.frames, expected.frames, "{what}");
    assert_eq!(told.whole, expected.whole, "{what}");
    // A waiting URL that vanished is noticed when the job is taken.
    for pending in told.pending {
        assert!(expected.pending.contains(&pending), "{what}: {pending:?}");
    }
}

fn path(dir: &TempDir) -> impl AsRef<Path> {
    dir.path().join("journal.db")
}

#[tokio::test]
async fn a_flipped_bit_is_reported_or_without_effect() {
    let (file, told) = written().await;
    let mut random = fastrand::Rng::with_seed(0xdead);
    let mut reported = 0;
    for _ in 0..400 {
        let (at, bit) = (random.usize(..file.len()), random.u32(..8));
        let mut damaged = file.clone();
        damaged[at] ^= 1 << bit;
        let what = format!("bit {bit} of byte {at}");
        reported += refused(&damaged, &told, &what).await.min(1);
    }
    assert!(reported > 50, "only {reported} of 400 had an effect");
}

#[tokio::test]
async fn a_cut_file_is_reported() {
    let (file, told) = written().await;
    let mut random = fastrand::Rng::with_seed(0xbeef);
    let cuts = (0..40).map(|_| random.usize(..file.len()));
    for length in [0, 1, 100, 4096].into_iter().chain(cuts) {
        let what = format!("{length} of {} bytes", file.len());
        let refused = refused(&file[..length], &told, &what).await;
        assert!(refused > 0, "{what} were served");
    }
}

#[tokio::test]
async fn a_damaged_record_stops_its_own_channel_only() {
    let (mut file, told) = written().await;
    let at = file.windows(6).position(|bytes| bytes == b"\"seed\"");
    file[at.unwrap() + 1] ^= 1;
    assert_eq!(refused(&file, &told, "a record").await, 1);
}

#[tokio::test]
async fn a_newer_file_is_refused_by_its_version() {
    let (mut file, _) = written().await;
    // The user version in SQLite's header (section 1.3 of its file format).
    file[60..64].copy_from_slice(&8_u32.to_be_bytes());
    let dir = tempfile::tempdir().unwrap();
    let data = DataDir::open(dir.path()).unwrap();
    fs::write(path(&dir), file).unwrap();
    let config = EmbeddedConfig::default();
    let opened = EmbeddedJournal::open(&data, config, system_clock(), unobserved());
    let error = opened.err().unwrap().to_string();
    assert!(error.contains("version 8"), "{error}");
}

#[tokio::test]
async fn a_waiting_url_that_has_vanished_is_noticed_by_who_takes_the_job_next() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(&dir, &system_clock());
    let job = job(ChannelId::mint());
    let lease = granted(journal.acquire(&job, "w1", super::LEASE).await.unwrap()).0;
    let mut pen = Pen {
        journal: journal.clone(),
        job: job.clone(),
        lease: lease.clone(),
        head: 0,
    };
    pen.commit(step(&pen, 0)).await.unwrap();
    let vanish = |tx: &mut Transaction<'_>| {
        let rows = tx.execute(
            "DELETE FROM pending WHERE key IN (SELECT max(key) FROM pending)",
            [],
        );
        Ok::<_, StoreError>(rows?)
    };
    assert_eq!(journal.database.write(vanish).await.unwrap(), 1);

    let held = journal.acquire(&job, "w2", super::LEASE).await.unwrap();
    assert!(
        matches!(held, Acquired::Held(_)),
        "whoever has the lease is not disturbed: {held:?}"
    );
    journal.release(&lease).await.unwrap();
    let damaged = journal.acquire(&job, "w2", super::LEASE).await.unwrap_err();
    assert!(
        damaged.to_string().contains("2 waiting URLs instead of 3"),
        "{damaged}"
    );
}
