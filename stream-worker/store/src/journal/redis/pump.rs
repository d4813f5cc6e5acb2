//! Reads a followed log on, once for all that follow it on this worker.

use std::sync::Arc;

use shared::{ChannelId, EventId, Position};

use super::followers::Ended;
use super::inner::Inner;
use super::log::Reading;
use crate::journal::{Advance, JournalError, Page};

/// Bytes of frames read at once.
const BUDGET: usize = 256 * 1024;

impl Inner {
    /// Has a followed log read on soon.
    pub(super) fn stir(self: &Arc<Self>, channel: ChannelId) {
        if self.followers.begin(channel) {
            self.run_pump(channel);
        }
    }

    /// Gives the pump back after a call of one's own.
    pub(super) fn end_pump(self: &Arc<Self>, channel: ChannelId) {
        if self.followers.end(channel) == Ended::Again {
            self.run_pump(channel);
        }
    }

    fn run_pump(self: &Arc<Self>, channel: ChannelId) {
        let inner = self.clone();
        self.spawn(async move { inner.pump(channel).await });
    }

    /// Reads and tells until nothing new has been asked for. For whoever has the pump, which is given back.
    async fn pump(self: Arc<Self>, channel: ChannelId) {
        loop {
            match self.catch_up(channel).await {
                Ok(()) => {}
                Err(JournalError::Damaged(what)) => {
                    tracing::error!(%channel, what, "the journal is damaged");
                    self.tell_head(channel).await;
                }
                // The next round of the healing reads again.
                Err(error) => tracing::debug!(%channel, %error, "a log could not be read"),
            }
            if self.followers.end(channel) == Ended::Idle {
                return;
            }
        }
    }

    /// Tells of everything that has come since the last call.
    async fn catch_up(&self, channel: ChannelId) -> Result<(), JournalError> {
        let Some(mut last) = self.followers.told(channel) else {
            return self.look_first(channel).await;
        };
        let mut parted: Option<Position> = None;
        loop {
            let Reading { page, head, ended } = self.read_log(channel, last, BUDGET).await?;
            match page {
                Page::Parted { after } => {
                    let from = after.position.next();
                    parted = Some(parted.map_or(from, |earlier| earlier.min(from)));
                    last = after;
                }
                Page::Next(events) => {
                    let frames: Vec<_> = events.into_iter().map(|event| event.frame).collect();
                    last = frames.last().map_or(last, |frame| frame.id);
                    if frames.is_empty() && parted.is_none() {
                        return Ok(());
                    }
                    let advance = Advance {
                        head: last,
                        ended: ended && last == head,
                        frames,
                        parted: parted.take(),
                    };
                    self.followers.advance(channel, &advance);
                    if last == head {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// The first look: whoever began to follow has read up to some place, or will, and must hear of what is beyond it.
    async fn look_first(&self, channel: ChannelId) -> Result<(), JournalError> {
        let (head, ended) = self.head(channel).await?;
        if head == EventId::START {
            self.followers.know(channel, head);
        } else {
            self.followers.advance(channel, &at_the_head(head, ended));
        }
        Ok(())
    }

    /// Tells where a log ends that cannot be read, so that those who watch it find out why.
    async fn tell_head(&self, channel: ChannelId) {
        if let Ok((head, ended)) = self.head(channel).await
            && self.followers.told(channel) != Some(head)
        {
            self.followers.advance(channel, &at_the_head(head, ended));
        }
    }
}

const fn at_the_head(head: EventId, ended: bool) -> Advance {
    Advance {
        head,
        ended,
        frames: Vec::new(),
        parted: None,
    }
}
