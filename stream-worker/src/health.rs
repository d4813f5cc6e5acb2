//! The last samples of what the worker needs: the journal's commits, and the queue's answer.
//!
//! It owns what `/readyz` tells, so that a request costs neither an fsync nor a paid call. It refuses to know how samples are
//! taken: the journal's writer reports each commit, housekeeping the rest.

use std::time::{Duration, Instant};

use parking_lot::Mutex;
use store::journal::JournalError;
use store::queue::{Depth, QueueError};
use store::sqlite::CommitOutcome;

/// For how long one failed commit makes the journal unhealthy, whatever follows: on a disk that is nearly full small commits
/// succeed between large ones that fail. Longer than a job waits between two tries.
const FAILURE_LASTS: Duration = Duration::from_secs(10);

/// Written by the journal's thread and by housekeeping, read by `/readyz`.
#[derive(Debug, Default)]
pub struct Health {
    journal: Mutex<JournalHealth>,
    /// State of the queue: unknown until it has been measured once.
    queue: Mutex<QueueHealth>,
}

#[derive(Debug, Default)]
struct JournalHealth {
    last: Option<Instant>,
    failed: Option<Failure>,
}

#[derive(Debug)]
struct Failure {
    at: Instant,
    reason: String,
    /// True once a commit has succeeded since.
    mended: bool,
}

#[derive(Debug, Default)]
enum QueueHealth {
    #[default]
    Unknown,
    Answers,
    Fails(String),
}

impl Health {
    /// Takes note of a commit of the journal.
    pub fn journal_committed(&self, outcome: &CommitOutcome) {
        self.journal.lock().note(match outcome {
            CommitOutcome::Durable => None,
            CommitOutcome::Failed(error) => Some(error.to_string()),
        });
    }

    /// Takes note of a probe of the journal.
    pub fn journal_probed(&self, probed: &Result<(), JournalError>) {
        let failure = probed.as_ref().err().map(ToString::to_string);
        self.journal.lock().note(failure);
    }

    /// True if the journal's last failure has not been followed by a commit, or if it has committed nothing for `idle`.
    #[must_use]
    pub fn journal_needs_probe(&self, idle: Duration) -> bool {
        let journal = self.journal.lock();
        let fresh = journal.last.is_some_and(|last| last.elapsed() < idle);
        let failing = journal.failed.as_ref().is_some_and(|failed| !failed.mended);
        failing || !fresh
    }

    /// Takes note of the queue's answer.
    pub fn queue_measured(&self, measured: &Result<Depth, QueueError>) {
        *self.queue.lock() = match measured {
            Ok(_) => QueueHealth::Answers,
            Err(error) => QueueHealth::Fails(error.to_string()),
        };
    }

    /// The error of the journal's last failed commit, for as long as the journal counts as unhealthy.
    #[must_use]
    pub fn journal(&self) -> Option<String> {
        let journal = self.journal.lock();
        let failed = journal.failed.as_ref()?;
        let over = failed.mended && failed.at.elapsed() >= FAILURE_LASTS;
        (!over).then(|| failed.reason.clone())
    }

    /// The reason why the queue does not answer; none if it does.
    #[must_use]
    pub fn queue(&self) -> Option<String> {
        match &*self.queue.lock() {
            QueueHealth::Unknown => Some("it has not answered yet".to_owned()),
            QueueHealth::Answers => None,
            QueueHealth::Fails(reason) => Some(reason.clone()),
        }
    }
}

impl JournalHealth {
    fn note(&mut self, failure: Option<String>) {
        let at = Instant::now();
        self.last = Some(at);
        match failure {
            Some(reason) => {
                self.failed = Some(Failure {
                    at,
                    reason,
                    mended: false,
                });
            }
            None => {
                if let Some(failed) = &mut self.failed {
                    failed.mended = true;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use store::sqlite::StoreError;

    use super::*;

    fn full() -> CommitOutcome {
        CommitOutcome::Failed(StoreError::Failed("the disk is full".into()))
    }

    #[test]
    fn a_failed_commit_is_told_and_a_small_one_that_succeeds_does_not_hide_it() {
        let health = Health::default();
        health.journal_committed(&CommitOutcome::Durable);
        assert_eq!(health.journal(), None);
        health.journal_committed(&full());
        health.journal_committed(&CommitOutcome::Durable);
        assert_eq!(health.journal().as_deref(), Some("the disk is full"));
    }

    #[test]
    fn a_failure_passes_once_commits_have_succeeded_for_a_while() {
        let health = Health::default();
        health.journal_committed(&full());
        let long_ago = Instant::now().checked_sub(FAILURE_LASTS).unwrap();
        let age = |health: &Health| {
            if let Some(failed) = &mut health.journal.lock().failed {
                failed.at = long_ago;
            }
        };
        age(&health);
        assert!(health.journal().is_some(), "nothing has succeeded since");
        health.journal_committed(&CommitOutcome::Durable);
        assert_eq!(health.journal(), None);
    }

    #[test]
    fn a_journal_is_probed_when_it_fails_or_is_idle_and_not_while_it_commits() {
        const IDLE: Duration = Duration::from_secs(30);
        let health = Health::default();
        assert!(health.journal_needs_probe(IDLE));
        health.journal_committed(&CommitOutcome::Durable);
        assert!(!health.journal_needs_probe(IDLE));
        assert!(health.journal_needs_probe(Duration::ZERO));
        health.journal_committed(&full());
        assert!(health.journal_needs_probe(IDLE));
    }
}
