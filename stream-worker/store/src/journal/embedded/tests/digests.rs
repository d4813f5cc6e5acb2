//! Digests beside the log.

use bytes::Bytes;
use shared::{EventId, Terminal};

use super::{open, world_of};
use crate::journal::embedded::EmbeddedJournal;
use crate::journal::suite::world::{Pen, id};
use crate::journal::{Digest, JobLog, JournalError, Step, Upkeep};
use crate::runtime_clock::runtime_clock;

/// Writes so many events with the digest `digest`.
async fn digested(pen: &mut Pen, events: u64, digest: &'static str) {
    let step = Step {
        digest: Some(Bytes::from(digest)),
        ..pen.step(events)
    };
    pen.commit(step).await.unwrap();
}

fn digest(number: u64, last: EventId, text: &'static str) -> Digest {
    let bytes = Bytes::from(text);
    Digest {
        number,
        last,
        bytes,
    }
}

async fn rows(journal: &EmbeddedJournal) -> i64 {
    let count = journal.database.read(|connection| {
        Ok::<i64, JournalError>(connection.query_row(
            "SELECT count(*) FROM digests",
            [],
            |row| row.get(0),
        )?)
    });
    count.await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn digests_are_numbered_and_stand_at_the_head_that_they_were_written_at() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), runtime_clock());
    let journal = open(&dir, &clock);
    let world = world_of(journal.clone(), clock, dir);
    let (mut pen, mut other) = (world.begin().await, world.begin().await);
    digested(&mut pen, 2, "a").await;
    digested(&mut other, 1, "x").await;
    pen.write(3).await;
    // URLs may be discovered without an event.
    digested(&mut pen, 0, "b").await;
    let mut pen = world.take_over(&pen).await;
    digested(&mut pen, 1, "c").await;
    let expected = [
        digest(1, id(1, 2), "a"),
        digest(2, id(1, 5), "b"),
        digest(3, id(2, 6), "c"),
    ];
    let all = journal.digests(pen.channel(), 0, 1 << 20).await.unwrap();
    assert_eq!(all, expected);
    for (after, wanted) in (0..).zip(&expected) {
        let page = journal.digests(pen.channel(), after, 1).await.unwrap();
        assert_eq!(&page, std::slice::from_ref(wanted));
    }
    assert_eq!(journal.digests(pen.channel(), 3, 1).await.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn digests_go_with_the_end_of_their_job() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), runtime_clock());
    let journal = open(&dir, &clock);
    let world = world_of(journal.clone(), clock, dir);
    let mut pen = world.begin().await;
    for _ in 0..50 {
        digested(&mut pen, 1, "a").await;
    }
    pen.end(Terminal::Done).await;
    journal
        .expire(shared::Timestamp::from_millis(0))
        .await
        .unwrap();
    assert_eq!(rows(&journal).await, 0);
    assert_eq!(world.positions(pen.channel()).await.len(), 51);
}

#[tokio::test(start_paused = true)]
async fn a_digest_that_has_changed_or_is_missing_is_reported() {
    for damage in [
        "UPDATE digests SET digest = x'00' WHERE position = 2",
        "UPDATE digests SET position = 1 WHERE position = 2",
        "DELETE FROM digests WHERE position = 1",
    ] {
        let (dir, clock) = (tempfile::tempdir().unwrap(), runtime_clock());
        let journal = open(&dir, &clock);
        let world = world_of(journal.clone(), clock, dir);
        let mut pen = world.begin().await;
        for _ in 0..3 {
            digested(&mut pen, 1, "a").await;
        }
        let spoil: Result<usize, JournalError> = journal
            .database
            .write(move |tx| Ok(tx.execute(damage, [])?))
            .await;
        assert_eq!(spoil.unwrap(), 1);
        let read = journal.digests(pen.channel(), 0, 1 << 20).await;
        assert!(matches!(read, Err(JournalError::Damaged(_))), "{damage}");
    }
}
