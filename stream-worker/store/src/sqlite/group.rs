//! Many commands in one transaction.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::command::{Command, Executed, Verdict};
use super::write_ahead_log::{QUIET, WriteAheadLog};
use super::{CommitObserver, CommitOutcome, CommitStats, StoreError};

/// A command that waits, and the bytes that it writes, about.
pub(super) struct Queued {
    pub(super) command: Box<dyn Command>,
    pub(super) bytes: usize,
}

/// Commands that share one fsync at most. With them all waiting, an answer is still only a few milliseconds late.
const MAX_COMMANDS: usize = 1024;

/// Bytes that these write at most, about: some milliseconds of a slow disk.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// Time in which commands that keep coming may join a group.
const MAX_GATHERING: Duration = Duration::from_millis(5);

/// Commits groups of commands on one connection.
pub(super) struct Groups {
    pub(super) connection: Connection,
    pub(super) waiting: mpsc::Receiver<Queued>,
    pub(super) observer: CommitObserver,
    pub(super) log: WriteAheadLog,
    /// Measures the quiet after which the log is cut back.
    pub(super) timer: Runtime,
}

impl Groups {
    /// Commits everything that comes until all senders are gone.
    pub(super) fn run(&mut self) {
        while let Some(first) = self.next() {
            self.commit(first);
        }
    }

    /// Waits for a command; meanwhile cuts a large log back once it is quiet. Nothing when all senders are gone.
    fn next(&mut self) -> Option<Queued> {
        if let Ok(next) = self.waiting.try_recv() {
            return Some(next);
        }
        while self.log.is_large() {
            let waiting = &mut self.waiting;
            let next = async { timeout(QUIET, waiting.recv()).await };
            match self.timer.block_on(next) {
                Ok(next) => return next,
                Err(_quiet) => self.log.cut(&self.connection),
            }
        }
        self.waiting.blocking_recv()
    }

    /// Commits `first` together with what waits behind it.
    fn commit(&mut self, first: Queued) {
        let started = Instant::now();
        let changes = self.connection.total_changes();
        if let Err(error) = self.sql("BEGIN IMMEDIATE") {
            (self.observer)(CommitStats {
                commands: 1,
                elapsed: started.elapsed(),
                outcome: CommitOutcome::Failed(error.clone()),
            });
            first.command.refuse(error);
            return;
        }
        let executed = self.gather(first, started);
        let outcome = self.finish();
        if self.connection.total_changes() != changes || outcome.is_err() {
            (self.observer)(CommitStats {
                commands: executed.len(),
                elapsed: started.elapsed(),
                outcome: match &outcome {
                    Ok(()) => CommitOutcome::Durable,
                    Err(error) => CommitOutcome::Failed(error.clone()),
                },
            });
        }
        for command in executed {
            let concluded = catch_unwind(AssertUnwindSafe(|| command.conclude(outcome.clone())));
            if concluded.is_err() {
                tracing::error!("what follows a commit has panicked");
            }
        }
    }

    /// Executes commands until none waits or the group is full.
    fn gather(&mut self, first: Queued, started: Instant) -> Vec<Box<dyn Executed>> {
        let mut executed = Vec::new();
        let mut next = Some(first);
        let mut bytes = 0;
        while let Some(Queued {
            command,
            bytes: more,
        }) = next
        {
            bytes += more;
            executed.extend(self.execute(command));
            // SQLite has taken the whole transaction back (disk full, input or output failed).
            if self.connection.is_autocommit() {
                break;
            }
            let full = executed.len() >= MAX_COMMANDS
                || bytes >= MAX_BYTES
                || started.elapsed() >= MAX_GATHERING;
            next = if full {
                None
            } else {
                self.waiting.try_recv().ok()
            };
        }
        executed
    }

    /// Executes one command so that it can be undone alone. Nothing is left of one that panics, and its caller hears of
    /// it because the answer's sender is dropped.
    fn execute(&self, command: Box<dyn Command>) -> Option<Box<dyn Executed>> {
        if let Err(error) = self.sql("SAVEPOINT command") {
            command.refuse(error);
            return None;
        }
        let connection = &self.connection;
        let executed = catch_unwind(AssertUnwindSafe(|| command.execute(connection))).ok();
        let verdict = executed
            .as_ref()
            .map_or(Verdict::Undo, |done| done.verdict());
        let ended = match verdict {
            Verdict::Keep => self.sql("RELEASE command"),
            Verdict::Undo => self
                .sql("ROLLBACK TO command")
                .and_then(|()| self.sql("RELEASE command")),
        };
        if ended.is_err() && !self.connection.is_autocommit() {
            // What this command leaves cannot be told from the others' work: none of it may be kept.
            let _failed = self.sql("ROLLBACK");
        }
        executed
    }

    /// Makes the transaction durable, or undoes it.
    fn finish(&self) -> Result<(), StoreError> {
        if self.connection.is_autocommit() {
            return Err(StoreError::Failed(
                "the transaction was rolled back: the disk is full or failed".into(),
            ));
        }
        let committed = self.sql("COMMIT");
        if committed.is_err() && !self.connection.is_autocommit() {
            let _failed = self.sql("ROLLBACK");
        }
        committed
    }

    fn sql(&self, statement: &str) -> Result<(), StoreError> {
        self.connection.prepare_cached(statement)?.execute([])?;
        Ok(())
    }
}
