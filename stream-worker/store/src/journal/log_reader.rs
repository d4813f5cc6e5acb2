//! Reads one job's log from its start to its head, a page of bytes at a time.

use std::sync::Arc;

use shared::{ChannelId, EventId, Frame};

use super::{JobLog, JournalError, Page, Stored};

/// A place in one job's log. Each page begins where the one before it ended, and is empty at the head; there may be more later.
///
/// # Cancel safety
/// A dropped read leaves the reader where it was.
pub struct LogReader {
    log: Arc<dyn JobLog>,
    channel: ChannelId,
    /// Bytes of a page, about.
    budget: usize,
    /// The last event that was read.
    last: EventId,
}

impl LogReader {
    /// Begins before the first event. A page has about `budget` bytes, and at least one event if there is one.
    #[must_use]
    pub const fn new(log: Arc<dyn JobLog>, channel: ChannelId, budget: usize) -> Self {
        Self {
            log,
            channel,
            budget,
            last: EventId::START,
        }
    }

    /// The same, beginning after the event `last`.
    #[must_use]
    pub const fn after(mut self, last: EventId) -> Self {
        self.last = last;
        self
    }

    /// The last event that was read; at first the one that it begins after.
    #[must_use]
    pub const fn last(&self) -> EventId {
        self.last
    }

    /// The next page, as frames.
    ///
    /// # Errors
    /// As for [`JobLog::read`]; the same page may be asked for again. [`JournalError::Rewound`] when the store has lost what
    /// was read: the reader cannot go on.
    pub async fn frames(&mut self) -> Result<Vec<Frame>, JournalError> {
        let page = self.log.read(self.channel, self.last, self.budget).await?;
        let frames = next_of(page)?;
        self.last = frames.last().map_or(self.last, |last| last.id);
        Ok(frames)
    }

    /// The next page, as whole events for a download.
    ///
    /// # Errors
    /// As for [`frames`](Self::frames).
    pub async fn whole_events(&mut self) -> Result<Vec<Stored>, JournalError> {
        let page = self.log.read_whole(self.channel, self.last, self.budget);
        let events = next_of(page.await?)?;
        self.last = events.last().map_or(self.last, |last| last.id);
        Ok(events)
    }

    /// The next page, as events without the formats of their pages.
    ///
    /// # Errors
    /// As for [`frames`](Self::frames).
    pub async fn gists(&mut self) -> Result<Vec<Stored>, JournalError> {
        let page = self.log.recall(self.channel, self.last, self.budget);
        let events = next_of(page.await?)?;
        self.last = events.last().map_or(self.last, |last| last.id);
        Ok(events)
    }
}

fn next_of<T>(page: Page<T>) -> Result<Vec<T>, JournalError> {
    match page {
        Page::Next(next) => Ok(next),
        Page::Parted { .. } => Err(JournalError::Rewound),
    }
}
