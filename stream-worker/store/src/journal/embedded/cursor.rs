//! Compares a watcher's cursor with the log.

use rusqlite::Connection;
use shared::{Attempt, ChannelId, EventId, Position};

use super::channel_row::ChannelRow;
use super::event_rows;
use crate::journal::Cursor;
use crate::sqlite::StoreError;

const FROM_THE_START: Cursor = Cursor::Unknown { from: Position(1) };

pub(super) fn locate(
    connection: &Connection,
    channel: ChannelId,
    cursor: EventId,
) -> Result<Cursor, StoreError> {
    if cursor == EventId::START {
        return Ok(Cursor::Valid);
    }
    let Some(row) = ChannelRow::find(connection, channel)? else {
        return Ok(FROM_THE_START);
    };
    let head = row.record.head;
    if cursor == head {
        return Ok(Cursor::Valid);
    }
    if row.record.stage.is_expired() {
        let from = head.position.next();
        return Ok(Cursor::Trimmed { from });
    }
    // No attempt beyond the last one has written anything, and none has written before the first place.
    if cursor.attempt > row.record.attempt || cursor.position == Position(0) {
        return Ok(FROM_THE_START);
    }
    // Nothing follows a terminal event: what claims to is of another log.
    if row.record.stage.outcome().is_some() && cursor.position > head.position {
        return Ok(FROM_THE_START);
    }
    if cursor.position <= head.position {
        let writer = event_rows::attempt_at(connection, &row, cursor.position)?;
        if writer == cursor.attempt {
            return Ok(Cursor::Valid);
        }
        // Later attempts write at later places only.
        if writer < cursor.attempt {
            return Ok(FROM_THE_START);
        }
    }
    // That attempt may have written there, and a crash of the disk took it back. What it wrote before is still common.
    let from = first_after(connection, &row, cursor.attempt)?;
    Ok(Cursor::LostTail { from })
}

/// The first position that no attempt up to `attempt` wrote. Attempts never fall along the log, so it is found by halving.
fn first_after(
    connection: &Connection,
    row: &ChannelRow,
    attempt: Attempt,
) -> Result<Position, StoreError> {
    let (mut low, mut high) = (1, row.record.head.position.0 + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        if event_rows::attempt_at(connection, row, Position(middle))? > attempt {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Ok(Position(low))
}
