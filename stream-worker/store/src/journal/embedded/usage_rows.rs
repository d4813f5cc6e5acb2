//! Totals of each tenant by day, and the channels that belong to it.

use rusqlite::{Connection, OptionalExtension, params};
use shared::{JobMessage, Timestamp};

use super::channel_row::ChannelRow;
use super::key::ChannelNumber;
use crate::journal::{ListedJob, TenantJobs, Usage};
use crate::sqlite::StoreError;

/// Days for which totals are kept.
const KEPT_DAYS: i64 = 35;

/// Milliseconds of a day. Days are those of UTC.
const DAY: i64 = 86_400_000;

fn day_of(time: Timestamp) -> i64 {
    time.millis().div_euclid(DAY)
}

/// Notes the job's tenant, and counts the job on the day of `now`.
pub(super) fn begin(
    connection: &Connection,
    channel: ChannelNumber,
    job: &JobMessage,
    now: Timestamp,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE channels SET tenant = ?2 WHERE id = ?1")?
        .execute(params![channel.0, job.tenant])?;
    connection
        .prepare_cached(
            "INSERT INTO usage (tenant, day, jobs, pages) VALUES (?1, ?2, 1, 0)
             ON CONFLICT (tenant, day) DO UPDATE SET jobs = jobs + 1",
        )?
        .execute(params![job.tenant, day_of(now)])?;
    Ok(())
}

/// Counts pages that a job has fetched.
pub(super) fn add_pages(
    connection: &Connection,
    channel: ChannelNumber,
    pages: u64,
    now: Timestamp,
) -> Result<(), StoreError> {
    if pages == 0 {
        return Ok(());
    }
    connection
        .prepare_cached(
            "INSERT INTO usage (tenant, day, jobs, pages)
             SELECT tenant, ?2, 0, ?3 FROM channels WHERE id = ?1 AND tenant IS NOT NULL
             ON CONFLICT (tenant, day) DO UPDATE SET pages = pages + excluded.pages",
        )?
        .execute(params![channel.0, day_of(now), pages.cast_signed()])?;
    Ok(())
}

/// The totals of `tenant` on the day of `now`.
pub(super) fn usage(
    connection: &Connection,
    tenant: &str,
    now: Timestamp,
) -> Result<Usage, StoreError> {
    let usage = connection
        .prepare_cached("SELECT jobs, pages FROM usage WHERE tenant = ?1 AND day = ?2")?
        .query_row(params![tenant, day_of(now)], |row| {
            Ok(Usage {
                jobs: row.get::<_, i64>(0)?.cast_unsigned(),
                pages: row.get::<_, i64>(1)?.cast_unsigned(),
            })
        })
        .optional()?;
    Ok(usage.unwrap_or_default())
}

/// Deletes the totals of days that are more than [`KEPT_DAYS`] ago.
pub(super) fn forget(connection: &Connection, now: Timestamp) -> Result<(), StoreError> {
    connection
        .prepare_cached("DELETE FROM usage WHERE day < ?1")?
        .execute([day_of(now) - KEPT_DAYS])?;
    Ok(())
}

/// The jobs of a tenant, the one that began last first.
pub(super) fn jobs(
    connection: &Connection,
    wanted: &TenantJobs,
) -> Result<Vec<ListedJob>, StoreError> {
    /// Rows looked at in one call at most: a filter that matches little must not read for ever.
    const MOST_ROWS: usize = 10_000;
    let mut statement = connection.prepare_cached(
        "SELECT channel, id FROM channels WHERE tenant = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3",
    )?;
    let before = wanted.before.map_or(i64::MAX, u64::cast_signed);
    let rows = statement.query_map(
        params![
            wanted.tenant,
            before,
            i64::try_from(MOST_ROWS).unwrap_or(i64::MAX)
        ],
        |row| row.get(0),
    )?;
    let mut jobs = Vec::new();
    for channel in rows {
        let channel = shared::ChannelId::from_bytes(channel?);
        let Some(row) = ChannelRow::find(connection, channel)? else {
            continue;
        };
        let state = row.record.state();
        if wanted.state.is_some_and(|wanted| wanted != state) || row.record.stage.is_expired() {
            continue;
        }
        let Some(job) = row.job(connection)? else {
            continue;
        };
        jobs.push(ListedJob {
            number: row.number.0.cast_unsigned(),
            channel,
            state,
            counts: row.record.counts,
            submitted_at: job.submitted_at,
            started_at: row.record.started_at,
            ended_at: row.record.ended_at,
            request: job.request,
        });
        if jobs.len() == wanted.most {
            break;
        }
    }
    Ok(jobs)
}
