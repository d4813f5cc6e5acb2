//! A job's control flags: cancelled, paused, watched.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use shared::{ChannelId, JobState, Timestamp};
use tokio::sync::{mpsc, oneshot, watch};
use uuid::Uuid;

use super::JournalError;

/// Sets the control flags of jobs and tells of their changes. Flags are durable and outlive the attempt that obeys them.
#[async_trait]
pub trait JobControl: Send + Sync + 'static {
    /// The job's control flags, and every change of them, at the latest a second after it was made.
    async fn control(&self, channel: ChannelId) -> Result<watch::Receiver<Control>, JournalError>;

    /// Raises the cancel flag, durably; the first reason stays. A job that the journal does not know yet keeps it.
    /// Answers the state before. Does nothing to a job that has ended.
    async fn cancel(
        &self,
        channel: ChannelId,
        reason: CancelReason,
    ) -> Result<JobState, JournalError>;

    /// Gates the stream of all its watchers, or opens it.
    async fn pause(&self, channel: ChannelId, paused: bool) -> Result<(), JournalError>;

    /// Notes how many watchers of the channel this worker has now.
    async fn attend(&self, channel: ChannelId, watchers: usize) -> Result<(), JournalError>;

    /// Pauses or resumes one connection of another worker; false if no other worker has it.
    async fn gate(
        &self,
        channel: ChannelId,
        connection: Uuid,
        paused: bool,
    ) -> Result<bool, JournalError>;

    /// Requests of other workers to pause or resume a connection of this one. One receiver has them: the last that asked.
    fn gate_requests(&self) -> mpsc::Receiver<GateRequest>;
}

/// Another worker's request to pause or resume one connection.
#[derive(Debug)]
pub struct GateRequest {
    /// The channel that the connection watches.
    pub channel: ChannelId,
    /// The connection's ID.
    pub connection: Uuid,
    /// True for a pause, false for a resume.
    pub paused: bool,
    /// Takes the answer: true if the connection is here.
    pub answer: oneshot::Sender<bool>,
}

/// A job's control flags.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Control {
    /// The reason for which the job must stop, if it must.
    pub cancel: Option<CancelReason>,
    /// True while the stream is gated for all watchers.
    pub paused: bool,
    /// Time at which the last watcher left; nothing while there is one, or if there never was.
    pub unwatched_since: Option<Timestamp>,
}

/// Reason for which a job must stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CancelReason {
    /// Requested over the API.
    Requested,
    /// Its last watcher left and did not come back.
    Unwatched,
}

impl CancelReason {
    /// The `reason` of the `cancelled` event.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Unwatched => "unwatched",
        }
    }
}
