//! Compares a watcher's cursor with the log.

use rusqlite::Connection;
use shared::{Attempt, ChannelId, EventId, Position};

use super::channel_row::ChannelRow;
use super::event_rows;
use crate::journal::{Cursor, Page};
use crate::sqlite::StoreError;

pub(super) fn locate(
    connection: &Connection,
    channel: ChannelId,
    cursor: EventId,
) -> Result<Cursor, StoreError> {
    match ChannelRow::find(connection, channel)? {
        Some(row) => compare(connection, &row, cursor),
        None if cursor == EventId::START => Ok(Cursor::Valid),
        None => Ok(Cursor::Unknown),
    }
}

/// Reads what follows `after` with `read`, if the log holds that event.
pub(super) fn proved<T>(
    connection: &Connection,
    row: &ChannelRow,
    after: EventId,
    read: impl FnOnce(Position) -> Result<Vec<T>, StoreError>,
) -> Result<Page<T>, StoreError> {
    Ok(match compare(connection, row, after)? {
        Cursor::Valid => Page::Next(read(after.position)?),
        Cursor::Trimmed { .. } => Page::Next(Vec::new()),
        Cursor::Unknown => Page::Parted {
            after: EventId::START,
        },
        Cursor::LostTail { after } => Page::Parted { after },
    })
}

fn compare(
    connection: &Connection,
    row: &ChannelRow,
    cursor: EventId,
) -> Result<Cursor, StoreError> {
    let head = row.record.head;
    if cursor == EventId::START || cursor == head {
        return Ok(Cursor::Valid);
    }
    if row.record.stage.is_expired() {
        return Ok(Cursor::Trimmed { after: head });
    }
    // No attempt beyond the last one has written anything, and none has written before the first place.
    if cursor.attempt > row.record.attempt || cursor.position == Position(0) {
        return Ok(Cursor::Unknown);
    }
    // Nothing follows a terminal event: what claims to is of another log.
    if row.record.stage.outcome().is_some() && cursor.position > head.position {
        return Ok(Cursor::Unknown);
    }
    if cursor.position <= head.position {
        let writer = event_rows::attempt_at(connection, row, cursor.position)?;
        if writer == cursor.attempt {
            return Ok(Cursor::Valid);
        }
        // Later attempts write at later places only.
        if writer < cursor.attempt {
            return Ok(Cursor::Unknown);
        }
    }
    // That attempt may have written there, and a crash of the disk took it back. What it wrote before is still common.
    let after = last_up_to(connection, row, cursor.attempt)?;
    Ok(Cursor::LostTail { after })
}

/// The last event that an attempt up to `attempt` wrote. Attempts never fall along the log, so it is found by halving.
fn last_up_to(
    connection: &Connection,
    row: &ChannelRow,
    attempt: Attempt,
) -> Result<EventId, StoreError> {
    let (mut low, mut high) = (1, row.record.head.position.0 + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        if event_rows::attempt_at(connection, row, Position(middle))? > attempt {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    let last = Position(low - 1);
    if last == Position(0) {
        return Ok(EventId::START);
    }
    let writer = event_rows::attempt_at(connection, row, last)?;
    Ok(EventId::new(writer, last))
}
