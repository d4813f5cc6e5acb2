//! Looks for changes whose message was missed: the server may lose a message without a word.

use std::sync::Arc;
use std::time::Duration;

use shared::{ChannelId, EventId};
use tokio::time::MissedTickBehavior;

use super::answer::Answer;
use super::controls::Version;
use super::inner::Inner;
use super::observer::RedisMeasurement;
use crate::journal::JournalError;
use crate::redis::{LinkError, Reply, Request};

/// Time between two looks at the flags of the jobs that run here: a cancel whose message was lost is late by so much at most.
const OWN: Duration = Duration::from_secs(1);

/// Looks at all channels, one in so many looks at the own jobs.
const ALL: u64 = 5;

/// Confirmations of this worker's watchers, one in so many looks at the own jobs.
const CONFIRM: u64 = 10;

/// Channels asked for at once: ten thousand cost the server 16 ms, and nobody should wait for so long.
const CHUNK: usize = 500;

impl Inner {
    /// The task that looks for missed changes: of everything after a reconnect, and otherwise from time to time.
    pub(super) async fn heal(self: Arc<Self>) {
        let mut clock = tokio::time::interval(OWN);
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut ticks = 0_u64;
        loop {
            // All arms are cancel-safe: a signal and a new connection stay until they are seen.
            let at_once = tokio::select! {
                _ = clock.tick() => false,
                () = self.healing.notified() => true,
                connected = self.server.reconnected() => match connected {
                    Ok(()) => true,
                    Err(_closed) => return,
                },
            };
            ticks += 1;
            if at_once || ticks.is_multiple_of(CONFIRM) {
                self.heal_part("watchers", self.confirm_watchers().await);
            }
            self.heal_part("own jobs", self.look_at_own_jobs().await);
            self.heal_part("pages", self.count_gathered_pages().await);
            if at_once || ticks.is_multiple_of(ALL) {
                self.controls.sweep();
                self.tune_out();
                self.heal_part("heads", self.look_at_heads().await);
                self.heal_part("flags", self.look_at_changes().await);
            }
        }
    }

    /// Has the healing look at everything at once.
    pub(super) fn wake_healing(&self) {
        self.healing.notify_one();
    }

    /// Logs the failure of a part of a round, which the next round makes up for.
    fn heal_part(&self, part: &'static str, result: Result<(), JournalError>) {
        if let Err(error) = result {
            tracing::debug!(part, %error, "a look at the journal failed");
        }
    }

    async fn look_at_own_jobs(self: &Arc<Self>) -> Result<(), JournalError> {
        for chunk in self.held.channels().chunks(CHUNK) {
            self.look_at_all_flags(chunk).await?;
        }
        Ok(())
    }

    async fn look_at_all_flags(&self, channels: &[ChannelId]) -> Result<(), JournalError> {
        let looks: Vec<_> = channels.iter().map(|channel| self.look(*channel)).collect();
        self.run_flags(channels.iter().copied(), &looks).await
    }

    /// Calls the script of the flags for many channels. One that is damaged hides no other.
    async fn run_flags(
        &self,
        channels: impl Iterator<Item = ChannelId>,
        calls: &[Request],
    ) -> Result<(), JournalError> {
        let sent = self.server.connections();
        let replies = self.server.run_all(calls).await?;
        for (channel, reply) in channels.zip(replies) {
            let taken = reply.map_err(JournalError::from);
            if let Err(error) = taken.and_then(|reply| self.take_flags(channel, sent, reply)) {
                tracing::error!(%channel, %error, "the flags of a job cannot be read");
            }
        }
        Ok(())
    }

    /// Reads the logs on that have grown, or shrunk, without a message.
    async fn look_at_heads(self: &Arc<Self>) -> Result<(), JournalError> {
        let (mut missed, mut behind) = (0, 0);
        for chunk in self.followers.channels().chunks(CHUNK) {
            let channels = chunk.iter().map(|(channel, _)| *channel);
            let heads = self.fields(channels, &["shown", "head"]);
            for ((channel, told), head) in chunk.iter().zip(heads.await?) {
                let head = match head {
                    Some(head) => head.parse().ok(),
                    None => Some(EventId::START),
                };
                if head.is_some() && *told == head {
                    continue;
                }
                if let (Some(told), Some(head)) = (told, head) {
                    missed += 1;
                    behind += head.position.0.saturating_sub(told.position.0);
                }
                self.stir(*channel);
            }
        }
        (self.observer)(RedisMeasurement::Look { missed, behind });
        Ok(())
    }

    /// Reads the flags that have changed without a message.
    async fn look_at_changes(self: &Arc<Self>) -> Result<(), JournalError> {
        let connection = self.server.connections();
        for chunk in self.controls.channels().chunks(CHUNK) {
            let changes = self.fields(chunk.iter().map(|(channel, _)| *channel), &["ctl"]);
            let mut changed = Vec::new();
            for ((channel, known), changes) in chunk.iter().zip(changes.await?) {
                let changes = changes.map_or(Ok(0), |changes| changes.parse());
                let current = changes.ok().map(|changes| Version {
                    connection,
                    changes,
                });
                if current.is_none() || *known != current {
                    changed.push(*channel);
                }
            }
            self.look_at_all_flags(&changed).await?;
        }
        Ok(())
    }

    /// The first of these fields that each channel's record has; nothing where it has none or cannot be read.
    async fn fields(
        &self,
        channels: impl Iterator<Item = ChannelId>,
        names: &[&str],
    ) -> Result<Vec<Option<String>>, JournalError> {
        let question = |channel| {
            let record = Request::command("HMGET").bytes(self.keys.topic(channel));
            names.iter().fold(record, Request::bytes)
        };
        let questions: Vec<_> = channels.map(question).collect();
        let replies = self.server.run_all(&questions).await?;
        Ok(replies
            .into_iter()
            .map(|reply| first_text(reply).unwrap_or_default())
            .collect())
    }

    /// Says again how many watchers are here.
    async fn confirm_watchers(&self) -> Result<(), JournalError> {
        for chunk in self.attended.all().chunks(CHUNK) {
            let calls: Vec<_> = chunk
                .iter()
                .map(|(channel, watchers)| self.attendance(*channel, *watchers))
                .collect();
            self.run_flags(chunk.iter().map(|(channel, _)| *channel), &calls)
                .await?;
            // Watchers that left meanwhile may have been said to be here.
            for (channel, told) in chunk {
                let watchers = self.attended.of(*channel);
                if watchers != *told {
                    self.attend(*channel, watchers).await?;
                }
            }
        }
        Ok(())
    }
}

/// The first text in a list.
fn first_text(reply: Result<Reply, LinkError>) -> Result<Option<String>, JournalError> {
    for value in Answer::of(reply?)? {
        if !value.is_nothing() {
            return Ok(Some(value.text()?.to_owned()));
        }
    }
    Ok(None)
}
