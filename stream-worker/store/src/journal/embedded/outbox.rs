//! Webhooks that are pending.
//!
//! A webhook is a watcher whose cursor is durable: the channel's record keeps it. The table only names the channels, in the
//! order in which their jobs began, so that nobody has to look through all records.

use rusqlite::{Connection, params};
use shared::{ChannelId, EventId, JobMessage, Position, Timestamp};

use super::channel_row::ChannelRow;
use super::event_rows;
use super::key::ChannelNumber;
use super::record::StoredCursor;
use crate::journal::{PendingWebhook, PostResult, WebhookCursor};
use crate::sqlite::StoreError;

/// Makes the job's webhook pending, if it has one; answers its number.
pub(super) fn add(
    connection: &Connection,
    row: &mut ChannelRow,
    job: &JobMessage,
) -> Result<Option<u64>, StoreError> {
    if job.request.webhook.is_none() {
        return Ok(None);
    }
    row.record.webhook = Some(StoredCursor::default());
    connection
        .prepare_cached("INSERT INTO webhooks (channel) VALUES (?1)")?
        .execute([row.number.0])?;
    Ok(u64::try_from(connection.last_insert_rowid()).ok())
}

/// Up to `most` webhooks whose number is above `after`, of all tenants or of one. Walks the webhooks in their order, whatever
/// the filter: a page begins with the first match, and nothing is sorted.
pub(super) fn pending(
    connection: &Connection,
    after: u64,
    tenant: Option<&str>,
    most: usize,
) -> Result<Vec<PendingWebhook>, StoreError> {
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(
        "SELECT webhooks.number, channels.channel, coalesce(channels.tenant, '')
         FROM webhooks CROSS JOIN channels ON channels.id = webhooks.channel
         WHERE webhooks.number > ?1 AND (?3 IS NULL OR channels.tenant = ?3) ORDER BY webhooks.number LIMIT ?2",
    )?;
    let rows = statement.query_map(params![after, most, tenant], |row| {
        let number: i64 = row.get(0)?;
        Ok(PendingWebhook {
            number: u64::try_from(number).unwrap_or_default(),
            channel: ChannelId::from_bytes(row.get(1)?),
            tenant: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn cursor(
    connection: &Connection,
    row: &ChannelRow,
) -> Result<Option<WebhookCursor>, StoreError> {
    let webhook = row.job(connection)?.and_then(|job| job.request.webhook);
    let (Some(webhook), Some(cursor)) = (webhook, row.record.webhook) else {
        return Ok(None);
    };
    Ok(Some(WebhookCursor {
        webhook,
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
    if row.record.webhook.is_none() {
        remove(connection, row.number)?;
    }
    row.save(connection)
}

fn remove(connection: &Connection, channel: ChannelNumber) -> Result<(), StoreError> {
    connection
        .prepare_cached("DELETE FROM webhooks WHERE channel = ?1")?
        .execute([channel.0])?;
    Ok(())
}
