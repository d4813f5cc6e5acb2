//! What a journal holds, as its users see it.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use shared::JobState;
use shared::request::Webhook;
use shared::{Attempt, ChannelId, Counts, CrawlRequest, EventId, Frame, Position, Timestamp};

/// The right to write one job's log, until it lapses or is given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The job's channel.
    pub channel: ChannelId,
    /// The attempt that holds it; fences every write.
    pub attempt: Attempt,
}

/// What came of taking a lease.
#[derive(Debug)]
pub enum Acquired {
    /// Nothing has been logged yet.
    Fresh(Lease, Checkpoint),
    /// An earlier attempt got this far.
    Resumed(Lease, Checkpoint),
    /// Another attempt holds the job until then.
    Held(Timestamp),
    /// The job has ended.
    Finished,
}

/// Where an attempt begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Seeds the hash of the set of known URLs; the same for every attempt at a job.
    pub seed: u64,
    /// When the first attempt began (now, for a fresh job).
    pub started_at: Timestamp,
    /// The counters at the head, with nothing in flight.
    pub counts: Counts,
    /// The head of the log.
    pub head: EventId,
    /// Attempts since a URL was last finished, this one included. Those that gave their lease back are not counted.
    pub fruitless: u32,
}

/// A pending URL's number within its job: 1, 2, 3 … in the order of discovery.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ordinal(pub u64);

/// A URL that waits to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// Its number within the job.
    pub ordinal: Ordinal,
    /// The URL.
    pub url: String,
    /// Link hops from a start page.
    pub depth: u32,
    /// Where it was found first.
    pub referrer: Option<String>,
}

/// One atomic change of a job's record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The position of the first entry: the one after the head.
    pub first: Position,
    /// New events, in order, at consecutive positions, each written by the lease's attempt.
    pub entries: Vec<Entry>,
    /// URLs that now wait.
    pub discovered: Vec<Pending>,
    /// URLs that no longer wait.
    pub completed: Vec<Ordinal>,
    /// The counters after this step.
    pub counts: Counts,
    /// The job's final state, if the last entry is its terminal event.
    pub outcome: Option<JobState>,
}

/// One event on its way into the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The finished frame.
    pub frame: Bytes,
    /// The event's whole data, where the frame had to be cut.
    pub whole: Option<Bytes>,
}

/// One event read back for a download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its place in the log.
    pub position: Position,
    /// Its whole data as JSON.
    pub data: Bytes,
}

/// A watcher's cursor held against the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cursor {
    /// The event is in the log, or the cursor is the start: read on after it.
    Valid,
    /// No event of this log has or had that ID: read from `from`.
    Unknown {
        /// The first position that the watcher cannot have.
        from: Position,
    },
    /// The event was taken back by a crash before it was durable: read from `from`.
    LostTail {
        /// The first position that the watcher cannot have.
        from: Position,
    },
    /// What follows is no longer kept.
    Trimmed {
        /// The first position that is.
        from: Position,
    },
}

/// Where a job stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Its state; `cancelling` when a job that runs has its cancel flag raised.
    pub state: JobState,
    /// The counters at the head.
    pub counts: Counts,
    /// The attempt that holds or last held the job.
    pub attempt: Attempt,
    /// The last event of the log.
    pub head: EventId,
    /// Who asked for it; unknown until the job has been taken from the queue.
    pub tenant: Option<String>,
    /// What was asked for; unknown until the job has been taken from the queue.
    pub request: Option<CrawlRequest>,
    /// When the first attempt began.
    pub started_at: Option<Timestamp>,
    /// When the job ended.
    pub ended_at: Option<Timestamp>,
    /// Whether the stream is gated for all watchers.
    pub paused: bool,
    /// Whether the events were deleted when their retention ended.
    pub expired: bool,
}

/// A job's control flags.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Control {
    /// Whether and why it must stop.
    pub cancel: Option<CancelReason>,
    /// Whether the stream is gated for all watchers.
    pub paused: bool,
    /// Since when a job that has been watched has had no watcher.
    pub unwatched_since: Option<Timestamp>,
}

/// Why a job must stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CancelReason {
    /// Somebody asked for it.
    Requested,
    /// Its last watcher left and did not come back.
    Unwatched,
}

impl CancelReason {
    /// The `reason` of the `cancelled` event.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Unwatched => "unwatched",
        }
    }
}

/// How far a channel's log has come.
#[derive(Debug, Clone)]
pub struct Advance {
    /// The last event.
    pub head: EventId,
    /// Whether it is the terminal one.
    pub ended: bool,
    /// The frames that were added, if the journal has them at hand; else read them.
    pub frames: Vec<Frame>,
}

/// A job whose webhook has not been told all yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owed {
    /// Its number among such jobs: grows with each.
    pub number: u64,
    /// Its channel.
    pub channel: ChannelId,
}

/// How far a job's webhook has been told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Whom to tell what.
    pub webhook: Webhook,
    /// It knows of the events up to here.
    pub position: Position,
    /// Where the post that has begun ends: whenever it is made again it is the same.
    pub through: Option<Position>,
    /// How often in a row it could not be told.
    pub failures: u32,
    /// Since when.
    pub failing_since: Option<Timestamp>,
    /// Not to be tried before.
    pub due: Option<Timestamp>,
    /// Whether the job's events are gone, or going.
    pub expired: bool,
}

/// What came of telling a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// It knows of the events up to here.
    UpTo(Position),
    /// A post of the events up to here begins.
    Begun(Position),
    /// It could not be told; not to be tried before then.
    NotYet(Timestamp),
    /// It knows all, or is given up.
    Over,
}
