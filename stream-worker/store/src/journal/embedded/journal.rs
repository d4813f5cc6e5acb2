//! The journal's operations, each a command or a read.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use shared::Clock;
use shared::JobState;
use shared::{ChannelId, EventId, Frame, JobMessage, Position, Timestamp, numbers};
use tokio::sync::watch;

use super::channel_row::ChannelRow;
use super::controls::Controls;
use super::followers::Followers;
use super::schema::SCHEMA;
use super::{cursor, event_rows, flags, lease, outbox, pending_rows, retention, step, usage_rows};
use crate::journal::{
    Acquired, CancelReason, Control, Cursor, Delivery, FollowGuard, Journal, JournalError, Lease,
    ListedJob, Ordinal, Owed, Pending, Snapshot, Step, Stored, Tail, TenantJobs, Told, Usage,
};
use crate::sqlite::{CommitObserver, DataDir, Database, OpenError, StoreError, Transaction};

/// Bytes that a probe writes: those of some pages with their text, as a step has them.
const PROBE_BYTES: i64 = 32 * 1024;

/// What the embedded journal can be told.
#[derive(Debug, Clone, Copy)]
pub struct EmbeddedConfig {
    /// For how long an expired channel is still told from an unknown one: as long as the events were kept.
    pub retention: Duration,
}

impl Default for EmbeddedConfig {
    fn default() -> Self {
        Self {
            retention: numbers::RETENTION,
        }
    }
}

/// The journal in `journal.db`.
pub struct EmbeddedJournal {
    database: Database,
    followers: Followers,
    controls: Controls,
    /// Rings when another job has a webhook to be told.
    owing: watch::Sender<u64>,
    config: EmbeddedConfig,
    /// Read by the caller's task, never by the writer's thread: a test may turn it with its runtime.
    clock: Clock,
}

impl EmbeddedJournal {
    /// Opens the journal in `dir`, making it if there is none. Leases that a dead process left are free.
    ///
    /// # Errors
    /// [`OpenError`]; none passes by itself.
    pub fn open(
        dir: &DataDir,
        config: EmbeddedConfig,
        clock: Clock,
        observer: CommitObserver,
    ) -> Result<Self, OpenError> {
        let now = clock.now();
        let database = Database::open(dir, &SCHEMA, observer, |connection| {
            check(connection)?;
            lease::recover(connection, now)
        })?;
        Ok(Self {
            database,
            followers: Followers::default(),
            controls: Controls::default(),
            owing: watch::Sender::default(),
            config,
            clock,
        })
    }

    /// Finishes what waits and closes the file. Every later call fails.
    pub async fn close(&self) {
        self.database.close().await;
    }

    #[cfg(test)]
    pub(super) const fn followers(&self) -> &Followers {
        &self.followers
    }

    #[cfg(test)]
    pub(super) const fn controls(&self) -> &Controls {
        &self.controls
    }

    /// Makes a change of a channel's flags and publishes them once it is durable.
    async fn flag<T: Send + 'static>(
        &self,
        channel: ChannelId,
        change: impl FnOnce(&Transaction<'_>) -> Result<(T, Control), StoreError> + Send + 'static,
    ) -> Result<T, JournalError> {
        let controls = self.controls.clone();
        self.database
            .write(move |tx| {
                let (answer, control) = change(tx)?;
                tx.after_commit(move || controls.publish(channel, control));
                Ok(answer)
            })
            .await
    }

    /// Reads something of a channel, if there is such a channel.
    async fn look<T: Send + 'static>(
        &self,
        channel: ChannelId,
        look: impl FnOnce(&rusqlite::Connection, ChannelRow) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<Option<T>, JournalError> {
        self.database
            .read(move |connection| {
                let row = ChannelRow::find(connection, channel)?;
                Ok(row.map(|row| look(connection, row)).transpose()?)
            })
            .await
    }
}

/// The index by which channels are found must know each of them: one that is not found counts as new. The other tables
/// have no index, and their rows are checked whenever they are read.
fn check(connection: &rusqlite::Connection) -> Result<(), StoreError> {
    let verdict: String =
        connection.query_row("PRAGMA integrity_check(channels)", [], |row| row.get(0))?;
    if verdict == "ok" {
        return Ok(());
    }
    Err(StoreError::Damaged(verdict))
}

#[async_trait]
impl Journal for EmbeddedJournal {
    async fn acquire(
        &self,
        job: &JobMessage,
        worker: &str,
        lease: Duration,
    ) -> Result<Acquired, JournalError> {
        let (job, worker, now) = (job.clone(), worker.to_owned(), self.clock.now());
        let owing = self.owing.clone();
        self.database
            .write(move |tx| {
                let (acquired, owed) = lease::acquire(tx, &job, worker, now, lease)?;
                if let Some(number) = owed {
                    tx.after_commit(move || {
                        owing.send_replace(number);
                    });
                }
                Ok(acquired)
            })
            .await
    }

    async fn renew(&self, held: &Lease, lease: Duration) -> Result<(), JournalError> {
        let (held, until) = (held.clone(), self.clock.now().plus(lease));
        self.database
            .write(move |tx| lease::renew(tx, &held, until))
            .await
    }

    async fn surrender(&self, held: &Lease) -> Result<(), JournalError> {
        let held = held.clone();
        self.database
            .write(move |tx| lease::surrender(tx, &held))
            .await
    }

    async fn commit(&self, held: &Lease, step: Step) -> Result<(), JournalError> {
        let (held, now) = (held.clone(), self.clock.now());
        let followers = self.followers.clone();
        self.database
            .write_large(step::size(&step), move |tx| {
                if let Some(advance) = step::commit(tx, &held, &step, now)? {
                    tx.after_commit(move || followers.advance(held.channel, &advance));
                }
                Ok(())
            })
            .await
    }

