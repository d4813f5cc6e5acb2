//! The choice of messages for one receive: tenants take turns, and the oldest message of each comes first.

use std::time::Duration;

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, params};
use shared::Timestamp;

use super::rows::{self, Ticket};
use crate::queue::{Delivery, QueueError};
use crate::sqlite::StoreError;

/// Terms of one receive.
#[derive(Debug, Clone)]
pub(super) struct Want {
    pub(super) most: usize,
    pub(super) visibility: Duration,
    /// Receives that a message gets; the next one makes it a dead letter instead.
    pub(super) max_receives: u32,
    pub(super) now: Timestamp,
    /// The tenant whose turn was last.
    pub(super) turn: String,
    /// Tenants whose messages stay.
    pub(super) except: Vec<String>,
}

/// Result of one receive.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) deliveries: Vec<Delivery>,
    /// Messages that came once too often, or damaged.
    pub(super) died: usize,
    /// Time at which the next hidden message becomes visible, if nothing was ready.
    pub(super) next_visible: Option<Timestamp>,
    pub(super) turn: String,
}

/// Takes what is ready.
pub(super) fn take(connection: &Connection, want: &Want) -> Result<Taken, QueueError> {
    wake(connection, want.now)?;
    let mut taken = Taken {
        deliveries: Vec::new(),
        died: 0,
        next_visible: None,
        turn: want.turn.clone(),
    };
    // A bound on the dead too: they are as much work as the living.
    while taken.deliveries.len() < want.most && taken.died < MOST_DEATHS {
        let Some(tenant) = next_tenant(connection, &taken.turn, &want.except)? else {
            break;
        };
        match take_oldest(connection, &tenant, want)? {
            Outcome::Delivered(delivery) => taken.deliveries.push(delivery),
            Outcome::Died => taken.died += 1,
        }
        taken.turn = tenant;
    }
    if taken.deliveries.is_empty() {
        taken.next_visible = next_visible(connection)?;
    }
    Ok(taken)
}

/// Dead letters that one receive may make.
const MOST_DEATHS: usize = 100;

enum Outcome {
    Delivered(Delivery),
    Died,
}

/// Makes those ready whose time has come.
fn wake(connection: &Connection, now: Timestamp) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE messages SET state = 0 WHERE state IN (1, 2) AND visible_at <= ?1")?
        .execute([now.millis()])?;
    Ok(())
}

/// The next tenant in the circle that has a message ready, after `turn`, and is not one of `except`.
fn next_tenant(
    connection: &Connection,
    turn: &str,
    except: &[String],
) -> Result<Option<String>, StoreError> {
    let mut after = turn.to_owned();
    loop {
        match tenant_after(connection, &after)? {
            None => break,
            Some(tenant) if !except.contains(&tenant) => return Ok(Some(tenant)),
            Some(tenant) => after = tenant,
        }
    }
    // Once around: from the first name up to the one whose turn was last.
    let mut next = first_tenant(connection)?;
    while let Some(tenant) = next.filter(|tenant| tenant.as_str() <= turn) {
        if !except.contains(&tenant) {
            return Ok(Some(tenant));
        }
        next = tenant_after(connection, &tenant)?;
    }
    Ok(None)
}

fn tenant_after(connection: &Connection, after: &str) -> Result<Option<String>, StoreError> {
    let next = connection
        .prepare_cached(
            "SELECT tenant FROM messages WHERE state = 0 AND tenant > ?1 ORDER BY tenant LIMIT 1",
        )?
        .query_row([after], |row| row.get(0));
    Ok(next.optional()?)
}

fn first_tenant(connection: &Connection) -> Result<Option<String>, StoreError> {
    let first = connection
        .prepare_cached("SELECT tenant FROM messages WHERE state = 0 ORDER BY tenant LIMIT 1")?
        .query_row([], |row| row.get(0));
    Ok(first.optional()?)
}

fn take_oldest(connection: &Connection, tenant: &str, want: &Want) -> Result<Outcome, QueueError> {
    let message = oldest(connection, tenant)?;
    let Ticket { id, serial } = message.ticket;
    let receive_count = message.receives.saturating_add(1);
    if receive_count > want.max_receives {
        let reason = format!(
            "it was received {} times and never finished",
            message.receives
        );
        rows::dead_letter(connection, message.ticket, &reason, want.now)?;
        return Ok(Outcome::Died);
    }
    if crc32fast::hash(&message.body) != message.crc {
        rows::dead_letter(
            connection,
            message.ticket,
            "it was damaged on the disk",
            want.now,
        )?;
        return Ok(Outcome::Died);
    }
    let ticket = Ticket {
        id,
        serial: serial + 1,
    };
    let until = want.now.plus(want.visibility).millis();
    connection
        .prepare_cached(
            "UPDATE messages SET state = 1, serial = ?2, receives = ?3, visible_at = ?4 WHERE id = ?1",
        )?
        .execute(params![id, ticket.serial, receive_count, until])?;
    Ok(Outcome::Delivered(Delivery {
        receipt: ticket.receipt(),
        body: Bytes::from(message.body),
        receive_count,
    }))
}

struct Message {
    ticket: Ticket,
    receives: u32,
    crc: u32,
    body: Vec<u8>,
}

/// The oldest ready message of a tenant that has one.
fn oldest(connection: &Connection, tenant: &str) -> Result<Message, StoreError> {
    let message = connection
        .prepare_cached(
            "SELECT id, serial, receives, crc, body FROM messages
             WHERE state = 0 AND tenant = ?1 ORDER BY id LIMIT 1",
        )?
        .query_row([tenant], |row| {
            Ok(Message {
                ticket: Ticket {
                    id: row.get(0)?,
                    serial: row.get(1)?,
                },
                receives: row.get(2)?,
                crc: row.get(3)?,
                body: row.get(4)?,
            })
        })?;
    Ok(message)
}

fn next_visible(connection: &Connection) -> Result<Option<Timestamp>, StoreError> {
    let next: Option<i64> = connection
        .prepare_cached("SELECT min(visible_at) FROM messages WHERE state IN (1, 2)")?
        .query_row([], |row| row.get(0))?;
    Ok(next.map(Timestamp::from_millis))
}
