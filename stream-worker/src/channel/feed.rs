//! A job's events as data, for those who hand on what they mean and not the frames of the stream.

use std::sync::Arc;

use shared::ChannelId;
use shared::event::ByeReason;
use store::journal::{Journal, JournalError, LogReader, Stored};

use super::{Membership, Registry};

/// Bytes read from the journal at a time, about.
const READ_BUDGET: usize = 256 * 1024;

/// A reader of one job's whole events, from the first on, which waits for those to come.
pub struct Feed {
    membership: Membership,
    log: LogReader,
}

/// Result of waiting for events.
#[derive(Debug)]
pub enum News {
    /// The events that follow.
    Events(Vec<Stored>),
    /// The worker is stopping: another one serves the rest.
    Dismissed(ByeReason),
}

impl Feed {
    /// Joins a channel as one more watcher. Nothing if there are too many already.
    ///
    /// # Errors
    /// The journal's, when the channel's flags cannot be read.
    pub async fn open(
        registry: &Arc<Registry>,
        channel: ChannelId,
    ) -> Result<Option<Self>, JournalError> {
        let Some(membership) = registry.join(channel).await? else {
            return Ok(None);
        };
        let journal: Arc<dyn Journal> = registry.journal().clone();
        Ok(Some(Self {
            log: LogReader::new(journal, channel, READ_BUDGET),
            membership,
        }))
    }

    /// The events that follow and are there; empty at the head of the log.
    ///
    /// # Errors
    /// As [`LogReader::whole_events`].
    ///
    /// # Cancel safety
    /// Cancel-safe: a dropped call has read nothing.
    pub async fn ready(&mut self) -> Result<Vec<Stored>, JournalError> {
        self.log.whole_events().await
    }

    /// The events that follow, once there are any.
    ///
    /// # Errors
    /// As [`ready`](Self::ready).
    ///
    /// # Cancel safety
    /// Cancel-safe: a dropped call has read nothing.
    pub async fn next(&mut self) -> Result<News, JournalError> {
        loop {
            let gate = self.membership.gate();
            gate.hush();
            if let Some(reason) = gate.bye() {
                return Ok(News::Dismissed(reason));
            }
            let events = self.ready().await?;
            if !events.is_empty() {
                return Ok(News::Events(events));
            }
            self.membership.gate().rung().await;
        }
    }
}
