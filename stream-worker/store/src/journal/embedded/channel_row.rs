//! The row of a channel: its record, its number and its checksum.

use rusqlite::{Connection, OptionalExtension, Row, params};
use shared::{ChannelId, JobMessage, Timestamp};

use super::key::ChannelNumber;
use super::record::{Phase, Record, Stage};
use crate::sqlite::StoreError;

/// A channel's row, checked when it is read.
#[derive(Debug, Clone)]
pub(super) struct ChannelRow {
    pub(super) number: ChannelNumber,
    pub(super) channel: ChannelId,
    /// Time at which the channel reached its stage, by the worker's clock.
    pub(super) since: Timestamp,
    pub(super) record: Record,
}

impl ChannelRow {
    pub(super) fn find(
        connection: &Connection,
        channel: ChannelId,
    ) -> Result<Option<Self>, StoreError> {
        connection
            .prepare_cached(
                "SELECT id, channel, phase, since, record, crc FROM channels WHERE channel = ?1",
            )?
            .query_row([channel.as_bytes()], |row| Ok(Self::read(row)))
            .optional()?
            .transpose()
    }

    /// A row for a channel that has none.
    pub(super) fn create(
        connection: &Connection,
        channel: ChannelId,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        // A placeholder first: the checksum covers the number, which the file chooses.
        connection
            .prepare_cached(
                "INSERT INTO channels (channel, phase, since, record, crc) VALUES (?1, 0, ?2, '', 0)",
            )?
            .execute(params![channel.as_bytes(), now.millis()])?;
        let row = Self {
            number: ChannelNumber(connection.last_insert_rowid()),
            channel,
            since: now,
            record: Record::awaited(fastrand::u64(..)),
        };
        row.save(connection)?;
        Ok(row)
    }

    /// Every channel that can be read.
    pub(super) fn all(connection: &Connection) -> Result<Vec<Self>, StoreError> {
        let mut statement =
            connection.prepare("SELECT id, channel, phase, since, record, crc FROM channels")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, Self::read(row))))?;
        sound(connection, rows.collect::<Result<_, _>>()?)
    }

    /// Up to `most` channels that came to `phase` before `before`, the oldest first.
    pub(super) fn in_phase(
        connection: &Connection,
        phase: Phase,
        before: Timestamp,
        most: usize,
    ) -> Result<Vec<Self>, StoreError> {
        let mut statement = connection.prepare_cached(
            "SELECT id, channel, phase, since, record, crc FROM channels
             WHERE phase = ?1 AND since < ?2 ORDER BY since LIMIT ?3",
        )?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let rows = statement.query_map(params![phase as i64, before.millis(), most], |row| {
            Ok((row.get(0)?, Self::read(row)))
        })?;
        sound(connection, rows.collect::<Result<_, _>>()?)
    }

    pub(super) fn save(&self, connection: &Connection) -> Result<(), StoreError> {
        let record = serde_json::to_string(&self.record).expect("a record has string keys");
        let phase = self.record.stage.phase() as i64;
        let crc = checksum(self.number, self.channel, phase, self.since, &record);
        connection
            .prepare_cached(
                "UPDATE channels SET phase = ?2, since = ?3, record = ?4, crc = ?5 WHERE id = ?1",
            )?
            .execute(params![
                self.number.0,
                phase,
                self.since.millis(),
                record,
                crc
            ])?;
        Ok(())
    }

    pub(super) fn delete(&self, connection: &Connection) -> Result<(), StoreError> {
        for sql in [
            "DELETE FROM jobs WHERE channel = ?1",
            "DELETE FROM webhooks WHERE channel = ?1",
            "DELETE FROM channels WHERE id = ?1",
        ] {
            connection.prepare_cached(sql)?.execute([self.number.0])?;
        }
        Ok(())
    }

    fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        let number = ChannelNumber(row.get(0)?);
        let channel = ChannelId::from_bytes(row.get(1)?);
        let phase = row.get(2)?;
        let since = Timestamp::from_millis(row.get(3)?);
        let record = row.get_ref(4)?.as_str().map_err(rusqlite::Error::from)?;
        let crc: u32 = row.get(5)?;
        if crc != checksum(number, channel, phase, since, record) {
            return Err(damaged(channel));
        }
        Ok(Self {
            number,
            channel,
            since,
            record: serde_json::from_str(record).map_err(|_error| damaged(channel))?,
        })
    }

    /// The job's message; nothing while the channel is awaited.
    pub(super) fn job(&self, connection: &Connection) -> Result<Option<JobMessage>, StoreError> {
        let stored: Option<(Vec<u8>, u32)> = connection
            .prepare_cached("SELECT message, crc FROM jobs WHERE channel = ?1")?
            .query_row([self.number.0], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((message, crc)) = stored else {
            return match self.record.stage {
                Stage::Awaited => Ok(None),
                Stage::Live
                | Stage::Ended(_)
                | Stage::EndedSweeping(_)
                | Stage::Expiring(_)
                | Stage::Expired(_) => Err(damaged(self.channel)),
            };
        };
        if crc != job_checksum(self.number, &message) {
            return Err(damaged(self.channel));
        }
        let job = JobMessage::decode(&message);
        job.map(Some).map_err(|_error| damaged(self.channel))
    }

    pub(super) fn keep_job(
        &self,
        connection: &Connection,
        job: &JobMessage,
    ) -> Result<(), StoreError> {
        let message = job.encode();
        let crc = job_checksum(self.number, &message);
        connection
            .prepare_cached("INSERT INTO jobs (channel, message, crc) VALUES (?1, ?2, ?3)")?
            .execute(params![self.number.0, message, crc])?;
        Ok(())
    }
}

/// A phase of its own for records that cannot be read.
const DAMAGED: i64 = -1;

/// Leaves out damaged records and sets them aside, so that one of them stops no sweep over the others. Whoever asks for
/// such a channel is told that it is damaged.
fn sound(
    connection: &Connection,
    rows: Vec<(i64, Result<ChannelRow, StoreError>)>,
) -> Result<Vec<ChannelRow>, StoreError> {
    let mut sound = Vec::with_capacity(rows.len());
    for (number, row) in rows {
        match row {
            Ok(row) => sound.push(row),
            Err(StoreError::Damaged(what)) => {
                tracing::error!(what, "the journal is damaged");
                connection
                    .prepare_cached("UPDATE channels SET phase = ?2 WHERE id = ?1")?
                    .execute([number, DAMAGED])?;
            }
            Err(other) => return Err(other),
        }
    }
    Ok(sound)
}

fn damaged(channel: ChannelId) -> StoreError {
    StoreError::Damaged(format!("the record of channel {channel}"))
}

fn checksum(
    number: ChannelNumber,
    channel: ChannelId,
    phase: i64,
    since: Timestamp,
    record: &str,
) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    for place in [number.0, phase, since.millis()] {
        crc.update(&place.to_le_bytes());
    }
    crc.update(channel.as_bytes());
    crc.update(record.as_bytes());
    crc.finalize()
}

fn job_checksum(number: ChannelNumber, message: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&number.0.to_le_bytes());
    crc.update(message);
    crc.finalize()
}
