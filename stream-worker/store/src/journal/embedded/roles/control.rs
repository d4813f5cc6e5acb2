//! Control flags: each change is published by the thread that wrote it.

use async_trait::async_trait;
use shared::{ChannelId, JobState};
use tokio::sync::watch;

use crate::journal::embedded::flags;
use crate::journal::embedded::journal::EmbeddedJournal;
use crate::journal::{CancelReason, Control, JobControl, JournalError};

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

    async fn attend(&self, channel: ChannelId, present: bool) -> Result<(), JournalError> {
        let now = self.clock.now();
        self.flag(channel, move |tx| {
            Ok(((), flags::attend(tx, channel, present, now)?))
        })
        .await
    }
}
