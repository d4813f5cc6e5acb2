//! Control flags of jobs, as the journal in Redis has them.

use async_trait::async_trait;
use shared::{ChannelId, JobState};
use tokio::sync::{mpsc, watch};
use uuid::Uuid;

use crate::journal::redis::journal::RedisJournal;
use crate::journal::{CancelReason, Control, GateRequest, JobControl, JournalError};

#[async_trait]
impl JobControl for RedisJournal {
    async fn control(&self, channel: ChannelId) -> Result<watch::Receiver<Control>, JournalError> {
        self.inner.control(channel).await
    }

    async fn cancel(
        &self,
        channel: ChannelId,
        reason: CancelReason,
    ) -> Result<JobState, JournalError> {
        self.inner.cancel(channel, reason).await
    }

    async fn pause(&self, channel: ChannelId, paused: bool) -> Result<(), JournalError> {
        self.inner.pause(channel, paused).await
    }

    async fn attend(&self, channel: ChannelId, watchers: usize) -> Result<(), JournalError> {
        self.inner.attend(channel, watchers).await
    }

    async fn gate(
        &self,
        channel: ChannelId,
        connection: Uuid,
        paused: bool,
    ) -> Result<bool, JournalError> {
        self.inner.gate(channel, connection, paused).await
    }

    fn gate_requests(&self) -> mpsc::Receiver<GateRequest> {
        self.inner.gates.requests()
    }
}
