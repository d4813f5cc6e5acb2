//! A channel's record: everything about a job that is neither an event nor a pending URL.

use serde::{Deserialize, Serialize};
use shared::{Attempt, Counts, EventId, HostRobots, JobState, Position, Terminal, Timestamp};

use crate::journal::{CancelReason, Control};

/// A channel's record, stored as JSON so that a person with the `sqlite3` tool can read it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record {
    pub(super) seed: u64,
    pub(super) attempt: Attempt,
    /// Attempts since a URL was last finished. Files have it under its first name.
    #[serde(default, rename = "fruitless")]
    pub(super) attempts_without_progress: u32,
    /// Name of the worker that has or last had the lease; shown to a person who reads the file.
    pub(super) worker: String,
    /// None when the lease was given back, released after a crash, or never taken.
    pub(super) lease_until: Option<Timestamp>,
    pub(super) head: EventId,
    pub(super) counts: Counts,
    /// Number of rows in `pending`, to notice one that is missing.
    pub(super) pending: u64,
    pub(super) cancel: Option<CancelReason>,
    pub(super) paused: bool,
    pub(super) audience: Audience,
    pub(super) started_at: Option<Timestamp>,
    pub(super) ended_at: Option<Timestamp>,
    pub(super) stage: Stage,
    /// Nothing once the webhook has received everything, or if the job has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) webhook: Option<StoredCursor>,
    /// Results of reading robots.txt, by host.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) robots: Vec<HostRobots>,
}

/// A webhook's cursor as it is stored; the fields are those of [`WebhookCursor`](crate::journal::WebhookCursor).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StoredCursor {
    pub(super) position: Position,
    pub(super) through: Option<Position>,
    pub(super) failures: u32,
    pub(super) failing_since: Option<Timestamp>,
    pub(super) due: Option<Timestamp>,
}

/// Presence of watchers, for the grace after which an unwatched job is cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Audience {
    /// No watcher has come yet: no grace runs.
    Never,
    /// At least one watcher is here.
    Here,
    /// The last watcher left at this time.
    GoneSince(Timestamp),
}

/// Stage of a channel's life, as its record keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Stage {
    /// A cancel, a pause or a watcher came, but the job has not come.
    Awaited,
    /// The job has begun and has not ended.
    Live,
    /// The job has ended, and none of its URLs waits.
    Ended(Terminal),
    /// The job has ended, and rows of URLs that waited are still to be deleted.
    #[serde(rename = "endedUntidy")]
    EndedSweeping(Terminal),
    /// Retention is over, and the rows of the job are being deleted.
    Expiring(Terminal),
    /// Only the record is left, to tell an expired channel from an unknown one.
    Expired(Terminal),
}

/// Number of a stage in the index by phase. It cannot be changed: files have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Awaited = 0,
    Live = 1,
    Ended = 2,
    EndedSweeping = 3,
    Expiring = 4,
    Expired = 5,
}

impl Stage {
    pub(super) const fn phase(self) -> Phase {
        match self {
            Self::Awaited => Phase::Awaited,
            Self::Live => Phase::Live,
            Self::Ended(_) => Phase::Ended,
            Self::EndedSweeping(_) => Phase::EndedSweeping,
            Self::Expiring(_) => Phase::Expiring,
            Self::Expired(_) => Phase::Expired,
        }
    }

    /// The job's final state, once it has ended.
    pub(super) const fn outcome(self) -> Option<Terminal> {
        match self {
            Self::Awaited | Self::Live => None,
            Self::Ended(outcome)
            | Self::EndedSweeping(outcome)
            | Self::Expiring(outcome)
            | Self::Expired(outcome) => Some(outcome),
        }
    }

    /// True once no event can be read any more.
    pub(super) const fn is_expired(self) -> bool {
        matches!(self, Self::Expiring(_) | Self::Expired(_))
    }
}

impl Record {
    pub(super) fn awaited(seed: u64) -> Self {
        Self {
            seed,
            attempt: Attempt(0),
            attempts_without_progress: 0,
            worker: String::new(),
            lease_until: None,
            head: EventId::START,
            counts: Counts::default(),
            pending: 0,
            cancel: None,
            paused: false,
            audience: Audience::Never,
            started_at: None,
            ended_at: None,
            stage: Stage::Awaited,
            webhook: None,
            robots: Vec::new(),
        }
    }

    pub(super) fn state(&self) -> JobState {
        match (self.stage.outcome(), self.stage, self.cancel) {
            (Some(outcome), _, _) => outcome.into(),
            (None, Stage::Awaited, _) => JobState::Queued,
            (None, _, Some(_)) => JobState::Cancelling,
            (None, _, None) => JobState::Running,
        }
    }

    pub(super) fn control(&self) -> Control {
        Control {
            cancel: self.cancel,
            paused: self.paused,
            unwatched_since: match self.audience {
                Audience::GoneSince(since) => Some(since),
                Audience::Never | Audience::Here => None,
            },
        }
    }

    /// True if this attempt may write.
    pub(super) fn is_held_by(&self, attempt: Attempt) -> bool {
        self.attempt == attempt && self.lease_until.is_some() && self.stage == Stage::Live
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_that_an_earlier_version_wrote_is_read_and_written_alike() {
        let stored = r#"{"seed":7,"attempt":3,"fruitless":2,"worker":"w","leaseUntil":null,"head":"3-9",
            "counts":{"discovered":0,"fetched":0,"failed":0,"skipped":0,"queued":0,"inFlight":0},"pending":4,
            "cancel":"requested","paused":true,"audience":{"goneSince":"2026-11-26T12:00:00.000Z"},"startedAt":null,
            "endedAt":null,"stage":{"endedUntidy":"cancelled"},
            "webhook":{"position":5,"through":6,"failures":1,"failingSince":null,"due":null}}"#;
        let record: Record = serde_json::from_str(stored).unwrap();
        assert_eq!(record.attempts_without_progress, 2);
        assert_eq!(record.stage, Stage::EndedSweeping(Terminal::Cancelled));
        let before: serde_json::Value = serde_json::from_str(stored).unwrap();
        assert_eq!(serde_json::to_value(&record).unwrap(), before);
    }
}
