//! Webhooks that are pending.
//!
//! A webhook is a watcher whose cursor is durable: the channel's record keeps it. The table names the channels, by tenant and
//! in the order in which somebody must look after them, so that nobody has to look through all records.

use rusqlite::{Connection, OptionalExtension, params};
use shared::{ChannelId, EventId, JobMessage, Position, Timestamp};

use super::channel_row::ChannelRow;
use super::claims::{Claims, OutboxRow};
use super::event_rows;
use super::key::ChannelNumber;
use super::record::StoredCursor;
use crate::journal::{PostResult, WebhookClaim, WebhookCursor};
use crate::sqlite::StoreError;

/// Makes the job's webhook pending, if it has one; answers its number.
pub(super) fn add(
    connection: &Connection,
    row: &mut ChannelRow,
    job: &JobMessage,
    now: Timestamp,
) -> Result<Option<u64>, StoreError> {
    if job.request.webhook.is_none() {
        return Ok(None);
    }
    row.record.webhook = Some(StoredCursor::default());
    connection
        .prepare_cached("INSERT INTO webhooks (channel, tenant, due) VALUES (?1, ?2, ?3)")?
        .execute(params![row.number.0, job.tenant, now.millis()])?;
    Ok(u64::try_from(connection.last_insert_rowid()).ok())
}

/// The tenants that have a webhook which is due and free.
pub(super) fn tenants(
    connection: &Connection,
    claims: &Claims,
    now: Timestamp,
) -> Result<Vec<String>, StoreError> {
    let mut tenants = Vec::new();
    let mut next = first_tenant(connection)?;
    while let Some(tenant) = next {
        next = tenant_after(connection, &tenant)?;
        if !due_and_free(connection, claims, &tenant, 1, now)?.is_empty() {
            tenants.push(tenant);
        }
    }
    Ok(tenants)
}

/// Claims up to `most` webhooks of a tenant that are due and free, the longest due first.
pub(super) fn claim(
    connection: &Connection,
    claims: &Claims,
    tenant: &str,
    most: usize,
    now: Timestamp,
) -> Result<Vec<WebhookClaim>, StoreError> {
    let mut claimed = Vec::new();
    for row in due_and_free(connection, claims, tenant, most, now)? {
        let channel = channel_of(connection, row)?;
        claimed.extend(channel.and_then(|channel| claims.claim(row, channel, tenant, now)));
    }
    Ok(claimed)
}

/// Walks a part of the index alone: a row that is claimed costs a step, one that is not due none.
fn due_and_free(
    connection: &Connection,
    claims: &Claims,
    tenant: &str,
    most: usize,
    now: Timestamp,
) -> Result<Vec<OutboxRow>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT number FROM webhooks WHERE tenant = ?1 AND due <= ?2 ORDER BY due, number",
    )?;
    let rows = statement.query_map(params![tenant, now.millis()], |row| {
        Ok(OutboxRow(row.get(0)?))
    })?;
    let free = rows.filter(|row| row.as_ref().map_or(true, |row| claims.is_free(*row, now)));
    Ok(free.take(most).collect::<Result<_, _>>()?)
}

fn first_tenant(connection: &Connection) -> Result<Option<String>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT tenant FROM webhooks ORDER BY tenant LIMIT 1")?;
    Ok(statement.query_row([], |row| row.get(0)).optional()?)
}

fn tenant_after(connection: &Connection, tenant: &str) -> Result<Option<String>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT tenant FROM webhooks WHERE tenant > ?1 ORDER BY tenant LIMIT 1")?;
    Ok(statement.query_row([tenant], |row| row.get(0)).optional()?)
}

fn channel_of(connection: &Connection, row: OutboxRow) -> Result<Option<ChannelId>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT channels.channel FROM webhooks JOIN channels ON channels.id = webhooks.channel
         WHERE webhooks.number = ?1",
    )?;
    let channel = statement.query_row([row.0], |row| row.get(0)).optional()?;
    Ok(channel.map(ChannelId::from_bytes))
}

pub(super) fn cursor(
    connection: &Connection,
    row: &ChannelRow,
) -> Result<Option<WebhookCursor>, StoreError> {
    let (Some(job), Some(cursor)) = (row.job(connection)?, row.record.webhook) else {
        return Ok(None);
    };
    let Some(webhook) = job.request.webhook else {
        return Ok(None);
    };
    Ok(Some(WebhookCursor {
        webhook,
        sealed: job.sealed,
        after: event_id(connection, row, cursor.position)?,
        through: cursor.through,
        failures: cursor.failures,
        failing_since: cursor.failing_since,
        due: cursor.due,
        expired: row.record.stage.is_expired(),
    }))
}

/// The event at a webhook's position. Once the log is gone its ID does not matter any more.
fn event_id(
    connection: &Connection,
    row: &ChannelRow,
    position: Position,
) -> Result<EventId, StoreError> {
    if position == Position(0) || row.record.stage.is_expired() {
        return Ok(EventId::START);
    }
    let attempt = event_rows::attempt_at(connection, row, position)?;
    Ok(EventId::new(attempt, position))
}

/// Moves the cursor of the channel's webhook.
pub(super) fn record_post(
    connection: &Connection,
    channel: ChannelId,
    result: PostResult,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(mut row) = ChannelRow::find(connection, channel)? else {
        return Ok(());
    };
    let Some(cursor) = row.record.webhook else {
        return Ok(());
    };
    row.record.webhook = match result {
        PostResult::Delivered(last) => Some(StoredCursor {
            position: last.position,
            ..StoredCursor::default()
        }),
        PostResult::Begun(through) => Some(StoredCursor {
            through: Some(through),
            ..cursor
        }),
        PostResult::RetryAt(due) => Some(StoredCursor {
            failures: cursor.failures.saturating_add(1),
            failing_since: cursor.failing_since.or(Some(now)),
            due: Some(due),
            ..cursor
        }),
        PostResult::Done => None,
    };
    match result {
        PostResult::RetryAt(due) => put_off(connection, row.number, due)?,
        PostResult::Done => remove(connection, row.number)?,
        PostResult::Delivered(_) | PostResult::Begun(_) => {}
    }
    row.save(connection)
}

fn put_off(
    connection: &Connection,
    channel: ChannelNumber,
    due: Timestamp,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE webhooks SET due = ?2 WHERE channel = ?1")?
        .execute([channel.0, due.millis()])?;
    Ok(())
}

fn remove(connection: &Connection, channel: ChannelNumber) -> Result<(), StoreError> {
    connection
        .prepare_cached("DELETE FROM webhooks WHERE channel = ?1")?
        .execute([channel.0])?;
    Ok(())
}
