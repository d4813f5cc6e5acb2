//! The pages of an earlier job, with which a crawl that has a `since` compares its own.

use std::sync::Arc;

use engine::crawl::Earlier;
use shared::{ChannelId, Event};
use store::journal::{Journal, JournalError, LogReader};

/// Bytes read at a time.
const LOG_BYTES: usize = 1024 * 1024;

/// Reads the log of the job on `channel`, if it is one of `tenant`'s. Otherwise there is nothing to compare with, and nobody
/// is told whether there is such a job.
pub(super) async fn earlier(
    journal: Arc<dyn Journal>,
    channel: ChannelId,
    tenant: &str,
) -> Result<Earlier, JournalError> {
    let mut earlier = Earlier::default();
    let snapshot = journal.snapshot(channel).await?;
    let owner = snapshot.and_then(|snapshot| snapshot.tenant);
    if owner.as_deref() != Some(tenant) {
        return Ok(earlier);
    }
    let mut reader = LogReader::new(journal, channel, LOG_BYTES);
    loop {
        let page = reader.gists().await?;
        if page.is_empty() {
            return Ok(earlier);
        }
        let events = page
            .iter()
            .filter_map(|event| serde_json::from_slice::<Event>(&event.data).ok());
        for event in events {
            if !earlier.replay(event) {
                return Ok(earlier);
            }
        }
    }
}
