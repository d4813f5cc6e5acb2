//! Control flags: each change is published by the thread that wrote it.

use async_trait::async_trait;
use shared::{ChannelId, JobState};
use tokio::sync::{mpsc, watch};
use uuid::Uuid;

use crate::journal::embedded::flags;
use crate::journal::embedded::journal::EmbeddedJournal;
use crate::journal::{CancelReason, Control, GateRequest, JobControl, JournalError};

#[async_trait]
impl JobControl for EmbeddedJournal {
    async fn control(&self, channel: ChannelId) -> Result<watch::Receiver<Control>, JournalError> {
        let mut receiver = self.controls.subscribe(channel);
        // A command and not a read: in its turn among the changes, its value is never older than what was published.
        self.flag(channel, move |tx| Ok(((), flags::read(tx, channel)?)))
            .await?;
        receiver.mark_unchanged();
        Ok(receiver)
    }

    async fn cancel(
        &self,
        channel: ChannelId,
        reason: CancelReason,
    ) -> Result<JobState, JournalError> {
        let now = self.clock.now();
        self.flag(channel, move |tx| flags::cancel(tx, channel, reason, now))
            .await
    }

    async fn pause(&self, channel: ChannelId, paused: bool) -> Result<(), JournalError> {
        let now = self.clock.now();
        self.flag(channel, move |tx| {
            Ok(((), flags::pause(tx, channel, paused, now)?))
        })
        .await
    }

    async fn attend(&self, channel: ChannelId, watchers: usize) -> Result<(), JournalError> {
        let present = watchers > 0;
        // The record says only whether there is a watcher: their number means nothing after a restart.
        if present != (self.attendance.of(channel) > 0) {
            let now = self.clock.now();
            self.flag(channel, move |tx| {
                Ok(((), flags::attend(tx, channel, present, now)?))
            })
            .await?;
        }
        self.attendance.set(channel, watchers);
        Ok(())
    }

    async fn gate(
        &self,
        _channel: ChannelId,
        _connection: Uuid,
        _paused: bool,
    ) -> Result<bool, JournalError> {
        // There is no other worker.
        Ok(false)
    }

    fn gate_requests(&self) -> mpsc::Receiver<GateRequest> {
        mpsc::channel(1).1
    }
}
