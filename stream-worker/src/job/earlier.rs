//! What an earlier job has fetched, as the crawl compares with it.

use shared::{ChannelId, Event, Position, sse};

use engine::crawl::Earlier;
use store::journal::{Journal, JournalError};

/// Bytes read at a time.
const LOG_BYTES: usize = 1024 * 1024;

/// Reads the log of the job on `channel`, if it is one of `tenant`'s. Otherwise there is nothing to compare with, and nobody
/// is told whether there is such a job.
pub(super) async fn earlier(
    journal: &dyn Journal,
    channel: ChannelId,
    tenant: &str,
) -> Result<Earlier, JournalError> {
    let mut earlier = Earlier::default();
    let snapshot = journal.snapshot(channel).await?;
    let owner = snapshot.and_then(|snapshot| snapshot.tenant);
    if owner.as_deref() != Some(tenant) {
        return Ok(earlier);
    }
    let mut after = Position(0);
    loop {
        let frames = journal.read(channel, after, LOG_BYTES).await?;
        let Some(last) = frames.last() else {
            return Ok(earlier);
        };
        after = last.id.position;
        let events = frames
            .iter()
            .filter_map(|frame| serde_json::from_slice::<Event>(sse::data(&frame.bytes)?).ok());
        for event in events {
            if !earlier.replay(event) {
                return Ok(earlier);
            }
        }
    }
}
