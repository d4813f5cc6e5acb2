//! The last samples of what the worker needs: the journal's commits, the queue's answer, calls to the object store.
//!
//! It owns what `/readyz` tells, so that a request costs neither an fsync nor a paid call. It refuses to know how samples are
//! taken: the journal's writer reports each commit, the object store each call, housekeeping the rest.

use std::time::{Duration, Instant};

use parking_lot::Mutex;
use store::bodies::{BodiesCall, BodiesMeasurement, BodiesOutcome};
use store::journal::JournalError;
use store::queue::{Depth, QueueError};
use store::sqlite::CommitOutcome;

/// Time for which one failure makes a store unhealthy, whatever follows: on a disk that is nearly full small writes succeed
/// between large ones that fail. Longer than a job waits between two tries.
const FAILURE_LASTS: Duration = Duration::from_secs(10);

/// Health of the stores. Written by the journal's thread, by calls to the object store and by housekeeping, read by `/readyz`.
#[derive(Debug, Default)]
pub struct Health {
    journal: Mutex<StoreHealth>,
    bodies: Mutex<BodiesHealth>,
    /// State of the queue: unknown until it has been measured once.
    queue: Mutex<QueueHealth>,
}

/// A change in what the object store can do, told once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BodiesTurn {
    /// Calls fail from now on, for this reason.
    Fails(String),
    /// Calls do what they should again, after so long.
    Answers(Duration),
}

/// The last calls of one kind to a store.
#[derive(Debug, Default)]
struct StoreHealth {
    last: Option<Instant>,
    failed: Option<Failure>,
}

/// Health of the object store. A disk that is full can be read, and a bucket may be readable to who may not write to it: each
/// is known apart.
#[derive(Debug, Default)]
struct BodiesHealth {
    written: StoreHealth,
    read: StoreHealth,
    /// Begin of the outage that was told.
    outage: Option<Instant>,
}

