//! Deletes the rows of jobs whose retention is over.
//!
//! An ended job's channel is marked first, which hides its events, and then swept slice by slice, each slice a command of its
//! own, so that commits of jobs that run pass between them. A crash in between leaves a marked channel that the next sweep
//! goes on with. The record itself stays for one more retention period as a tombstone.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension};
use shared::Timestamp;

use super::channel_row::ChannelRow;
use super::record::{Phase, Stage};
use super::{digest_rows, event_rows, pending_rows, usage_rows};
use crate::sqlite::{Database, StoreError};

/// Rows deleted by one command.
const SLICE: i64 = 1000;

/// Channels marked or forgotten by one command.
const CHANNELS: usize = 100;

/// Time for which a channel is kept whose job has not come: its submission may still be in the queue.
const AWAITED: Duration = Duration::from_secs(86_400);

/// Pages given back to the file system by one command.
const VACUUM_PAGES: i64 = 512;

/// Free pages that the file keeps for what comes next.
const SPARE_PAGES: i64 = 1024;

/// Marks jobs that ended before `ended_before` and sweeps; answers the number of channels that were marked.
pub(super) async fn expire(
    database: &Database,
    ended_before: Timestamp,
    now: Timestamp,
    retention: Duration,
) -> Result<usize, StoreError> {
    let mut marked = 0;
    loop {
        let slice = database
            .write(move |tx| mark(tx, ended_before, now))
            .await?;
        marked += slice;
        if slice == 0 {
            break;
        }
    }
    while database.write(move |tx| sweep(tx, now)).await? == Swept::More {}
    let forget_before = Timestamp::from_millis(now.millis() - millis(retention));
    let awaited_before = Timestamp::from_millis(now.millis() - millis(AWAITED));
    while database
        .write(move |tx| forget(tx, forget_before, awaited_before))
        .await?
        == Swept::More
    {}
    database
        .write(move |tx| usage_rows::forget(tx, now))
        .await?;
    while database.write(|tx| vacuum(tx)).await? == Swept::More {}
    Ok(marked)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Swept {
    More,
    All,
}

fn mark(
    connection: &Connection,
    ended_before: Timestamp,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let mut marked = 0;
    for phase in [Phase::Ended, Phase::EndedSweeping] {
        for mut row in ChannelRow::in_phase(connection, phase, ended_before, CHANNELS)? {
            let Some(outcome) = row.record.stage.outcome() else {
                continue;
            };
            row.record.stage = Stage::Expiring(outcome);
            row.since = now;
            row.save(connection)?;
            marked += 1;
        }
    }
    Ok(marked)
}

/// Deletes one slice of the rows of an ended or an expired job.
fn sweep(connection: &Connection, now: Timestamp) -> Result<Swept, StoreError> {
    let ever = Timestamp::from_millis(i64::MAX);
    for phase in [Phase::Expiring, Phase::EndedSweeping] {
        if let Some(row) = ChannelRow::in_phase(connection, phase, ever, 1)?.pop() {
            sweep_one(connection, row, now)?;
            return Ok(Swept::More);
        }
    }
    Ok(Swept::All)
}

fn sweep_one(
    connection: &Connection,
    mut row: ChannelRow,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut gone = pending_rows::delete(connection, row.number, SLICE)?;
    row.record.pending = row.record.pending.saturating_sub(gone as u64);
    let stage = row.record.stage;
    if gone == 0 {
        gone = digest_rows::delete(connection, row.number)?;
    }
    if gone == 0 && stage.is_expired() {
        gone = event_rows::delete(connection, row.number, SLICE)?;
    }
    if gone == 0 {
        row.record.pending = 0;
        match stage {
            Stage::EndedSweeping(outcome) => row.record.stage = Stage::Ended(outcome),
            Stage::Expiring(outcome) => {
                row.record.stage = Stage::Expired(outcome);
                row.since = now;
            }
            Stage::Awaited | Stage::Live | Stage::Ended(_) | Stage::Expired(_) => {}
        }
    }
    row.save(connection)
}

/// Deletes the records of tombstones, and of channels whose job never came.
fn forget(
    connection: &Connection,
    expired_before: Timestamp,
    awaited_before: Timestamp,
) -> Result<Swept, StoreError> {
    let mut rows = ChannelRow::in_phase(connection, Phase::Expired, expired_before, CHANNELS)?;
    rows.extend(ChannelRow::in_phase(
        connection,
        Phase::Awaited,
        awaited_before,
        CHANNELS,
    )?);
    for row in &rows {
        row.delete(connection)?;
    }
    Ok(if rows.is_empty() {
        Swept::All
    } else {
        Swept::More
    })
}

/// Gives a slice of free pages back to the file system.
fn vacuum(connection: &Connection) -> Result<Swept, StoreError> {
    let free: i64 = connection
        .prepare_cached("PRAGMA freelist_count")?
        .query_row([], |row| row.get(0))?;
    if free <= SPARE_PAGES {
        return Ok(Swept::All);
    }
    // Each step of the statement frees one page.
    let mut statement =
        connection.prepare(&format!("PRAGMA incremental_vacuum({VACUUM_PAGES})"))?;
    let mut pages = statement.query([])?;
    while pages.next()?.is_some() {}
    let left: Option<i64> = connection
        .prepare_cached("PRAGMA freelist_count")?
        .query_row([], |row| row.get(0))
        .optional()?;
    // A file that does not shrink is not asked again.
    Ok(if left.is_some_and(|left| left < free) {
        Swept::More
    } else {
        Swept::All
    })
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}
