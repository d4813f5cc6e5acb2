//! Appends to one job's log under a lease: numbers events, encodes their frames and commits them.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use shared::event::{Notice, NoticeCode};
use shared::{Counts, Event, EventId, HostRobots, sse};

use super::{Entry, JobLog, JournalError, Lease, Ordinal, Page, Pending, Room, Step};

/// Text of the notice that comes once, before the first page without its formats.
const FORMATS_CUT: &str = "The record of this job has used the room that it may have. Pages from here on come without their \
                           formats.";

/// Appends to one job's log under a lease.
pub struct LogWriter {
    log: Arc<dyn JobLog>,
    lease: Lease,
    /// The last event that is known to be durable.
    head: EventId,
    last: LastAppend,
    /// True if this writer has told that formats are left out.
    told_cut: bool,
}

/// Changes of a job's record that a step makes beside its events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// URLs that become pending.
    pub discovered: Vec<Pending>,
    /// URLs that are pending no longer.
    pub completed: Vec<Ordinal>,
    /// New results of reading hosts' robots.txt.
    pub robots: Vec<HostRobots>,
    /// The counters after the step.
    pub counts: Counts,
    /// The digest of everything since the last one, if this step is to have it.
    pub digest: Option<Bytes>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LastAppend {
    Known,
    /// The append failed or was dropped under way, and may be in the log all the same.
    InDoubt,
}

impl LogWriter {
    /// Writes after `head`, the head that the lease was taken at.
    #[must_use]
    pub const fn new(log: Arc<dyn JobLog>, lease: Lease, head: EventId) -> Self {
        Self {
            log,
            lease,
            head,
            last: LastAppend::Known,
            told_cut: false,
        }
    }

    /// The last event that is known to be durable.
    #[must_use]
    pub const fn head(&self) -> EventId {
        self.head
    }

    /// The lease it writes under.
    #[must_use]
    pub const fn lease(&self) -> &Lease {
        &self.lease
    }

    /// Commits `events` at the next positions together with what happened to URLs. The position moves on only if that
    /// succeeds, so that a retry writes the same IDs. If the last event is a terminal one, the job ends with it. Where the log has
    /// no more room for the formats of pages, these are left out, after a notice that says so once.
    ///
    /// # Errors
    /// As for [`JobLog::commit`]. After [`JournalError::Store`] the caller may append the same again, also when the
    /// first try had reached the log.
    ///
    /// # Cancel safety
    /// A dropped call may or may not have written. Append the same again then.
    pub async fn append(
        &mut self,
        events: &[Event],
        discovered: Vec<Pending>,
        completed: Vec<Ordinal>,
        counts: Counts,
    ) -> Result<(), JournalError> {
        let changes = Changes {
            discovered,
            completed,
            robots: Vec::new(),
            counts,
            digest: None,
        };
        self.append_with(events, changes).await
    }

    /// As [`append`](Self::append), with all else that a step may change.
    ///
    /// # Errors
    /// As for [`append`](Self::append).
    ///
    /// # Cancel safety
    /// As for [`append`](Self::append).
    pub async fn append_with(
        &mut self,
        events: &[Event],
        changes: Changes,
    ) -> Result<(), JournalError> {
        let Changes {
            discovered,
            completed,
            robots,
            counts,
            digest,
        } = changes;
        let (fitted, tells_cut) = self.fitted(events);
        let (ids, entries): (Vec<_>, Vec<_>) = self.encode(&fitted).into_iter().unzip();
        let step = Step {
            first: self.head.position.next(),
            entries: entries.clone(),
            discovered,
            completed,
            counts,
            outcome: events.last().and_then(Event::terminal),
            tells_cut,
            robots,
            digest,
        };
        let before = std::mem::replace(&mut self.last, LastAppend::InDoubt);
        let committed = match (self.log.commit(&self.lease, step).await, before) {
            (Err(JournalError::LeaseLost), LastAppend::InDoubt) => self.find(&entries).await,
            (other, LastAppend::Known | LastAppend::InDoubt) => other,
        };
        match committed {
            Ok(()) => {
                self.head = ids.last().copied().unwrap_or(self.head);
                self.last = LastAppend::Known;
                self.told_cut |= tells_cut;
            }
            Err(JournalError::Store(_)) => {}
            Err(JournalError::LeaseLost | JournalError::Rewound | JournalError::Damaged(_)) => {
                self.last = before;
            }
        }
        committed
    }

    /// The events as the log has room for them, and if the notice about that is among them.
    fn fitted<'a>(&self, events: &'a [Event]) -> (Cow<'a, [Event]>, bool) {
        let Room::Used { told } = self.log.room(&self.lease) else {
            return (Cow::Borrowed(events), false);
        };
        let mut fitted = Vec::with_capacity(events.len() + 1);
        let mut tells = false;
        for event in events {
            let Some(cut) = event.without_formats() else {
                fitted.push(event.clone());
                continue;
            };
            if !told && !self.told_cut && !tells {
                fitted.push(formats_cut(event));
                tells = true;
            }
            fitted.push(cut);
        }
        (Cow::Owned(fitted), tells)
    }

    fn encode(&self, events: &[Event]) -> Vec<(EventId, Entry)> {
        let mut position = self.head.position;
        let entry = |event| {
            position = position.next();
            let id = EventId::new(self.lease.attempt, position);
            let encoded = sse::encode(event, id);
            let entry = Entry {
                frame: encoded.frame,
                whole: encoded.whole,
                gist: encoded.gist,
            };
            (id, entry)
        };
        events.iter().map(entry).collect()
    }

    /// Succeeds if the entries are in the log already: a refusal is then the echo of the first try, not a lost lease.
    async fn find(&self, entries: &[Entry]) -> Result<(), JournalError> {
        let budget = entries.iter().map(|entry| entry.frame.len()).sum();
        let stored = match self.log.read(self.lease.channel, self.head, budget).await? {
            Page::Next(stored) => stored,
            Page::Parted { .. } => return Err(JournalError::Rewound),
        };
        let same = !entries.is_empty()
            && stored.len() == entries.len()
            && stored
                .iter()
                .zip(entries)
                .all(|(stored, entry)| stored.bytes == entry.frame);
        if same {
            return Ok(());
        }
        Err(JournalError::LeaseLost)
    }
}

/// The notice, at the time of the first page that it is about.
fn formats_cut(page: &Event) -> Event {
    Event::Notice(Notice {
        at: page.at(),
        code: NoticeCode::FormatsCut,
        text: FORMATS_CUT.to_owned(),
    })
}
