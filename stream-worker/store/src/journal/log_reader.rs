//! Reads one job's log from its start to its head, a page of bytes at a time.

use std::sync::Arc;

use shared::{ChannelId, Frame, Position};

use super::{JobLog, JournalError, Stored};

/// A place in one job's log. Each page begins where the one before it ended, and is empty at the head; there may be more later.
///
/// # Cancel safety
/// A dropped read leaves the reader where it was.
pub struct LogReader {
    log: Arc<dyn JobLog>,
    channel: ChannelId,
    /// Bytes of a page, about.
    budget: usize,
    position: Position,
}

impl LogReader {
    /// Begins before the first event. A page has about `budget` bytes, and at least one event if there is one.
    #[must_use]
    pub const fn new(log: Arc<dyn JobLog>, channel: ChannelId, budget: usize) -> Self {
        Self {
            log,
            channel,
            budget,
            position: Position(0),
        }
    }

    /// The last position that was read; 0 at first.
    #[must_use]
    pub const fn position(&self) -> Position {
        self.position
    }

    /// The next page, as frames.
    ///
    /// # Errors
    /// As for [`JobLog::read`]; the same page may be asked for again.
    pub async fn frames(&mut self) -> Result<Vec<Frame>, JournalError> {
        let page = self
            .log
            .read(self.channel, self.position, self.budget)
            .await?;
        self.position = page.last().map_or(self.position, |last| last.id.position);
        Ok(page)
    }

    /// The next page, as whole events for a download.
    ///
    /// # Errors
    /// As for [`JobLog::read_whole`]; the same page may be asked for again.
    pub async fn whole_events(&mut self) -> Result<Vec<Stored>, JournalError> {
        let page = self
            .log
            .read_whole(self.channel, self.position, self.budget)
            .await?;
        self.position = page.last().map_or(self.position, |last| last.position);
        Ok(page)
    }
}
