//! The durable record of a job, and the one place where the write side and the read side meet.
//!
//! It owns a job's numbered events, its pending URLs, its lease and its control flags. It refuses to know what a URL
//! means or who watches: frames and URLs are bytes to it. Everything that [`Journal`] reports as done is durable, and
//! nothing is visible to a reader before it is durable.

mod record;
mod tenant;
mod writer;
mod embedded;
#[cfg(test)]
mod suite;

pub use embedded::{EmbeddedConfig, EmbeddedJournal};
pub use tenant::{ListedJob, TenantJobs, Usage};
pub use writer::LogWriter;

pub use record::{
    Acquired, Advance, CancelReason, Checkpoint, Control, Cursor, Delivery, Entry, Lease, Ordinal,
    Owed, Pending, Snapshot, Step, Stored, Told,
};

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use shared::{ChannelId, EventId, Frame, JobMessage, Position, Timestamp};
use tokio::sync::watch;

/// The durable record of jobs. Implementations share one behaviour suite.
#[async_trait]
pub trait Journal: Send + Sync + 'static {
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
    async fn surrender(&self, held: &Lease) -> Result<(), JournalError>;

    /// Writes a step, whole or not at all, and wakes followers once it is durable. Refused with
    /// [`JournalError::LeaseLost`] when a later attempt holds the job, when the job has ended, or when
    /// `step.first` is not the position after the head.
    async fn commit(&self, held: &Lease, step: Step) -> Result<(), JournalError>;

    /// Up to `most` pending URLs after `after`, in order.
    async fn pending(
        &self,
        channel: ChannelId,
        after: Ordinal,
        most: usize,
    ) -> Result<Vec<Pending>, JournalError>;

    /// Frames after `after`, in order, about `budget` bytes of them and at least one if there is one.
    async fn read(
        &self,
        channel: ChannelId,
        after: Position,
        budget: usize,
    ) -> Result<Vec<Frame>, JournalError>;

    /// As [`read`](Self::read), for downloads: each event's whole data as JSON.
    async fn read_whole(
        &self,
        channel: ChannelId,
        after: Position,
        budget: usize,
    ) -> Result<Vec<Stored>, JournalError>;

    /// Holds a watcher's cursor against the log.
    async fn locate(&self, channel: ChannelId, cursor: EventId) -> Result<Cursor, JournalError>;

    /// Where the job stands; nothing if the journal does not know it (a cancel or a watcher may come before the job:
    /// then there is a snapshot in state `queued` without a request).
    async fn snapshot(&self, channel: ChannelId) -> Result<Option<Snapshot>, JournalError>;

    /// Calls `tail` whenever the head of this channel's log has moved, until the guard is dropped. Register before you
    /// read.
    fn follow(&self, channel: ChannelId, tail: Arc<dyn Tail>) -> FollowGuard;

    /// The job's control flags, and every change of them.
    async fn control(&self, channel: ChannelId) -> Result<watch::Receiver<Control>, JournalError>;

    /// Raises the cancel flag, durably; the first reason stays. A job that the journal does not know yet keeps it.
    /// Answers the state before. Does nothing to a job that has ended.
    async fn cancel(
        &self,
        channel: ChannelId,
        reason: CancelReason,
    ) -> Result<shared::JobState, JournalError>;

    /// Gates the stream of all its watchers, or opens it.
    async fn pause(&self, channel: ChannelId, paused: bool) -> Result<(), JournalError>;

    /// Notes that this worker has watchers of the channel now, or has none any more.
    async fn attend(&self, channel: ChannelId, present: bool) -> Result<(), JournalError>;

    /// Jobs whose webhook has not been told all yet, from the one after `after`, in the order in which they began.
    async fn owed(&self, after: u64, most: usize) -> Result<Vec<Owed>, JournalError>;

    /// Changes whenever there is another [`owed`](Self::owed) job.
    fn owing(&self) -> watch::Receiver<u64>;

    /// How far a job's webhook has been told; nothing if nothing is owed.
    async fn delivery(&self, channel: ChannelId) -> Result<Option<Delivery>, JournalError>;

    /// Notes what came of telling a job's webhook.
    async fn told(&self, channel: ChannelId, told: Told) -> Result<(), JournalError>;

    /// What `tenant` has used on the current day of UTC.
    async fn usage(&self, tenant: &str) -> Result<Usage, JournalError>;

    /// The jobs of one tenant that have begun, newest first; records past their retention are left out.
    async fn jobs_of(&self, wanted: TenantJobs) -> Result<Vec<ListedJob>, JournalError>;

    /// Deletes the events of jobs that ended before `ended_before`, a slice at a time; answers how many channels went.
    async fn expire(&self, ended_before: Timestamp) -> Result<usize, JournalError>;

    /// Whether a write would be durable now: for readiness.
    async fn probe(&self) -> Result<(), JournalError>;
}

/// Hears that a channel's log has grown.
pub trait Tail: Send + Sync + 'static {
    /// Called in order, from one thread, after the step is durable. Must not block.
    fn advance(&self, advance: &Advance);
}

/// Ends a [`Journal::follow`] when dropped.
pub struct FollowGuard(Option<Box<dyn FnOnce() + Send + Sync>>);

impl FollowGuard {
    /// A guard that calls `end` when dropped.
    pub fn new(end: impl FnOnce() + Send + Sync + 'static) -> Self {
        Self(Some(Box::new(end)))
    }
}

impl Drop for FollowGuard {
    fn drop(&mut self) {
        if let Some(end) = self.0.take() {
            end();
        }
    }
}

/// Why a journal did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Another attempt holds the job, or the job has ended. Do not retry.
    #[error("the lease on the job is lost")]
    LeaseLost,
    /// A stored row does not match its checksum or its place. It is not served; do not retry.
    #[error("the journal is damaged: {0}")]
    Damaged(String),
    /// The store did not take or give the bytes (disk full, I/O error). A retry may succeed.
    #[error("the journal's store failed: {0}")]
    Store(String),
}
