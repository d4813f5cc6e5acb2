//! A channel's digests, row by row: numbered, each with the last event that it is about.

use bytes::Bytes;
use rusqlite::{Connection, params};
use shared::{Attempt, EventId, Position};

use super::channel_row::ChannelRow;
use super::key::{ChannelNumber, Key};
use crate::journal::Digest;
use crate::sqlite::StoreError;

/// Digests that one command deletes at most: each has as many bytes as a hundred events.
const SLICE: i64 = 20;

/// Writes the digest of everything up to the event `last`, and to the URLs that were discovered with it.
pub(super) fn insert(
    connection: &Connection,
    channel: ChannelNumber,
    last: EventId,
    digest: &[u8],
) -> Result<(), StoreError> {
    let before: Option<i64> = connection
        .prepare_cached("SELECT max(key) FROM digests WHERE key BETWEEN ?1 AND ?2")?
        .query_row([Key::first(channel).0, Key::last(channel).0], |row| {
            row.get(0)
        })?;
    let key = Key::new(channel, before.map_or(0, |key| Key(key).number()) + 1)?;
    connection
        .prepare_cached(
            "INSERT INTO digests (key, attempt, position, crc, digest) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            key.0,
            last.attempt.0,
            last.position.0.cast_signed(),
            checksum(key, last, digest),
            digest
        ])?;
    Ok(())
}

/// Digests after the one with the number `after`, in order, about `budget` bytes of them and at least one if there is one. Checks each one.
pub(super) fn page(
    connection: &Connection,
    row: &ChannelRow,
    after: u64,
    budget: usize,
) -> Result<Vec<Digest>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT key, attempt, position, crc, digest FROM digests
         WHERE key > ?1 AND key <= ?2 ORDER BY key",
    )?;
    let range = [Key::new(row.number, after)?.0, Key::last(row.number).0];
    let mut rows = statement.query(range)?;
    let (mut digests, mut size) = (Vec::new(), 0);
    while let Some(stored) = rows.next()?
        && size < budget
    {
        let key = Key(stored.get(0)?);
        let position: i64 = stored.get(2)?;
        let last = EventId::new(Attempt(stored.get(1)?), Position(position.cast_unsigned()));
        let digest: Vec<u8> = stored.get(4)?;
        let number = after + 1 + digests.len() as u64;
        if key.number() != number || stored.get::<_, u32>(3)? != checksum(key, last, &digest) {
            return Err(StoreError::Damaged(format!(
                "the digest {number} of channel {}",
                row.channel
            )));
        }
        size += digest.len();
        digests.push(Digest {
            number,
            last,
            bytes: Bytes::from(digest),
        });
    }
    Ok(digests)
}

/// Deletes the first digests; answers how many went.
pub(super) fn delete(connection: &Connection, channel: ChannelNumber) -> Result<usize, StoreError> {
    Ok(connection
        .prepare_cached(
            "DELETE FROM digests WHERE key IN
             (SELECT key FROM digests WHERE key BETWEEN ?1 AND ?2 ORDER BY key LIMIT ?3)",
        )?
        .execute([Key::first(channel).0, Key::last(channel).0, SLICE])?)
}

/// CRC-32 of a digest together with its row ID and its last event: a row that has moved is as wrong as one that has changed.
fn checksum(key: Key, last: EventId, digest: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&key.0.to_le_bytes());
    crc.update(&last.attempt.0.to_le_bytes());
    crc.update(&last.position.0.to_le_bytes());
    crc.update(digest);
    crc.finalize()
}
