//! What an earlier attempt left, as the crawl takes it up.

use shared::{ChannelId, Position, sse};

use engine::crawl;
use store::journal::{Checkpoint, JobLog, JournalError};

/// Bytes read at a time.
const LOG_BYTES: usize = 1024 * 1024;

/// Where the crawl begins: at the start, or with all that is known from the log.
pub(super) async fn checkpoint(
    log: &dyn JobLog,
    channel: ChannelId,
    checkpoint: &Checkpoint,
) -> Result<crawl::Checkpoint, JournalError> {
    let (seed, started_at) = (checkpoint.seed, checkpoint.started_at);
    if checkpoint.counts.discovered == 0 {
        return Ok(crawl::Checkpoint::fresh(seed, started_at));
    }
    let mut resumed = crawl::Checkpoint::resume(seed, started_at, checkpoint.counts);
    read_log(log, channel, &mut resumed).await?;
    Ok(resumed)
}

async fn read_log(
    log: &dyn JobLog,
    channel: ChannelId,
    resumed: &mut crawl::Checkpoint,
) -> Result<(), JournalError> {
    let mut after = Position(0);
    loop {
        let frames = log.read(channel, after, LOG_BYTES).await?;
        let Some(last) = frames.last() else {
            return Ok(());
        };
        after = last.id.position;
        for frame in &frames {
            let replayed = sse::data(&frame.bytes).map(|data| resumed.replay(data));
            let Some(Ok(())) = replayed else {
                return Err(JournalError::Damaged(format!(
                    "the event {} has no data",
                    frame.id
                )));
            };
        }
    }
}
