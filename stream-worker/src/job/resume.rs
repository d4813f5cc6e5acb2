//! What an earlier attempt left, as the crawl takes it up.

use std::borrow::Cow;

use serde::Deserialize;
use shared::{ChannelId, Position, sse};

use crate::crawl;
use crate::journal::{Checkpoint, Journal, JournalError};

/// Bytes read at a time.
const LOG_BYTES: usize = 1024 * 1024;

/// Where the crawl begins: at the start, or with every URL that is known from the log.
pub(super) async fn checkpoint(
    journal: &dyn Journal,
    channel: ChannelId,
    checkpoint: &Checkpoint,
) -> Result<crawl::Checkpoint, JournalError> {
    if checkpoint.counts.discovered == 0 {
        return Ok(crawl::Checkpoint::fresh(checkpoint.seed));
    }
    let mut resumed = crawl::Checkpoint::resume(checkpoint.seed, checkpoint.counts);
    read_log(journal, channel, &mut resumed).await?;
    Ok(resumed)
}

/// The URLs in one event's data; everything else is passed over unread.
#[derive(Deserialize)]
struct Urls<'a> {
    #[serde(borrow)]
    url: Option<Cow<'a, str>>,
    depth: Option<u32>,
    #[serde(borrow)]
    result: Option<Target<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Target<'a> {
    #[serde(borrow)]
    redirected_to: Option<Cow<'a, str>>,
    #[serde(borrow)]
    sha256: Option<Cow<'a, str>>,
}

async fn read_log(
    journal: &dyn Journal,
    channel: ChannelId,
    resumed: &mut crawl::Checkpoint,
) -> Result<(), JournalError> {
    let mut after = Position(0);
    loop {
        let frames = journal.read(channel, after, LOG_BYTES).await?;
        let Some(last) = frames.last() else {
            return Ok(());
        };
        after = last.id.position;
        for frame in &frames {
            let urls = sse::data(&frame.bytes).map(serde_json::from_slice::<Urls<'_>>);
            let Some(Ok(urls)) = urls else {
                return Err(JournalError::Damaged(format!(
                    "the event {} has no data",
                    frame.id
                )));
            };
            if let Some(url) = &urls.url {
                resumed.mark_seen(url);
            }
            let Some(result) = urls.result else { continue };
            if let Some(target) = result.redirected_to {
                resumed.mark_redirected(&target, urls.depth.unwrap_or_default());
            }
            if let (Some(url), Some(sha256)) = (&urls.url, result.sha256) {
                resumed.mark_content(url, &sha256);
            }
        }
    }
}
