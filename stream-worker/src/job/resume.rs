//! The state of a crawl, rebuilt from the log that an earlier attempt left.

use std::sync::Arc;

use engine::crawl;
use shared::ChannelId;
use store::journal::{Checkpoint, JobLog, JournalError, LogReader};

/// Bytes read at a time.
const LOG_BYTES: usize = 1024 * 1024;

/// The start of the crawl: nothing for a job without a log, otherwise all that its log tells.
pub(super) async fn checkpoint(
    log: Arc<dyn JobLog>,
    channel: ChannelId,
    checkpoint: &Checkpoint,
) -> Result<crawl::Checkpoint, JournalError> {
    let (seed, started_at) = (checkpoint.seed, checkpoint.started_at);
    if checkpoint.counts.discovered == 0 {
        return Ok(crawl::Checkpoint::fresh(seed, started_at));
    }
    let mut resumed = crawl::Checkpoint::resume(seed, started_at, checkpoint.counts);
    let mut reader = LogReader::new(log, channel, LOG_BYTES);
    loop {
        let page = reader.gists().await?;
        if page.is_empty() {
            return Ok(resumed);
        }
        for event in &page {
            resumed.replay(&event.data).map_err(|error| {
                JournalError::Damaged(format!("the data of the event {}: {error}", event.id))
            })?;
        }
    }
}
