//! A job's control flags: cancelled, paused, watched.

use std::sync::Arc;
use std::time::Duration;

use shared::{ChannelId, JobState};
use tokio::sync::watch;

use super::answer::Answer;
use super::controls::Version;
use super::expiry::{self, millis};
use super::inner::Inner;
use super::record::{Flags, Stage};
use super::scripts::FLAGS;
use crate::journal::{CancelReason, Control, JournalError};
use crate::redis::{Reply, Request};

/// Time for which a worker's watchers are believed to be there once it has said so: three times as long as it takes to say so
/// again.
pub(super) const CONFIRMED: Duration = Duration::from_secs(30);

impl Inner {
    pub(super) async fn control(
        self: &Arc<Self>,
        channel: ChannelId,
    ) -> Result<watch::Receiver<Control>, JournalError> {
        let mut receiver = self.controls.subscribe(channel);
        self.tune(channel);
        self.look_at_flags(channel).await?;
        receiver.mark_unchanged();
        Ok(receiver)
    }

    pub(super) async fn cancel(
        &self,
        channel: ChannelId,
        reason: CancelReason,
    ) -> Result<JobState, JournalError> {
        let call = self
            .flags_call(channel)
            .bytes("cancel")
            .bytes(reason.name())
            .number(millis(expiry::AWAITED));
        self.change_flags(channel, call).await
    }

    pub(super) async fn pause(&self, channel: ChannelId, paused: bool) -> Result<(), JournalError> {
        let call = self
            .flags_call(channel)
            .bytes("pause")
            .number(u8::from(paused))
            .number(millis(expiry::AWAITED));
        self.change_flags(channel, call).await?;
        Ok(())
    }

    pub(super) async fn attend(
        &self,
        channel: ChannelId,
        watchers: usize,
    ) -> Result<(), JournalError> {
        self.attended.set(channel, watchers);
        self.change_flags(channel, self.attendance(channel, watchers))
            .await?;
        Ok(())
    }

    /// Takes back this worker's watchers, of all channels.
    pub(super) async fn leave_all(&self) {
        for (channel, _) in self.attended.all() {
            // Where this fails they are believed to be there for a while longer.
            let _left = self.attend(channel, 0).await;
        }
    }

    /// Says how many watchers of the channel this worker has.
    pub(super) fn attendance(&self, channel: ChannelId, watchers: usize) -> Request {
        self.flags_call(channel)
            .bytes("attend")
            .bytes(&self.name)
            .number(watchers as u64)
            .number(millis(CONFIRMED))
            .number(millis(expiry::AWAITED))
    }

    pub(super) async fn look_at_flags(&self, channel: ChannelId) -> Result<(), JournalError> {
        self.change_flags(channel, self.look(channel)).await?;
        Ok(())
    }

    pub(super) fn look(&self, channel: ChannelId) -> Request {
        self.flags_call(channel).bytes("look")
    }

    fn flags_call(&self, channel: ChannelId) -> Request {
        let keys = self.keys.channel(channel);
        self.call(&FLAGS, &[&keys.record, &keys.here])
    }

    /// Calls the script of the flags and publishes what they are then; answers the job's state before.
    async fn change_flags(
        &self,
        channel: ChannelId,
        call: Request,
    ) -> Result<JobState, JournalError> {
        let sent = self.server.connections();
        let reply = self.server.run(call).await?;
        self.take_flags(channel, sent, reply)
    }

    /// Watchers of a channel, of all workers together.
    pub(super) async fn watchers_of(&self, channel: ChannelId) -> Result<u64, JournalError> {
        let reply = self.server.run(self.look(channel)).await?;
        Ok(FlagsAnswer::read(reply)?.watchers)
    }

    /// Publishes an answer of the script of the flags, asked when there had been so many connections; answers the job's state
    /// before.
    pub(super) fn take_flags(
        &self,
        channel: ChannelId,
        sent: u64,
        reply: Reply,
    ) -> Result<JobState, JournalError> {
        let answer = FlagsAnswer::read(reply)?;
        self.publish_flags(channel, sent, &answer.flags);
        Ok(answer.before)
    }

    pub(super) fn publish_flags(&self, channel: ChannelId, sent: u64, flags: &Flags) {
        let version = Version {
            connection: sent,
            changes: flags.changes,
        };
        let control = self.control_of(flags);
        self.controls.publish(channel, version, control);
        self.held.flags_changed(channel, flags.changes);
    }

    /// The flags by this worker's clock.
    pub(super) fn control_of(&self, flags: &Flags) -> Control {
        flags.control(self.clock.now(), self.server.reconnected_at())
    }

    /// Begins to read the flags and to publish them, in a task of its own, if somebody subscribes to them.
    pub(super) fn stir_flags(self: &Arc<Self>, channel: ChannelId) {
        if !self.controls.is_subscribed(channel) {
            return;
        }
        let inner = self.clone();
        self.spawn(async move {
            // A look that fails is made up for by the next round of the healing.
            if let Err(error) = inner.look_at_flags(channel).await {
                tracing::debug!(%channel, %error, "the flags could not be read");
            }
        });
    }
}

/// Answer of the script of the flags.
struct FlagsAnswer {
    before: JobState,
    watchers: u64,
    flags: Flags,
}

impl FlagsAnswer {
    fn read(reply: Reply) -> Result<Self, JournalError> {
        let mut answer = Answer::of(reply)?;
        let stage = answer.text()?;
        let cancelled = answer.needed::<u8>()? == 1;
        let stage = stage.as_deref().and_then(Stage::parse);
        Ok(Self {
            before: stage.unwrap_or(Stage::Awaited).state(cancelled),
            watchers: answer.needed()?,
            flags: Flags::read(&mut answer)?,
        })
    }
}