    async fn pending(
        &self,
        channel: ChannelId,
        after: Ordinal,
        most: usize,
    ) -> Result<Vec<Pending>, JournalError> {
        let page = self.look(channel, move |connection, row| {
            if row.record.stage.outcome().is_some() {
                return Ok(Vec::new());
            }
            pending_rows::page(connection, &row, after, most)
        });
        Ok(page.await?.unwrap_or_default())
    }

    async fn read(
        &self,
        channel: ChannelId,
        after: Position,
        budget: usize,
    ) -> Result<Vec<Frame>, JournalError> {
        let frames = self.look(channel, move |connection, row| {
            event_rows::frames(connection, &row, after, budget)
        });
        Ok(frames.await?.unwrap_or_default())
    }

    async fn read_whole(
        &self,
        channel: ChannelId,
        after: Position,
        budget: usize,
    ) -> Result<Vec<Stored>, JournalError> {
        let events = self.look(channel, move |connection, row| {
            event_rows::whole(connection, &row, after, budget)
        });
        Ok(events.await?.unwrap_or_default())
    }

    async fn locate(&self, channel: ChannelId, cursor: EventId) -> Result<Cursor, JournalError> {
        self.database
            .read(move |connection| Ok(cursor::locate(connection, channel, cursor)?))
            .await
    }

    async fn snapshot(&self, channel: ChannelId) -> Result<Option<Snapshot>, JournalError> {
        self.look(channel, |connection, row| {
            let job = row.job(connection)?;
            let record = row.record;
            Ok(Snapshot {
                state: record.state(),
                counts: record.counts,
                attempt: record.attempt,
                head: record.head,
                tenant: job.as_ref().map(|job| job.tenant.clone()),
                request: job.map(|job| job.request),
                started_at: record.started_at,
                ended_at: record.ended_at,
                paused: record.paused,
                expired: record.stage.is_expired(),
            })
        })
        .await
    }

    fn follow(&self, channel: ChannelId, tail: Arc<dyn Tail>) -> FollowGuard {
        self.followers.add(channel, tail)
    }

    async fn control(&self, channel: ChannelId) -> Result<watch::Receiver<Control>, JournalError> {
        let mut receiver = self.controls.subscribe(channel);
        // A command and not a read: in its turn among the changes, its value is never older than what was published.
        self.flag(channel, move |tx| Ok(((), flags::read(tx, channel)?)))
            .await?;
        receiver.mark_unchanged();
        Ok(receiver)
    }

    async fn cancel(
        &self,
        channel: ChannelId,
        reason: CancelReason,
    ) -> Result<JobState, JournalError> {
        let now = self.clock.now();
        self.flag(channel, move |tx| flags::cancel(tx, channel, reason, now))
            .await
    }

    async fn pause(&self, channel: ChannelId, paused: bool) -> Result<(), JournalError> {
        let now = self.clock.now();
        self.flag(channel, move |tx| {
            Ok(((), flags::pause(tx, channel, paused, now)?))
        })
        .await
    }

    async fn attend(&self, channel: ChannelId, present: bool) -> Result<(), JournalError> {
        let now = self.clock.now();
        self.flag(channel, move |tx| {
            Ok(((), flags::attend(tx, channel, present, now)?))
        })
        .await
    }

    async fn owed(&self, after: u64, most: usize) -> Result<Vec<Owed>, JournalError> {
        self.database
            .read(move |connection| Ok(outbox::owed(connection, after, most)?))
            .await
    }

    fn owing(&self) -> watch::Receiver<u64> {
        self.owing.subscribe()
    }

    async fn delivery(&self, channel: ChannelId) -> Result<Option<Delivery>, JournalError> {
        let delivery = self.look(channel, |connection, row| {
            outbox::delivery(connection, &row)
        });
        Ok(delivery.await?.flatten())
    }

    async fn told(&self, channel: ChannelId, told: Told) -> Result<(), JournalError> {
        let now = self.clock.now();
        self.database
            .write(move |tx| Ok(outbox::told(tx, channel, told, now)?))
            .await
    }

    async fn usage(&self, tenant: &str) -> Result<Usage, JournalError> {
        let (tenant, now) = (tenant.to_owned(), self.clock.now());
        self.database
            .read(move |connection| Ok(usage_rows::usage(connection, &tenant, now)?))
            .await
    }

    async fn jobs_of(&self, wanted: TenantJobs) -> Result<Vec<ListedJob>, JournalError> {
        self.database
            .read(move |connection| Ok(usage_rows::jobs(connection, &wanted)?))
            .await
    }

    async fn expire(&self, ended_before: Timestamp) -> Result<usize, JournalError> {
        let now = self.clock.now();
        let expired = retention::expire(&self.database, ended_before, now, self.config.retention);
        Ok(expired.await?)
    }

    async fn probe(&self) -> Result<(), JournalError> {
        let now = self.clock.now().millis();
        self.database
            .write(move |tx| {
                // Other bytes each time, or nothing would be written; and several pages of them, since a page of which a
                // part is free may still be written when the disk is full.
                tx.prepare_cached("UPDATE probe SET at = ?1, ballast = randomblob(?2)")?
                    .execute([now, PROBE_BYTES])?;
                Ok(())
            })
            .await
    }
}

impl From<StoreError> for JournalError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Damaged(what) => Self::Damaged(what),
            StoreError::Closed | StoreError::Failed(_) => Self::Store(error.to_string()),
        }
    }
}

impl From<rusqlite::Error> for JournalError {
    fn from(error: rusqlite::Error) -> Self {
        StoreError::from(error).into()
    }
}
