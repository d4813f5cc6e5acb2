//! Leases: the right to write a job's log.

use std::time::Duration;

use rusqlite::Connection;
use shared::{ChannelId, JobMessage, Timestamp};

use super::channel_row::ChannelRow;
use super::record::{Audience, Record, Stage};
use super::{outbox, pending_rows, usage_rows};
use crate::journal::{Acquired, Checkpoint, JournalError, Lease};
use crate::sqlite::StoreError;

/// Checks that no pending URL of a job whose lease is free has vanished: it would never be crawled, and nobody would know. Takes
/// time in proportion to their number.
pub(super) fn check_pending(
    connection: &Connection,
    channel: ChannelId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(row) = ChannelRow::find(connection, channel)? else {
        return Ok(());
    };
    // What a job that has ended did not crawl goes bit by bit, and whoever holds a lease has checked.
    let is_held = row.record.lease_until.is_some_and(|until| until > now);
    if is_held || row.record.stage.outcome().is_some() {
        return Ok(());
    }
    let (kept, noted) = (
        pending_rows::count(connection, row.number)?,
        row.record.pending,
    );
    if kept == noted {
        return Ok(());
    }
    Err(StoreError::Damaged(format!(
        "channel {channel} has {kept} waiting URLs instead of {noted}"
    )))
}

/// Takes the lease on `job` for `worker` until `until`; answers the number of its webhook too, if it has just become pending.
pub(super) fn acquire(
    connection: &Connection,
    job: &JobMessage,
    worker: String,
    now: Timestamp,
    lease: Duration,
) -> Result<(Acquired, Option<u64>), StoreError> {
    let mut webhook = None;
    let mut row = match ChannelRow::find(connection, job.channel_id)? {
        Some(row) => row,
        None => ChannelRow::create(connection, job.channel_id, now)?,
    };
    if row.record.stage.outcome().is_some() {
        return Ok((Acquired::Finished, None));
    }
    if let Some(until) = row.record.lease_until.filter(|until| *until > now) {
        return Ok((Acquired::Held(until.since(now)), None));
    }
    if row.record.stage == Stage::Awaited {
        row.keep_job(connection, job)?;
        usage_rows::begin(connection, row.number, job, now)?;
        webhook = outbox::add(connection, &mut row, job, now)?;
        row.record.stage = Stage::Live;
        row.since = now;
    }
    row.record.attempt = row.record.attempt.next();
    row.record.attempts_without_progress = row.record.attempts_without_progress.saturating_add(1);
    row.record.worker = worker;
    row.record.lease_until = Some(now.plus(lease));
    let started_at = *row.record.started_at.get_or_insert(now);
    row.save(connection)?;
    let lease = Lease {
        channel: row.channel,
        attempt: row.record.attempt,
    };
    let checkpoint = Checkpoint {
        seed: row.record.seed,
        started_at,
        counts: row.record.counts.at_rest(),
        head: row.record.head,
        attempts_without_progress: row.record.attempts_without_progress,
        control: row.record.control(),
    };
    let acquired = if checkpoint.head.position.0 == 0 {
        Acquired::Fresh(lease, checkpoint)
    } else {
        Acquired::Resumed(lease, checkpoint)
    };
    Ok((acquired, webhook))
}

/// The row of a job whose lease is held.
pub(super) fn held(connection: &Connection, lease: &Lease) -> Result<ChannelRow, JournalError> {
    ChannelRow::find(connection, lease.channel)?
        .filter(|row| row.record.is_held_by(lease.attempt))
        .ok_or(JournalError::LeaseLost)
}

pub(super) fn renew(
    connection: &Connection,
    lease: &Lease,
    until: Timestamp,
) -> Result<(), JournalError> {
    let mut row = held(connection, lease)?;
    row.record.lease_until = Some(until);
    Ok(row.save(connection)?)
}

/// Gives a lease back. Doing so twice, or after the end, is no error.
pub(super) fn release(connection: &Connection, lease: &Lease) -> Result<(), JournalError> {
    let Some(mut row) = ChannelRow::find(connection, lease.channel)? else {
        return Err(JournalError::LeaseLost);
    };
    if row.record.attempt != lease.attempt {
        return Err(JournalError::LeaseLost);
    }
    if row.record.lease_until.take().is_some() {
        row.record.attempts_without_progress =
            row.record.attempts_without_progress.saturating_sub(1);
    }
    Ok(row.save(connection)?)
}

/// Cleans up after the process that had this file before. Its leases are freed, though its attempts stay counted, so that it is
/// fenced wherever it may still be. Watchers could not be here while it was gone, so that their grace begins now.
pub(super) fn recover(connection: &Connection, now: Timestamp) -> Result<(), StoreError> {
    for mut row in ChannelRow::all(connection)? {
        if row.record.stage.outcome().is_some() {
            continue;
        }
        let after = Record {
            lease_until: None,
            audience: match row.record.audience {
                Audience::Never => Audience::Never,
                Audience::Here | Audience::GoneSince(_) => Audience::GoneSince(now),
            },
            ..row.record.clone()
        };
        if after != row.record {
            row.record = after;
            row.save(connection)?;
        }
    }
    Ok(())
}
