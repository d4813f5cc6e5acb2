//! Appends to one job's log under a lease: numbers events, encodes their frames and commits them.

use std::sync::Arc;

use shared::{Counts, Event, EventId, sse};

use super::{Entry, JobLog, JournalError, Lease, Ordinal, Page, Pending, Step};

/// Appends to one job's log under a lease.
pub struct LogWriter {
    log: Arc<dyn JobLog>,
    lease: Lease,
    /// The last event that is known to be durable.
    head: EventId,
    last: LastAppend,
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
    /// succeeds, so that a retry writes the same IDs. If the last event is a terminal one, the job ends with it.
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
        let (ids, entries): (Vec<_>, Vec<_>) = self.encode(events).into_iter().unzip();
        let step = Step {
            first: self.head.position.next(),
            entries: entries.clone(),
            discovered,
            completed,
            counts,
            outcome: events.last().and_then(Event::terminal),
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
            }
            Err(JournalError::Store(_)) => {}
            Err(JournalError::LeaseLost | JournalError::Rewound | JournalError::Damaged(_)) => {
                self.last = before;
            }
        }
        committed
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
