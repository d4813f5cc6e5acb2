//! A job's control flags: cancelled, paused, watched.

use rusqlite::Connection;
use shared::JobState;
use shared::{ChannelId, Timestamp};

use super::channel_row::ChannelRow;
use super::record::{Audience, Record};
use crate::journal::{CancelReason, Control};
use crate::sqlite::StoreError;

/// Raises the cancel flag; answers the state before and the flags after.
pub(super) fn cancel(
    connection: &Connection,
    channel: ChannelId,
    reason: CancelReason,
    now: Timestamp,
) -> Result<(JobState, Control), StoreError> {
    let mut before = None;
    let control = change(connection, channel, now, |record| {
        before = Some(record.state());
        if !record.state().is_terminal() {
            record.cancel.get_or_insert(reason);
        }
    })?;
    Ok((before.unwrap_or(JobState::Queued), control))
}

/// Gates or opens the stream.
pub(super) fn pause(
    connection: &Connection,
    channel: ChannelId,
    paused: bool,
    now: Timestamp,
) -> Result<Control, StoreError> {
    change(connection, channel, now, |record| record.paused = paused)
}

/// Notes the presence of watchers. Does nothing to a job that has ended.
pub(super) fn attend(
    connection: &Connection,
    channel: ChannelId,
    present: bool,
    now: Timestamp,
) -> Result<Control, StoreError> {
    change(connection, channel, now, |record| {
        if record.stage.outcome().is_some() {
            return;
        }
        record.audience = match (record.audience, present) {
            (_, true) => Audience::Here,
            (Audience::Here, false) => Audience::GoneSince(now),
            (before @ (Audience::Never | Audience::GoneSince(_)), false) => before,
        };
    })
}

/// The flags; those of an unknown channel are all down.
pub(super) fn read(connection: &Connection, channel: ChannelId) -> Result<Control, StoreError> {
    let row = ChannelRow::find(connection, channel)?;
    Ok(row.map_or_else(Control::default, |row| row.record.control()))
}

fn change(
    connection: &Connection,
    channel: ChannelId,
    now: Timestamp,
    change: impl FnOnce(&mut Record),
) -> Result<Control, StoreError> {
    let found = ChannelRow::find(connection, channel)?;
    let before = found
        .as_ref()
        .map_or_else(|| Record::awaited(0), |row| row.record.clone());
    let mut after = before.clone();
    change(&mut after);
    // A channel that nothing is known of is not made for a change that changes nothing.
    if after == before {
        return Ok(after.control());
    }
    let mut row = match found {
        Some(row) => row,
        None => ChannelRow::create(connection, channel, now)?,
    };
    row.record = Record {
        seed: row.record.seed,
        ..after
    };
    row.save(connection)?;
    Ok(row.record.control())
}
