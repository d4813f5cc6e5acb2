//! A channel's log, row by row.

use bytes::{Bytes, BytesMut};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, params};
use shared::{Attempt, EventId, Frame, Position, sse};

use super::channel_row::ChannelRow;
use super::key::{ChannelNumber, Key};
use crate::journal::{Entry, Stored};
use crate::sqlite::StoreError;

/// Writes one event.
pub(super) fn insert(
    connection: &Connection,
    channel: ChannelNumber,
    id: EventId,
    entry: &Entry,
) -> Result<(), StoreError> {
    let key = Key::new(channel, id.position.0)?;
    let whole = entry.whole.as_deref();
    connection
        .prepare_cached(
            "INSERT INTO events (key, attempt, crc, whole_crc, frame, whole)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            key.0,
            id.attempt.0,
            checksum(key, id.attempt, &entry.frame),
            whole.map(|whole| checksum(key, id.attempt, whole)),
            &entry.frame[..],
            whole,
        ])?;
    if let Some(gist) = entry.gist.as_deref() {
        connection
            .prepare_cached("INSERT INTO gists (key, crc, gist) VALUES (?1, ?2, ?3)")?
            .execute(params![key.0, checksum(key, id.attempt, gist), gist])?;
    }
    Ok(())
}

/// Frames after `after`, up to the head. Checks each one, and that none is missing.
pub(super) fn frames(
    connection: &Connection,
    row: &ChannelRow,
    after: Position,
    budget: usize,
) -> Result<Vec<Frame>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT key, attempt, crc, frame FROM events WHERE key > ?1 AND key <= ?2 ORDER BY key",
    )?;
    // All frames share one buffer: an allocation for each would cost more than reading it.
    let mut buffer = BytesMut::new();
    let mut ids = Vec::new();
    walk(row, after, &mut statement, |stored, id, key| {
        let frame = blob(row, stored, 3)?;
        if stored.get::<_, u32>(2)? != checksum(key, id.attempt, frame) {
            return Err(damaged(row, id.position));
        }
        buffer.extend_from_slice(frame);
        ids.push((id, buffer.len()));
        Ok(buffer.len() < budget)
    })?;
    let bytes = buffer.freeze();
    let mut start = 0;
    let frames = ids.into_iter().map(|(id, end)| Frame {
        id,
        bytes: bytes.slice(std::mem::replace(&mut start, end)..end),
    });
    Ok(frames.collect())
}

/// As [`frames`]: each event's whole data.
pub(super) fn whole(
    connection: &Connection,
    row: &ChannelRow,
    after: Position,
    budget: usize,
) -> Result<Vec<Stored>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT key, attempt, crc, frame, whole_crc, whole FROM events
         WHERE key > ?1 AND key <= ?2 ORDER BY key",
    )?;
    let mut events = Vec::new();
    let mut size = 0;
    walk(row, after, &mut statement, |stored, id, key| {
        let broken = || damaged(row, id.position);
        let frame = blob(row, stored, 3)?;
        if stored.get::<_, u32>(2)? != checksum(key, id.attempt, frame) {
            return Err(broken());
        }
        let data = match stored.get::<_, Option<u32>>(4)? {
            None => sse::data(frame).ok_or_else(broken)?,
            Some(crc) => {
                let whole = blob(row, stored, 5)?;
                if crc != checksum(key, id.attempt, whole) {
                    return Err(broken());
                }
                whole
            }
        };
        size += data.len();
        events.push(Stored {
            id,
            data: Bytes::copy_from_slice(data),
        });
        Ok(size < budget)
    })?;
    Ok(events)
}

