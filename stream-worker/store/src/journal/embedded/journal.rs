//! The journal in one SQLite file: its parts, and the two ways of using them that its roles share.

use std::time::Duration;

use shared::Clock;
use shared::{ChannelId, numbers};
use tokio::sync::{Semaphore, watch};

use super::attendance::Attendance;
use super::channel_row::ChannelRow;
use super::claims::Claims;
use super::controls::Controls;
use super::followers::Followers;
use super::lease;
use super::schema::SCHEMA;
use crate::journal::{Control, JournalError};
use crate::sqlite::{CommitObserver, DataDir, Database, OpenError, StoreError, Transaction};

/// Settings of the embedded journal.
#[derive(Debug, Clone, Copy)]
pub struct EmbeddedConfig {
    /// Time for which events are kept, and after that, once more, the record that tells an expired channel from an unknown one.
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
    pub(super) database: Database,
    pub(super) followers: Followers,
    pub(super) controls: Controls,
    pub(super) attendance: Attendance,
    /// Number of the last webhook that became pending here.
    pub(super) new_webhooks: watch::Sender<u64>,
    pub(super) claims: Claims,
    /// Checks of jobs' waiting URLs: one at a time, since each may have a reader for seconds.
    pub(super) pending_checks: Semaphore,
    pub(super) config: EmbeddedConfig,
    /// Read by the caller's task, never by the writer's thread: a test may turn it with its runtime.
    pub(super) clock: Clock,
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
            attendance: Attendance::default(),
            new_webhooks: watch::Sender::default(),
            claims: Claims::default(),
            pending_checks: Semaphore::new(1),
            config,
            clock,
        })
    }

    /// Makes a change of a channel's flags and publishes them once it is durable.
    pub(super) async fn flag<T: Send + 'static>(
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

    /// Reads with `look`, which is given the channel's row; nothing if there is no such channel.
    pub(super) async fn look<T: Send + 'static>(
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

/// Checks the index by which channels are found: a channel that it lacks would count as new. The other tables have no index,
/// and their rows are checked whenever they are read.
fn check(connection: &rusqlite::Connection) -> Result<(), StoreError> {
    let verdict: String =
        connection.query_row("PRAGMA integrity_check(channels)", [], |row| row.get(0))?;
    if verdict == "ok" {
        return Ok(());
    }
    Err(StoreError::Damaged(verdict))
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
