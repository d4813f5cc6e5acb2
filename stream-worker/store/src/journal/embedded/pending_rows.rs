//! A channel's pending URLs, row by row.

use rusqlite::{Connection, Row, params};

use super::channel_row::ChannelRow;
use super::key::{ChannelNumber, Key};
use crate::journal::{Ordinal, Pending};
use crate::sqlite::StoreError;

/// Adds a URL; false if its ordinal is there already.
pub(super) fn insert(
    connection: &Connection,
    channel: ChannelNumber,
    pending: &Pending,
) -> Result<bool, StoreError> {
    let key = Key::new(channel, pending.ordinal.0)?;
    let added = connection
        .prepare_cached(
            "INSERT INTO pending (key, depth, crc, url, referrer) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            key.0,
            pending.depth,
            checksum(key, pending),
            pending.url,
            pending.referrer,
        ])?;
    Ok(added > 0)
}

/// Deletes a URL; false if it was not there.
pub(super) fn remove(
    connection: &Connection,
    channel: ChannelNumber,
    ordinal: Ordinal,
) -> Result<bool, StoreError> {
    let key = Key::new(channel, ordinal.0)?;
    let gone = connection
        .prepare_cached("DELETE FROM pending WHERE key = ?1")?
        .execute([key.0])?;
    Ok(gone > 0)
}

/// Up to `most` URLs after `after`, in order. Checks each one.
pub(super) fn page(
    connection: &Connection,
    row: &ChannelRow,
    after: Ordinal,
    most: usize,
) -> Result<Vec<Pending>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT key, depth, crc, url, referrer FROM pending
         WHERE key > ?1 AND key <= ?2 ORDER BY key LIMIT ?3",
    )?;
    let range = params![
        Key::new(row.number, after.0)?.0,
        Key::last(row.number).0,
        i64::try_from(most).unwrap_or(i64::MAX),
    ];
    let rows = statement.query_map(range, |stored| Ok(read(row, stored)))?;
    rows.map(|read| read?).collect()
}

pub(super) fn count(connection: &Connection, channel: ChannelNumber) -> Result<u64, StoreError> {
    let count: i64 = connection
        .prepare_cached("SELECT count(*) FROM pending WHERE key BETWEEN ?1 AND ?2")?
        .query_row([Key::first(channel).0, Key::last(channel).0], |row| {
            row.get(0)
        })?;
    Ok(count.cast_unsigned())
}

/// Deletes up to `most` URLs, the first ones; answers their number.
pub(super) fn delete(
    connection: &Connection,
    channel: ChannelNumber,
    most: i64,
) -> Result<usize, StoreError> {
    Ok(connection
        .prepare_cached(
            "DELETE FROM pending WHERE key IN
             (SELECT key FROM pending WHERE key BETWEEN ?1 AND ?2 ORDER BY key LIMIT ?3)",
        )?
        .execute([Key::first(channel).0, Key::last(channel).0, most])?)
}

fn read(row: &ChannelRow, stored: &Row<'_>) -> Result<Pending, StoreError> {
    let key = Key(stored.get(0)?);
    let pending = Pending {
        ordinal: Ordinal(key.number()),
        depth: stored.get(1)?,
        url: stored.get(3)?,
        referrer: stored.get(4)?,
    };
    if stored.get::<_, u32>(2)? == checksum(key, &pending) {
        return Ok(pending);
    }
    Err(StoreError::Damaged(format!(
        "the waiting URL {} of channel {}",
        pending.ordinal.0, row.channel
    )))
}

fn checksum(key: Key, pending: &Pending) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&key.0.to_le_bytes());
    crc.update(&pending.depth.to_le_bytes());
    crc.update(pending.url.as_bytes());
    // A byte that no URL has, so that no other pair of texts has the same sum by moving the border.
    if let Some(referrer) = &pending.referrer {
        crc.update(b"\n");
        crc.update(referrer.as_bytes());
    }
    crc.finalize()
}