/// As [`frames`]: each event's gist, or the data of its frame if it has none. A frame whose gist is there is not read.
pub(super) fn gists(
    connection: &Connection,
    row: &ChannelRow,
    after: Position,
    budget: usize,
) -> Result<Vec<Stored>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT events.key, attempt, coalesce(gists.crc, events.crc),
                CASE WHEN gists.key IS NULL THEN frame END, gist
         FROM events LEFT JOIN gists ON gists.key = events.key
         WHERE events.key > ?1 AND events.key <= ?2 ORDER BY events.key",
    )?;
    let mut events = Vec::new();
    let mut size = 0;
    walk(row, after, &mut statement, |stored, id, key| {
        let broken = || damaged(row, id.position);
        let has_gist = !matches!(stored.get_ref(4)?, ValueRef::Null);
        let bytes = blob(row, stored, if has_gist { 4 } else { 3 })?;
        if stored.get::<_, u32>(2)? != checksum(key, id.attempt, bytes) {
            return Err(broken());
        }
        let data = if has_gist {
            bytes
        } else {
            sse::data(bytes).ok_or_else(broken)?
        };
        size += data.len();
        events.push(Stored {
            id,
            data: Bytes::copy_from_slice(data),
        });
        Ok(size < budget)
    })?;
    Ok(events)
}

/// Calls `each` with the rows after `after`, in order, until it returns false or the head is reached.
fn walk(
    row: &ChannelRow,
    after: Position,
    statement: &mut rusqlite::Statement<'_>,
    mut each: impl FnMut(&Row<'_>, EventId, Key) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    let head = row.record.head.position;
    if after >= head || row.record.stage.is_expired() {
        return Ok(());
    }
    let from = Key::new(row.number, after.0)?;
    let mut rows = statement.query(params![from.0, Key::last(row.number).0])?;
    let mut expected = after.next();
    while let Some(stored) = rows.next()? {
        let key = Key(stored.get(0)?);
        if key.number() != expected.0 || expected > head {
            return Err(damaged(row, expected));
        }
        let id = EventId::new(Attempt(stored.get(1)?), expected);
        if !each(stored, id, key)? {
            return Ok(());
        }
        expected = expected.next();
    }
    if expected <= head {
        return Err(damaged(row, expected));
    }
    Ok(())
}

/// The attempt that wrote the event at `position`.
pub(super) fn attempt_at(
    connection: &Connection,
    row: &ChannelRow,
    position: Position,
) -> Result<Attempt, StoreError> {
    let key = Key::new(row.number, position.0)?;
    let found = connection
        .prepare_cached("SELECT attempt, crc, frame FROM events WHERE key = ?1")?
        .query_row([key.0], |stored| {
            let attempt = Attempt(stored.get(0)?);
            let crc: u32 = stored.get(1)?;
            let frame = stored
                .get_ref(2)?
                .as_blob()
                .map_err(rusqlite::Error::from)?;
            Ok((crc == checksum(key, attempt, frame)).then_some(attempt))
        })
        .optional()?;
    found.flatten().ok_or_else(|| damaged(row, position))
}

/// Deletes up to `most` events and gists; answers how many went.
pub(super) fn delete(
    connection: &Connection,
    channel: ChannelNumber,
    most: i64,
) -> Result<usize, StoreError> {
    let mut gone = 0;
    for sql in [
        "DELETE FROM gists WHERE key IN
         (SELECT key FROM gists WHERE key BETWEEN ?1 AND ?2 ORDER BY key LIMIT ?3)",
        "DELETE FROM events WHERE key IN
         (SELECT key FROM events WHERE key BETWEEN ?1 AND ?2 ORDER BY key LIMIT ?3)",
    ] {
        gone += connection.prepare_cached(sql)?.execute([
            Key::first(channel).0,
            Key::last(channel).0,
            most,
        ])?;
    }
    Ok(gone)
}

fn blob<'r>(row: &ChannelRow, stored: &'r Row<'_>, column: usize) -> Result<&'r [u8], StoreError> {
    let value = stored.get_ref(column)?;
    value
        .as_blob()
        .map_err(|_error| StoreError::Damaged(format!("an event of channel {}", row.channel)))
}

fn damaged(row: &ChannelRow, position: Position) -> StoreError {
    StoreError::Damaged(format!(
        "the event at position {position} of channel {}",
        row.channel
    ))
}

/// CRC-32 of a row's bytes together with its ID and its attempt: a row that has moved is as wrong as one that has changed.
fn checksum(key: Key, attempt: Attempt, bytes: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&key.0.to_le_bytes());
    crc.update(&attempt.0.to_le_bytes());
    crc.update(bytes);
    crc.finalize()
}
