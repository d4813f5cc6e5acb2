//! A job's numbered events and its pending URLs: written by the attempt that holds the lease, read by everybody.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use shared::{ChannelId, Counts, EventId, Frame, HostRobots, Position, Terminal, sse};

use super::{JournalError, Lease};

/// Appends to the logs of jobs and reads them.
#[async_trait]
pub trait JobLog: Send + Sync + 'static {
    /// Writes a step, whole or not at all, and wakes followers once it is durable.
    ///
    /// # Errors
    /// [`JournalError::LeaseLost`] when a later attempt holds the job, when the job has ended, or when `step.first` is not
    /// above the head; [`JournalError::Rewound`] when positions before `step.first` are missing.
    async fn commit(&self, held: &Lease, step: Step) -> Result<(), JournalError>;

    /// Room for the formats of pages in a log, as of the last step that was written under this lease.
    fn room(&self, _held: &Lease) -> Room {
        Room::Enough
    }

    /// Up to `most` pending URLs after `after`, in order.
    async fn pending(
        &self,
        channel: ChannelId,
        after: Ordinal,
        most: usize,
    ) -> Result<Vec<Pending>, JournalError>;

    /// Frames after the event `after`, in order, about `budget` bytes of them and at least one if there is one.
    async fn read(
        &self,
        channel: ChannelId,
        after: EventId,
        budget: usize,
    ) -> Result<Page<Frame>, JournalError>;

    /// As [`read`](Self::read), for downloads: each event's whole data as JSON.
    async fn read_whole(
        &self,
        channel: ChannelId,
        after: EventId,
        budget: usize,
    ) -> Result<Page<Stored>, JournalError>;

    /// As [`read`](Self::read), for those who need no page's content: each event's data as JSON without the formats of its
    /// page, where these are large and the journal can leave them out.
    async fn recall(
        &self,
        channel: ChannelId,
        after: EventId,
        budget: usize,
    ) -> Result<Page<Stored>, JournalError> {
        let frames = match self.read(channel, after, budget).await? {
            Page::Next(frames) => frames,
            Page::Parted { after } => return Ok(Page::Parted { after }),
        };
        let events: Result<_, _> = frames.iter().map(stored).collect();
        Ok(Page::Next(events?))
    }

    /// Digests after the one with the number `after`, in order, about `budget` bytes of them and at least one if there
    /// is one. None from a journal that keeps none: the log tells the same, and takes longer to read.
    async fn digests(
        &self,
        _channel: ChannelId,
        _after: u64,
        _budget: usize,
    ) -> Result<Vec<Digest>, JournalError> {
        Ok(Vec::new())
    }

    /// Compares a watcher's cursor with the log.
    async fn locate(&self, channel: ChannelId, cursor: EventId) -> Result<Cursor, JournalError>;

    /// Calls `tail` whenever the head of this channel's log has moved, until the guard is dropped. Register before you
    /// read.
    fn follow(&self, channel: ChannelId, tail: Arc<dyn Tail>) -> FollowGuard;
}

/// Hears that a channel's log has grown.
pub trait Tail: Send + Sync + 'static {
    /// Called in order, never twice at once for one channel, after the steps are durable: one call may tell of several steps,
    /// and come late. Must not block.
    fn advance(&self, advance: &Advance);
}

/// Ends a [`JobLog::follow`] when dropped.
pub struct FollowGuard(Option<Box<dyn FnOnce() + Send + Sync>>);

impl FollowGuard {
    /// A guard that calls `end` when dropped.
    pub fn new(end: impl FnOnce() + Send + Sync + 'static) -> Self {
        Self(Some(Box::new(end)))
    }
}

impl Drop for FollowGuard {
    fn drop(&mut self) {
        if let Some(end) = self.0.take() {
            end();
        }
    }
}

