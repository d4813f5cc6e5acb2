//! Documents of a job as JSON, read from the journal a piece at a time.

use std::sync::Arc;

use bytes::Bytes;
use shared::{ChannelId, EventId, Position};
use store::journal::{Journal, JournalError, LogReader, Stored};

use super::events::document;
use crate::firecrawl::Refusal;
use crate::http::answer::journal_problem;

/// Bytes read from the journal at a time.
const READ_BUDGET: usize = 256 * 1024;

/// The length of a page of documents.
#[derive(Debug, Clone, Copy)]
pub(super) struct PageLength {
    /// Documents at most.
    pub(super) documents: u64,
    /// Bytes of their events at most; one document may be larger by itself.
    bytes: usize,
}

impl PageLength {
    /// The first page of a client that names no limit. Many ask for it every two seconds, and only for the counts: as many
    /// documents as two reads of the journal bring.
    pub(super) const FIRST: Self = Self {
        documents: 100,
        bytes: READ_BUDGET * 3 / 2,
    };
    /// A page of a client that names no limit and goes on: it wants the documents.
    pub(super) const FURTHER: Self = Self::of(100);
    /// The longest page that a client can ask for.
    pub(super) const LONGEST: Self = Self {
        documents: 1000,
        bytes: 10 * 1024 * 1024,
    };

    /// A page of `documents`, as a client has asked for it.
    pub(super) const fn of(documents: u64) -> Self {
        Self {
            documents,
            ..Self::LONGEST
        }
    }
}
/// The documents that a client asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// Those after this event.
    pub(super) after: EventId,
    /// Documents after it that are passed over.
    pub(super) skip: u64,
    pub(super) length: PageLength,
    /// The end of the log, as far as it is looked at.
    pub(super) until: Position,
    /// Documents that the whole log has at most: the last need not be searched for once it is there.
    pub(super) total: u64,
}

/// One page of documents, of which a piece is in memory at a time.
pub(super) struct Documents {
    log: LogReader,
    wanted: Wanted,
    /// Documents so far.
    count: u64,
    /// Bytes of their events.
    bytes: usize,
    /// The event of the last one, and of what was passed over.
    last: EventId,
    /// True once the page has all that belongs to it.
    is_over: bool,
    /// True if another document is in the log.
    has_more: bool,
}

impl Documents {
    /// Finds the place where the page begins.
    ///
    /// # Errors
    /// As for [`piece`](Self::piece).
    pub(super) async fn begin(
        journal: Arc<dyn Journal>,
        channel: ChannelId,
        wanted: Wanted,
    ) -> Result<Self, JournalError> {
        let mut log = LogReader::new(journal, channel, READ_BUDGET).after(wanted.after);
        let last = pass_over(&mut log, &wanted).await?;
        Ok(Self {
            log: log.after(last),
            wanted,
            count: 0,
            bytes: 0,
            last,
            is_over: false,
            has_more: false,
        })
    }

    /// The documents that follow, separated by commas: those of a piece of the log that has any. Empty once the page is over.
    ///
    /// # Errors
    /// [`JournalError::Rewound`] for a cursor that is not of this log, and for a log that ends too early; the journal's own.
    pub(super) async fn piece(&mut self) -> Result<Bytes, JournalError> {
        let mut piece = Vec::new();
        while piece.is_empty() && !self.is_over {
            if self.log.last().position >= self.wanted.until {
                self.is_over = true;
                break;
            }
            let events = self.log.whole_events().await?;
            if events.is_empty() {
                // Deleted while it was read: a page without the rest would look whole.
                return Err(JournalError::Rewound);
            }
            // A list that grows is copied each time that it does.
            piece.reserve(events.iter().map(most_bytes).sum());
            for stored in &events {
                self.take(stored, &mut piece);
            }
            self.is_over |= self.wanted.skip + self.count >= self.wanted.total;
        }
        Ok(piece.into())
    }

    fn take(&mut self, stored: &Stored, piece: &mut Vec<u8>) {
        if self.has_more {
            return;
        }
        let Some(document) = document(stored) else {
            return;
        };
        let PageLength { documents, bytes } = self.wanted.length;
        let is_too_long = self.count > 0 && self.bytes + stored.data.len() > bytes;
        if self.count >= documents || is_too_long {
            (self.has_more, self.is_over) = (true, true);
            return;
        }
        if self.count > 0 {
            piece.push(b',');
        }
        serde_json::to_writer(piece, &document)
            .expect("documents serialise: their maps have string keys");
        self.count += 1;
        self.bytes += stored.data.len();
        self.last = stored.id;
    }

    /// The place of the page that follows, if there is one: documents before it, and the event after which it begins.
    pub(super) fn next(&self) -> Option<(u64, EventId)> {
        self.has_more
            .then(|| (self.wanted.skip + self.count, self.last))
    }
}

/// Bytes of an event's document, with rare exceptions: what it says of its page is said twice, under two names.
fn most_bytes(stored: &Stored) -> usize {
    stored.data.len() + 1024
}

/// The error of a page whose first piece could not be read.
pub(super) fn refusal(error: &JournalError) -> Refusal {
    match error {
        JournalError::Rewound => Refusal::new(
            400,
            "the cursor is not of this job, or its record has lost what it names; begin again without it",
        ),
        error => journal_problem(error).into(),
    }
}

/// The event after which the page begins.
async fn pass_over(log: &mut LogReader, wanted: &Wanted) -> Result<EventId, JournalError> {
    let mut left = if wanted.after == EventId::START {
        wanted.skip
    } else {
        // The cursor stands behind them already.
        0
    };
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

#[cfg(test)]
mod tests {
    use shared::Attempt;
    use store::journal::{EmbeddedConfig, EmbeddedJournal};
    use store::sqlite::{DataDir, unobserved};

    use super::*;
    use crate::runtime_clock::runtime_clock;

    #[tokio::test]
    async fn a_record_that_is_deleted_while_it_is_read_is_no_whole_page() {
        let directory = tempfile::tempdir().unwrap();
        let data = DataDir::open(directory.path()).unwrap();
        let config = EmbeddedConfig::default();
        let journal = EmbeddedJournal::open(&data, config, runtime_clock(), unobserved()).unwrap();
        let wanted = Wanted {
            after: EventId::new(Attempt(1), Position(2)),
            skip: 0,
            length: PageLength::FIRST,
            until: Position(5),
            total: 5,
        };
        let documents = Documents::begin(Arc::new(journal), ChannelId::mint(), wanted).await;
        assert!(matches!(
            documents.unwrap().piece().await,
            Err(JournalError::Rewound)
        ));
    }
}
