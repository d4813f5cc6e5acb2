//! The thread that writes a database.

use std::thread::{self, JoinHandle};

use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::runtime;
use tokio::sync::{mpsc, oneshot};

use super::command::{Request, Transaction};
use super::group::{Groups, Queued};
use super::write_ahead_log::WriteAheadLog;
use super::{CommitObserver, DataDir, StoreError};

/// Commands that wait at most; who comes then waits to be let in. As many as one commit takes.
const QUEUE: usize = 1024;

/// Handle of the writer's thread.
pub(super) struct Writer {
    /// Taken at the close, which ends the thread once it has done what waits.
    commands: Mutex<Option<mpsc::Sender<Queued>>>,
    /// Joined by the close.
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread. It keeps the claim on the directory until its last byte is written.
    pub(super) fn start(
        name: &str,
        connection: Connection,
        claim: DataDir,
        observer: CommitObserver,
    ) -> std::io::Result<Self> {
        let (commands, waiting) = mpsc::channel(QUEUE);
        let mut groups = Groups {
            log: WriteAheadLog::of(&connection),
            timer: runtime::Builder::new_current_thread()
                .enable_time()
                .build()?,
            connection,
            waiting,
            observer,
        };
        let thread = thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                groups.run();
                finish(groups.connection);
                drop(claim);
            })?;
        Ok(Self {
            commands: Mutex::new(Some(commands)),
            thread: Mutex::new(Some(thread)),
        })
    }

    pub(super) async fn write<T, E, F>(&self, bytes: usize, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let commands = self.commands.lock().clone().ok_or(StoreError::Closed)?;
        let queued = Queued {
            command: Box::new(Request { work, answer }),
            bytes,
        };
        if commands.send(queued).await.is_err() {
            return Err(StoreError::Closed.into());
        }
        drop(commands);
        match answer_of(answered).await {
            Some(answer) => answer,
            None => Err(StoreError::Failed("the command has panicked".into()).into()),
        }
    }

    /// Lets the thread finish what waits, and waits for its end.
    pub(super) async fn close(&self) {
        drop(self.commands.lock().take());
        let Some(thread) = self.thread.lock().take() else {
            return;
        };
        let ended = tokio::task::spawn_blocking(move || thread.join()).await;
        if !matches!(ended, Ok(Ok(()))) {
            tracing::error!("a database's writer has panicked");
        }
    }
}

#[cfg(not(test))]
async fn answer_of<T>(answered: oneshot::Receiver<T>) -> Option<T> {
    answered.await.ok()
}

/// A runtime whose time is paused jumps to its next timer when all its tasks wait, also when they wait for this thread. It
/// does not while its own blocking pool works.
#[cfg(test)]
async fn answer_of<T: Send + 'static>(answered: oneshot::Receiver<T>) -> Option<T> {
    let waited = tokio::task::spawn_blocking(move || answered.blocking_recv().ok()).await;
    waited.ok().flatten()
}

/// Copies the log into the file, so that the next start has nothing to recover.
fn finish(connection: Connection) {
    let checkpoint: Result<i64, _> =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0));
    if let Err(error) = checkpoint {
        tracing::warn!(%error, "the last checkpoint failed; the log is read at the next start");
    }
    if let Err((_connection, error)) = connection.close() {
        tracing::warn!(%error, "a database did not close");
    }
}
