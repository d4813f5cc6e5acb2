//! Messages by their receipts.

use std::time::Duration;

use rusqlite::{Connection, params};
use shared::Timestamp;

use crate::queue::{Depth, NewMessage, QueueError, Receipt};
use crate::sqlite::StoreError;

/// Dead letters that are kept; the oldest go first. Each is at most a few tens of kilobytes.
const DEAD_LETTERS: i64 = 10_000;

/// One receive of one message: its ID and the serial number that the receive gave it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ticket {
    pub(super) id: i64,
    pub(super) serial: i64,
}

impl Ticket {
    pub(super) fn receipt(self) -> Receipt {
        Receipt(format!("{}-{}", self.id, self.serial))
    }

    /// A receipt that this queue never gave is as stale as an old one.
    pub(super) fn of(receipt: &Receipt) -> Result<Self, QueueError> {
        let parse = || {
            let (id, serial) = receipt.0.split_once('-')?;
            let (id, serial) = (id.parse().ok()?, serial.parse().ok()?);
            // Zero is before the first receive.
            (serial > 0).then_some(Self { id, serial })
        };
        parse().ok_or(QueueError::StaleReceipt)
    }
}

/// Adds a message; false if its channel is here already.
pub(super) fn insert(
    connection: &Connection,
    message: &NewMessage,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let added = connection
        .prepare_cached(
            "INSERT INTO messages (channel, tenant, state, visible_at, serial, receives, crc, body)
             VALUES (?1, ?2, 0, ?3, 0, 0, ?4, ?5) ON CONFLICT (channel) DO NOTHING",
        )?
        .execute(params![
            message.channel.as_bytes(),
            message.tenant,
            now.millis(),
            crc32fast::hash(&message.body),
            &message.body[..],
        ])?;
    Ok(added > 0)
}

pub(super) fn extend(
    connection: &Connection,
    ticket: Ticket,
    until: Timestamp,
) -> Result<(), QueueError> {
    let sql = "UPDATE messages SET state = 1, visible_at = ?3 WHERE id = ?1 AND serial = ?2";
    one(
        connection,
        sql,
        params![ticket.id, ticket.serial, until.millis()],
    )
}

pub(super) fn delete(connection: &Connection, ticket: Ticket) -> Result<(), QueueError> {
    let sql = "DELETE FROM messages WHERE id = ?1 AND serial = ?2";
    one(connection, sql, params![ticket.id, ticket.serial])
}

/// Gives a message back, at once or hidden until `until`.
pub(super) fn release(
    connection: &Connection,
    ticket: Ticket,
    delay: Duration,
    now: Timestamp,
) -> Result<(), QueueError> {
    let sql = "UPDATE messages SET state = ?3, visible_at = ?4, serial = serial + 1
               WHERE id = ?1 AND serial = ?2";
    let state = if delay.is_zero() { 0 } else { 2 };
    let visible_at = now.plus(delay).millis();
    one(
        connection,
        sql,
        params![ticket.id, ticket.serial, state, visible_at],
    )
}

/// Puts a message in the place of one that was received: the same row, as it was after its submission.
pub(super) fn resubmit(
    connection: &Connection,
    ticket: Ticket,
    message: &NewMessage,
    now: Timestamp,
) -> Result<(), QueueError> {
    let sql = "UPDATE messages SET state = 0, visible_at = ?3, serial = serial + 1, receives = 0, crc = ?4, body = ?5
               WHERE id = ?1 AND serial = ?2";
    let crc = crc32fast::hash(&message.body);
    one(
        connection,
        sql,
        params![
            ticket.id,
            ticket.serial,
            now.millis(),
            crc,
            &message.body[..]
        ],
    )
}

pub(super) fn dead_letter(
    connection: &Connection,
    ticket: Ticket,
    reason: &str,
    now: Timestamp,
) -> Result<(), QueueError> {
    let sql = "INSERT INTO dead_letters (channel, tenant, body, receives, died_at, reason)
               SELECT channel, tenant, body, receives, ?3, ?4 FROM messages
               WHERE id = ?1 AND serial = ?2";
    one(
        connection,
        sql,
        params![ticket.id, ticket.serial, now.millis(), reason],
    )?;
    connection
        .prepare_cached(
            "DELETE FROM dead_letters WHERE id <= (SELECT max(id) FROM dead_letters) - ?1",
        )?
        .execute([DEAD_LETTERS])?;
    delete(connection, ticket)
}

pub(super) fn depth(connection: &Connection, now: Timestamp) -> Result<Depth, StoreError> {
    let count = |sql: &str, params: &[&dyn rusqlite::ToSql]| -> Result<u64, StoreError> {
        let count: i64 = connection
            .prepare_cached(sql)?
            .query_row(params, |row| row.get(0))?;
        Ok(count.cast_unsigned())
    };
    let now_millis = now.millis();
    let due = count(
        "SELECT count(*) FROM messages WHERE state IN (1, 2) AND visible_at <= ?1",
        &[&now_millis],
    )?;
    let ready = count("SELECT count(*) FROM messages WHERE state = 0", &[])?;
    let hidden = count("SELECT count(*) FROM messages WHERE state IN (1, 2)", &[])?;
    let oldest: Option<i64> = connection
        .prepare_cached("SELECT min(visible_at) FROM messages WHERE state = 0 OR visible_at <= ?1")?
        .query_row([now_millis], |row| row.get(0))?;
    Ok(Depth {
        ready: ready + due,
        hidden: hidden - due,
        dead: count("SELECT count(*) FROM dead_letters", &[])?,
        oldest: Some(oldest.map_or(Duration::ZERO, |since| {
            now.since(Timestamp::from_millis(since))
        })),
    })
}

/// Cleans up after the process that had this file before: messages that it had received are visible at once, and its receipts
/// are stale. Messages that it gave back keep their delay.
pub(super) fn recover(connection: &Connection, now: Timestamp) -> Result<(), StoreError> {
    connection.execute(
        "UPDATE messages SET state = 0, visible_at = ?1, serial = serial + 1 WHERE state = 1",
        [now.millis()],
    )?;
    Ok(())
}

/// Executes a change of the one row that a ticket names.
fn one(
    connection: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
) -> Result<(), QueueError> {
    let changed = connection.prepare_cached(sql)?.execute(params)?;
    if changed == 0 {
        return Err(QueueError::StaleReceipt);
    }
    Ok(())
}
