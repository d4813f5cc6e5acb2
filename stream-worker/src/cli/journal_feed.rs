//! The events of a crawl in this process, from its journal.

use std::sync::Arc;

use shared::ChannelId;
use store::journal::{Advance, FollowGuard, JobLog, Journal, JournalError, LogReader, Tail};
use tokio::sync::Notify;

use super::told::Told;

/// Bytes read from the journal at a time.
const READ_BUDGET: usize = 1024 * 1024;

/// A reader of a job's log that is woken when the log has grown.
pub(super) struct JournalFeed {
    reader: LogReader,
    grown: Arc<Bell>,
    _following: FollowGuard,
}

struct Bell(Notify);

impl Tail for Bell {
    fn advance(&self, _advance: &Advance) {
        self.0.notify_one();
    }
}

impl JournalFeed {
    /// Begins before the first event.
    pub(super) fn new(journal: &Arc<dyn Journal>, channel: ChannelId) -> Self {
        let grown = Arc::new(Bell(Notify::new()));
        let log: Arc<dyn JobLog> = journal.clone();
        Self {
            _following: log.follow(channel, grown.clone()),
            reader: LogReader::new(log, channel, READ_BUDGET),
            grown,
        }
    }

    /// Waits for the next events.
    ///
    /// # Cancel safety
    /// Cancel-safe: the place moves when events are handed out.
    pub(super) async fn next(&mut self) -> Result<Vec<Told>, JournalError> {
        loop {
            let events = self.ready().await?;
            if !events.is_empty() {
                return Ok(events);
            }
            // A bell that rang since is heard now.
            self.grown.0.notified().await;
        }
    }

    /// The events that are there; none at the head.
    pub(super) async fn ready(&mut self) -> Result<Vec<Told>, JournalError> {
        let page = self.reader.whole_events().await?;
        let told = |event: store::journal::Stored| Told::new(event.id.position, event.data);
        Ok(page.into_iter().map(told).collect())
    }
}
