//! What the journal keeps of a channel beside its rows.

use serde::{Deserialize, Serialize};
use shared::JobState;
use shared::{Attempt, Counts, EventId, Position, Timestamp};

use crate::journal::{CancelReason, Control};

/// A channel's record, stored as JSON so that a person with the `sqlite3` tool can read it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record {
    pub(super) seed: u64,
    pub(super) attempt: Attempt,
    /// Attempts since a URL was last finished.
    #[serde(default)]
    pub(super) fruitless: u32,
    /// Who has or had the lease.
    pub(super) worker: String,
    /// None when the lease was given back, released after a crash, or never taken.
    pub(super) lease_until: Option<Timestamp>,
    pub(super) head: EventId,
    pub(super) counts: Counts,
    /// Rows in `pending`, to notice one that is missing.
    pub(super) pending: u64,
    pub(super) cancel: Option<CancelReason>,
    pub(super) paused: bool,
    pub(super) audience: Audience,
    pub(super) started_at: Option<Timestamp>,
    pub(super) ended_at: Option<Timestamp>,
    pub(super) stage: Stage,
    /// What the job's webhook knows; nothing if it knows all, or there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) webhook: Option<HookCursor>,
}

/// What a webhook has been told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HookCursor {
    /// The last event that it knows.
    pub(super) position: Position,
    /// The last event of the post that has begun.
    pub(super) through: Option<Position>,
    /// Posts in a row that failed.
    pub(super) failures: u32,
    /// When the first of them did.
    pub(super) failing_since: Option<Timestamp>,
    /// When the next may begin.
    pub(super) due: Option<Timestamp>,
}

/// Who watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Audience {
    /// Nobody has yet.
    Never,
    /// Somebody does.
    Here,
    /// Nobody has since then.
    GoneSince(Timestamp),
}

/// How far a channel's life has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Stage {
    /// Somebody asked for it, but its job has not come.
    Awaited,
    /// It has a job that has not ended.
    Live,
    /// Its job has ended.
    Ended(JobState),
    /// The same, and URLs that waited are still to be deleted.
    EndedUntidy(JobState),
    /// Its retention is over, and its rows are being deleted.
    Expiring(JobState),
    /// Only the record is left, to tell an expired channel from an unknown one.
    Expired(JobState),
}

impl Stage {
    /// Its number in the index by phase.
    pub(super) const fn phase(self) -> i64 {
        match self {
            Self::Awaited => 0,
            Self::Live => 1,
            Self::Ended(_) => 2,
            Self::EndedUntidy(_) => 3,
            Self::Expiring(_) => 4,
            Self::Expired(_) => 5,
        }
    }

    /// How the job ended, if it has.
    pub(super) const fn outcome(self) -> Option<JobState> {
        match self {
            Self::Awaited | Self::Live => None,
            Self::Ended(outcome)
            | Self::EndedUntidy(outcome)
            | Self::Expiring(outcome)
            | Self::Expired(outcome) => Some(outcome),
        }
    }

    /// Whether the events are gone, or going.
    pub(super) const fn is_expired(self) -> bool {
        matches!(self, Self::Expiring(_) | Self::Expired(_))
    }
}

impl Record {
    pub(super) fn awaited(seed: u64) -> Self {
        Self {
            seed,
            attempt: Attempt(0),
            fruitless: 0,
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
        }
    }

    pub(super) fn state(&self) -> JobState {
        match (self.stage.outcome(), self.stage, self.cancel) {
            (Some(outcome), _, _) => outcome,
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

    /// Whether this attempt may write.
    pub(super) fn is_held_by(&self, attempt: Attempt) -> bool {
        self.attempt == attempt && self.lease_until.is_some() && self.stage == Stage::Live
    }
}