#[derive(Debug)]
struct Failure {
    at: Instant,
    reason: String,
    /// True once a call has succeeded since.
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
        let failing = journal.failed.as_ref().is_some_and(|failed| !failed.mended);
        failing || !journal.is_fresh(idle)
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
        self.journal.lock().reason()
    }

    /// Takes note of a call to the object store; answers the change, if this call shows one.
    pub fn bodies_called(&self, measured: &BodiesMeasurement) -> Option<BodiesTurn> {
        let mut bodies = self.bodies.lock();
        let failure = match &measured.outcome {
            BodiesOutcome::Failed(reason) => Some(reason.clone()),
            BodiesOutcome::Done | BodiesOutcome::Missing => None,
        };
        match measured.call {
            BodiesCall::Write => bodies.written.note(failure),
            BodiesCall::Read => bodies.read.note(failure),
            BodiesCall::List | BodiesCall::Delete => {}
        }
        match (bodies.reason(), bodies.outage) {
            (Some(reason), None) => {
                bodies.outage = Some(Instant::now());
                Some(BodiesTurn::Fails(reason))
            }
            (None, Some(began)) => {
                bodies.outage = None;
                Some(BodiesTurn::Answers(began.elapsed()))
            }
            (Some(_), Some(_)) | (None, None) => None,
        }
    }

    /// True while an outage of the object store lasts, or if it has not been written to or read from for `idle`.
    #[must_use]
    pub fn bodies_need_probe(&self, idle: Duration) -> bool {
        let bodies = self.bodies.lock();
        bodies.outage.is_some() || !bodies.written.is_fresh(idle) || !bodies.read.is_fresh(idle)
    }

    /// The reason why objects cannot be written or read; none if they can.
    #[must_use]
    pub fn bodies(&self) -> Option<String> {
        self.bodies.lock().reason()
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

impl BodiesHealth {
    fn reason(&self) -> Option<String> {
        let written = self.written.reason();
        let written = written.map(|reason| format!("objects cannot be written: {reason}"));
        let read = || {
            let reason = self.read.reason()?;
            Some(format!("objects cannot be read: {reason}"))
        };
        written.or_else(read)
    }
}

impl StoreHealth {
    fn is_fresh(&self, idle: Duration) -> bool {
        self.last.is_some_and(|last| last.elapsed() < idle)
    }

    /// The last failure, for as long as it counts.
    fn reason(&self) -> Option<String> {
        let failed = self.failed.as_ref()?;
        let over = failed.mended && failed.at.elapsed() >= FAILURE_LASTS;
        (!over).then(|| failed.reason.clone())
    }

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

    fn called(call: BodiesCall, failure: Option<&str>) -> BodiesMeasurement {
        let failed = failure.map(|reason| BodiesOutcome::Failed(reason.to_owned()));
        BodiesMeasurement {
            call,
            elapsed: Duration::from_millis(1),
            outcome: failed.unwrap_or(BodiesOutcome::Done),
        }
    }

    fn bodies_failed_long_ago(health: &Health) {
        let long_ago = Instant::now().checked_sub(FAILURE_LASTS).unwrap();
        let mut bodies = health.bodies.lock();
        let BodiesHealth { written, read, .. } = &mut *bodies;
        for failed in [&mut written.failed, &mut read.failed]
            .into_iter()
            .flatten()
        {
            failed.at = long_ago;
        }
    }

    #[test]
    fn an_outage_of_the_object_store_is_told_once_at_its_begin_and_once_at_its_end() {
        let health = Health::default();
        let told = |call, failure| health.bodies_called(&called(call, failure));
        let full = "objects cannot be written: the disk is full";
        assert_eq!(told(BodiesCall::Write, None), None);
        assert_eq!(
            told(BodiesCall::Write, Some("the disk is full")),
            Some(BodiesTurn::Fails(full.to_owned()))
        );
        assert_eq!(told(BodiesCall::Read, None), None, "a full disk is read");
        assert_eq!(told(BodiesCall::Read, Some("it is away")), None);
        assert_eq!(told(BodiesCall::Write, Some("it is full")), None);
        assert_eq!(told(BodiesCall::Write, None), None, "a small one fits");
        bodies_failed_long_ago(&health);
        let away = "objects cannot be read: it is away";
        assert_eq!(health.bodies().as_deref(), Some(away));
        let turn = told(BodiesCall::Read, None);
        assert!(matches!(turn, Some(BodiesTurn::Answers(_))), "{turn:?}");
        assert_eq!(health.bodies(), None);
        assert_eq!(told(BodiesCall::Read, None), None);
    }

    #[test]
    fn an_object_that_is_gone_and_one_that_stays_are_no_outage() {
        let health = Health::default();
        let missing = BodiesMeasurement {
            outcome: BodiesOutcome::Missing,
            ..called(BodiesCall::Read, None)
        };
        assert_eq!(health.bodies_called(&missing), None);
        assert_eq!(
            health.bodies_called(&called(BodiesCall::Delete, Some("it is forbidden"))),
            None
        );
        assert_eq!(health.bodies(), None);
    }

    #[test]
    fn an_object_store_is_probed_when_it_fails_or_one_side_of_it_is_idle() {
        const IDLE: Duration = Duration::from_secs(60);
        let health = Health::default();
        assert!(health.bodies_need_probe(IDLE));
        health.bodies_called(&called(BodiesCall::Write, None));
        assert!(health.bodies_need_probe(IDLE), "nothing has been read");
        health.bodies_called(&called(BodiesCall::Read, None));
        assert!(!health.bodies_need_probe(IDLE));
        health.bodies_called(&called(BodiesCall::Write, Some("it is away")));
        health.bodies_called(&called(BodiesCall::Write, None));
        bodies_failed_long_ago(&health);
        assert!(
            health.bodies_need_probe(IDLE),
            "the end of the outage has not been told"
        );
        health.bodies_called(&called(BodiesCall::Write, None));
        assert!(!health.bodies_need_probe(IDLE));
    }
}
