//! Documents of a job, read from the journal a page at a time.

use std::sync::Arc;

use shared::{ChannelId, EventId, Position};
use store::journal::{Journal, JournalError, LogReader};

use super::events::document;
use crate::firecrawl::{Document, Refusal};
use crate::http::answer::journal_problem;

/// Bytes read from the journal at a time.
const READ_BUDGET: usize = 256 * 1024;
/// Bytes of events in one page of documents at most; one document may be larger by itself.
const MOST_BYTES: usize = 10 * 1024 * 1024;

/// The documents that a client asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// Those after this event.
    pub(super) after: EventId,
    /// Documents after it that are passed over.
    pub(super) skip: u64,
    /// As many at most.
    pub(super) limit: usize,
    /// The end of the log, as far as it is looked at.
    pub(super) until: Position,
    /// Documents that the whole log has at most: the last need not be searched for once it is there.
    pub(super) total: u64,
}

/// One page of documents.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) documents: Vec<Document>,
    /// The event of the last one, and of what was passed over.
    pub(super) last: EventId,
    /// True if another document is in the log.
    pub(super) has_more: bool,
}

/// Reads a page.
///
/// # Errors
/// 400 for a cursor that is not of this log; 503 when the journal does not answer.
pub(super) async fn read(
    journal: &Arc<dyn Journal>,
    channel: ChannelId,
    wanted: Wanted,
) -> Result<Page, Refusal> {
    read_page(journal, channel, wanted)
        .await
        .map_err(|error| match error {
            JournalError::Rewound => Refusal::new(
                400,
                "the cursor is not of this job, or its record has lost what it names; begin again without it",
            ),
            error => journal_problem(&error).into(),
        })
}

async fn read_page(
    journal: &Arc<dyn Journal>,
    channel: ChannelId,
    wanted: Wanted,
) -> Result<Page, JournalError> {
    let after = pass_over(journal, channel, &wanted).await?;
    let mut page = Page {
        documents: Vec::new(),
        last: after,
        has_more: false,
    };
    let mut log = LogReader::new(journal.clone(), channel, READ_BUDGET).after(after);
    let mut bytes = 0;
    while log.last().position < wanted.until {
        let events = log.whole_events().await?;
        if events.is_empty() {
            break;
        }
        for stored in events {
            let Some(document) = document(&stored) else {
                continue;
            };
            let is_full = page.documents.len() >= wanted.limit || bytes > MOST_BYTES;
            if is_full {
                page.has_more = true;
                return Ok(page);
            }
            bytes += stored.data.len();
            page.last = stored.id;
            page.documents.push(document);
        }
        if wanted.skip + page.documents.len() as u64 >= wanted.total {
            break;
        }
    }
    Ok(page)
}

/// The event after which the page begins.
async fn pass_over(
    journal: &Arc<dyn Journal>,
    channel: ChannelId,
    wanted: &Wanted,
) -> Result<EventId, JournalError> {
    let mut left = if wanted.after == EventId::START {
        wanted.skip
    } else {
        // The cursor stands behind them already.
        0
    };
    let mut log = LogReader::new(journal.clone(), channel, READ_BUDGET).after(wanted.after);
    let mut last = wanted.after;
    while left > 0 && last.position < wanted.until {
        let gists = log.gists().await?;
        if gists.is_empty() {
            break;
        }
        for stored in gists {
            if left == 0 {
                return Ok(last);
            }
            last = stored.id;
            left -= u64::from(document(&stored).is_some());
        }
    }
    Ok(last)
}