/// One atomic change of a job's record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The position of the first entry: the one after the head.
    pub first: Position,
    /// New events, in order, at consecutive positions, each written by the lease's attempt.
    pub entries: Vec<Entry>,
    /// URLs that become pending.
    pub discovered: Vec<Pending>,
    /// URLs that are pending no longer.
    pub completed: Vec<Ordinal>,
    /// The counters after this step.
    pub counts: Counts,
    /// The job's final state, if the last entry is its terminal event.
    pub outcome: Option<Terminal>,
    /// True if one of the entries tells that formats are left out from here on.
    pub tells_cut: bool,
    /// New results of reading hosts' robots.txt.
    pub robots: Vec<HostRobots>,
    /// A digest of the log from the last digest to this step's last event, for the next attempt. Its bytes are the crawl's own. A journal
    /// keeps either all digests of a log or none.
    pub digest: Option<Bytes>,
}

/// A digest that was read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// 1, 2, 3 … within the job.
    pub number: u64,
    /// The last event that it is about.
    pub last: EventId,
    /// As it was written.
    pub bytes: Bytes,
}

/// Room for the formats of pages in a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// They are kept.
    Enough,
    /// The log has as many bytes as it may have: pages are told without their formats.
    Used {
        /// True if the log says so already.
        told: bool,
    },
}

/// One event on its way into the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// As it is sent to watchers, at most 256 KiB.
    pub frame: Bytes,
    /// The event's whole data, where the frame had to be cut.
    pub whole: Option<Bytes>,
    /// The event's data without the formats of its page, where these are more than half of it.
    pub gist: Option<Bytes>,
}

/// A pending URL's number within its job: 1, 2, 3 … in the order of discovery.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ordinal(pub u64);

/// A URL that waits to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// Number within the job.
    pub ordinal: Ordinal,
    /// The URL as it is asked for.
    pub url: String,
    /// Link hops from a start page.
    pub depth: u32,
    /// The page that linked to it first.
    pub referrer: Option<String>,
}

/// Result of a read from one place of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page<T> {
    /// The events that follow; empty at the head.
    Next(Vec<T>),
    /// The log does not hold the event that was read after: the store lost it, or it is of another log.
    Parted {
        /// The last event that is common to both; [`EventId::START`] if there is none. Read on after it.
        after: EventId,
    },
}

impl<T> Page<T> {
    /// The same with each event in another form.
    pub fn map<U>(self, form: impl FnMut(T) -> U) -> Page<U> {
        match self {
            Self::Next(events) => Page::Next(events.into_iter().map(form).collect()),
            Self::Parted { after } => Page::Parted { after },
        }
    }
}

/// One event read back as data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its ID.
    pub id: EventId,
    /// As JSON: whole, or without the formats of its page.
    pub data: Bytes,
}

/// The data of a frame.
fn stored(frame: &Frame) -> Result<Stored, JournalError> {
    let data = sse::data(&frame.bytes)
        .ok_or_else(|| JournalError::Damaged(format!("the event {} has no data", frame.id)))?;
    Ok(Stored {
        id: frame.id,
        data: frame.bytes.slice_ref(data),
    })
}

/// Result of comparing a watcher's cursor with the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cursor {
    /// The event is in the log, or the cursor is the start: read on after it.
    Valid,
    /// No event of this log has or had that ID: read from the start.
    Unknown,
    /// The event was lost by a crash of the store.
    LostTail {
        /// The last event that the watcher has in common with the log: read on after it.
        after: EventId,
    },
    /// The events after the cursor are no longer kept.
    Trimmed {
        /// The last event that is not kept: read on after it.
        after: EventId,
    },
}

/// Growth of a channel's log.
#[derive(Debug, Clone)]
pub struct Advance {
    /// ID of the last event.
    pub head: EventId,
    /// True if the last event is the terminal one.
    pub ended: bool,
    /// The frames that were added, if the journal has them at hand; else read them.
    pub frames: Vec<Frame>,
    /// The first position whose event was replaced or is gone, if the store lost events that were told before.
    pub parted: Option<Position>,
}
