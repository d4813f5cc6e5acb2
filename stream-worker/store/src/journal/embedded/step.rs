//! Writes a step: the only change of a job's events, pending URLs and counters.

use shared::{EventId, Frame, Terminal, Timestamp, host_robots};

use super::channel_row::ChannelRow;
use super::record::Stage;
use super::{digest_rows, event_rows, lease, pending_rows, usage_rows};
use crate::journal::{Advance, JournalError, Lease, Step};
use crate::sqlite::{StoreError, Transaction};

/// Pending URLs that a job's last step deletes with it, at most. More are left to the next sweep, so that the end of a large
/// job holds up no other one's commit.
const TIDIED_AT_ONCE: i64 = 1000;

/// Bytes that a step writes, about.
pub(super) fn size(step: &Step) -> usize {
    let entry = |entry: &crate::journal::Entry| {
        let beside = [&entry.whole, &entry.gist].into_iter().flatten();
        entry.frame.len() + beside.map(bytes::Bytes::len).sum::<usize>()
    };
    let pending = |pending: &crate::journal::Pending| {
        pending.url.len() + pending.referrer.as_ref().map_or(0, String::len)
    };
    step.digest.as_ref().map_or(0, bytes::Bytes::len)
        + step.entries.iter().map(entry).sum::<usize>()
        + step.discovered.iter().map(pending).sum::<usize>()
}

/// Writes a step; answers the advance for followers, if the head has moved.
pub(super) fn commit(
    transaction: &Transaction<'_>,
    held: &Lease,
    step: &Step,
    now: Timestamp,
) -> Result<Option<Advance>, JournalError> {
    let mut row = lease::held(transaction, held)?;
    if step.first != row.record.head.position.next() {
        return Err(JournalError::LeaseLost);
    }
    let frames = write_events(transaction, held, step, &row)?;
    if let Some(last) = frames.last() {
        row.record.head = last.id;
    }
    if let Some(digest) = &step.digest {
        digest_rows::insert(transaction, row.number, row.record.head, digest)?;
    }
    move_urls(transaction, step, &mut row)?;
    let pages = step
        .counts
        .fetched
        .saturating_sub(row.record.counts.fetched);
    usage_rows::add_pages(transaction, row.number, pages, now)?;
    row.record.counts = step.counts;
    host_robots::remember(&mut row.record.robots, &step.robots);
    if !step.completed.is_empty() {
        row.record.attempts_without_progress = 0;
    }
    if let Some(outcome) = step.outcome {
        end(transaction, &mut row, outcome, now)?;
    }
    row.save(transaction)?;
    Ok((!frames.is_empty()).then(|| Advance {
        head: row.record.head,
        ended: step.outcome.is_some(),
        frames,
        parted: None,
    }))
}

fn write_events(
    transaction: &Transaction<'_>,
    held: &Lease,
    step: &Step,
    row: &ChannelRow,
) -> Result<Vec<Frame>, StoreError> {
    let mut frames = Vec::with_capacity(step.entries.len());
    let mut position = step.first;
    for entry in &step.entries {
        let id = EventId::new(held.attempt, position);
        event_rows::insert(transaction, row.number, id, entry)?;
        frames.push(Frame {
            id,
            bytes: entry.frame.clone(),
        });
        position = position.next();
    }
    Ok(frames)
}

fn move_urls(
    transaction: &Transaction<'_>,
    step: &Step,
    row: &mut ChannelRow,
) -> Result<(), StoreError> {
    for pending in &step.discovered {
        row.record.pending += u64::from(pending_rows::insert(transaction, row.number, pending)?);
    }
    for ordinal in &step.completed {
        let gone = pending_rows::remove(transaction, row.number, *ordinal)?;
        row.record.pending = row.record.pending.saturating_sub(u64::from(gone));
    }
    Ok(())
}

fn end(
    transaction: &Transaction<'_>,
    row: &mut ChannelRow,
    outcome: Terminal,
    now: Timestamp,
) -> Result<(), StoreError> {
    let gone = pending_rows::delete(transaction, row.number, TIDIED_AT_ONCE)?;
    row.record.pending = row.record.pending.saturating_sub(gone as u64);
    // Without digests nothing is deleted, and nothing is left.
    let digests = digest_rows::delete(transaction, row.number)?;
    row.record.stage = if row.record.pending == 0 && digests == 0 {
        Stage::Ended(outcome)
    } else {
        Stage::EndedSweeping(outcome)
    };
    row.record.lease_until = None;
    row.record.ended_at = Some(now);
    row.since = now;
    Ok(())
}
