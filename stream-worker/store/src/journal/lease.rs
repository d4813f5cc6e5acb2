//! The right to write a job's log: one attempt at a time has it.

use std::time::Duration;

use async_trait::async_trait;
use shared::{Attempt, ChannelId, Counts, EventId, JobMessage, Timestamp};

use super::{Control, JournalError};

/// Grants jobs to attempts, one at a time. An attempt that lets its lease lapse is fenced: a later attempt's number makes
/// every further write of the earlier one fail.
#[async_trait]
pub trait JobLeases: Send + Sync + 'static {
    /// Takes the lease on a job, creating its record if there is none. Each success has the next attempt number.
    async fn acquire(
        &self,
        job: &JobMessage,
        worker: &str,
        lease: Duration,
    ) -> Result<Acquired, JournalError>;

    /// Extends a lease to `lease` from now.
    async fn renew(&self, held: &Lease, lease: Duration) -> Result<(), JournalError>;

    /// Gives a lease back, so that another worker can take the job at once.
    async fn release(&self, held: &Lease) -> Result<(), JournalError>;
}

/// The right to write one job's log, until it lapses or is given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Names the job.
    pub channel: ChannelId,
    /// The attempt that holds it; fences every write.
    pub attempt: Attempt,
}

/// Result of taking a lease.
#[derive(Debug)]
pub enum Acquired {
    /// Granted; the log is empty.
    Fresh(Lease, Checkpoint),
    /// Granted; an earlier attempt has written up to the checkpoint.
    Resumed(Lease, Checkpoint),
    /// Refused: another attempt holds the job, for this long if it does not renew.
    Held(Duration),
    /// Refused: the job has ended.
    Finished,
}

/// State of a job at the begin of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Seeds the hash of the set of known URLs; the same for every attempt at a job.
    pub seed: u64,
    /// Begin of the first attempt (now, for a fresh job), by the journal's clock.
    pub started_at: Timestamp,
    /// The counters at the head, with nothing in flight.
    pub counts: Counts,
    /// ID of the last event; `0-0` if there is none.
    pub head: EventId,
    /// Attempts since a URL was last finished, this one included. Those that gave their lease back are not counted.
    pub attempts_without_progress: u32,
    /// The job's flags.
    pub control: Control,
}
