//! The state of a crawl, rebuilt from the log that an earlier attempt left.
//!
//! A log has digests beside it, up to one of its last events; the events after that, and the URLs that were discovered after that, are
//! few. They are also what the next digest begins with. A log without digests is read from its first event.

use std::sync::Arc;

use engine::crawl::{self, CrawlStep, Digester};
use shared::{ChannelId, CrawlRequest, EventId};
use store::journal::{Checkpoint, JobLog, JournalError, LogReader, Ordinal};

use super::sink::candidate;

/// Bytes read at a time.
const LOG_BYTES: usize = 1024 * 1024;

/// URLs read at a time.
const URLS: usize = 2_000;

/// The start of the crawl: nothing for a job without a log, otherwise all that its log tells; and the digester of what comes after
/// its last digest.
pub(super) async fn checkpoint(
    log: Arc<dyn JobLog>,
    channel: ChannelId,
    checkpoint: &Checkpoint,
    request: &CrawlRequest,
) -> Result<(crawl::Checkpoint, Digester), JournalError> {
    let (seed, started_at) = (checkpoint.seed, checkpoint.started_at);
    let mut digester = Digester::new(seed, request);
    if checkpoint.counts.discovered == 0 {
        return Ok((crawl::Checkpoint::fresh(seed, started_at), digester));
    }
    let mut resumed = crawl::Checkpoint::resume(seed, started_at, checkpoint.counts);
    let last = digests(&*log, channel, &mut resumed).await?;
    let mut reader = LogReader::new(log.clone(), channel, LOG_BYTES).after(last);
    loop {
        let page = reader.gists().await?;
        if page.is_empty() {
            break;
        }
        for event in &page {
            resumed
                .replay(&event.data)
                .map_err(|error| damaged("the data of the event", event.id, &error))?;
            if !digester.has_too_much()
                && let Ok(event) = serde_json::from_slice(&event.data)
            {
                digester.add(&events(event));
            }
        }
    }
    waiting(&*log, channel, resumed.through(), &mut digester).await?;
    Ok((resumed, digester))
}

/// Takes in all digests; answers the last event that they are about.
async fn digests(
    log: &dyn JobLog,
    channel: ChannelId,
    resumed: &mut crawl::Checkpoint,
) -> Result<EventId, JournalError> {
    let (mut number, mut last) = (0, EventId::START);
    loop {
        let page = log.digests(channel, number, LOG_BYTES).await?;
        if page.is_empty() {
            return Ok(last);
        }
        for digest in page {
            (number, last) = (digest.number, digest.last);
            resumed
                .replay_digest(&digest.bytes)
                .map_err(|error| damaged("the digest at the event", last, &error))?;
        }
    }
}

/// Digests the URLs beyond the ordinal `through` that wait.
async fn waiting(
    log: &dyn JobLog,
    channel: ChannelId,
    through: u64,
    digester: &mut Digester,
) -> Result<(), JournalError> {
    let mut after = Ordinal(through);
    while !digester.has_too_much() {
        let page = log.pending(channel, after, URLS).await?;
        let Some(last) = page.last() else { break };
        after = last.ordinal;
        digester.add(&CrawlStep {
            discovered: page.into_iter().map(candidate).collect(),
            ..CrawlStep::default()
        });
    }
    Ok(())
}

fn events(event: shared::Event) -> CrawlStep {
    CrawlStep {
        events: vec![event],
        ..CrawlStep::default()
    }
}

fn damaged(what: &str, id: EventId, error: &dyn std::error::Error) -> JournalError {
    JournalError::Damaged(format!("{what} {id}: {error}"))
}
