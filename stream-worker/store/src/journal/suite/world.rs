//! A journal under test, and short words for what is done with it.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use shared::Clock;
use shared::event::{Notice, NoticeCode};
use shared::queue_message::VERSION;
use shared::{
    Attempt, ChannelId, Counts, CrawlRequest, Event, EventId, Frame, JobMessage, Position,
    Timestamp, sse,
};
use shared::{JobState, Terminal};

use crate::journal::{
    Acquired, Checkpoint, Entry, Journal, JournalError, Lease, Ordinal, Page, Pending, Step, Stored,
};
use crate::time_under_test::Time;

pub(crate) const LEASE: Duration = Duration::from_secs(60);

/// A new journal and what keeps it alive.
pub(crate) struct World {
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) clock: Clock,
    pub(crate) time: Arc<dyn Time>,
    pub(crate) retention: Duration,
    /// By how much the journal's clock and the test's may differ.
    pub(crate) tolerance: Duration,
    /// True if the store expires records without being asked.
    pub(crate) expires_alone: bool,
    pub(crate) _keep: Box<dyn Any + Send>,
}

impl World {
    /// Lets the journal's time pass.
    pub(crate) async fn pass(&self, span: Duration) {
        self.time.pass(span).await;
    }

    /// True if two times are the same, as far as the journal's clock and the test's agree.
    pub(crate) fn same(&self, one: Option<Timestamp>, other: Timestamp) -> bool {
        one.is_some_and(|one| one.since(other).max(other.since(one)) <= self.tolerance)
    }

    /// Has the jobs expire that ended before a time; `jobs` are due.
    pub(crate) async fn expire(&self, before: Timestamp, jobs: usize) {
        let expired = self.journal.expire(before).await.unwrap();
        assert_eq!(expired, if self.expires_alone { 0 } else { jobs });
    }

    /// The frames after `after`, which the log holds.
    pub(crate) async fn read(
        &self,
        channel: ChannelId,
        after: EventId,
        budget: usize,
    ) -> Vec<Frame> {
        next_of(self.journal.read(channel, after, budget).await)
    }

    /// As [`read`](Self::read): whole events.
    pub(crate) async fn read_whole(
        &self,
        channel: ChannelId,
        after: EventId,
        budget: usize,
    ) -> Vec<Stored> {
        next_of(self.journal.read_whole(channel, after, budget).await)
    }

    pub(crate) async fn acquire(&self, job: &JobMessage, worker: &str) -> Acquired {
        self.journal.acquire(job, worker, LEASE).await.unwrap()
    }

    /// A new job, taken.
    pub(crate) async fn begin(&self) -> Pen {
        let job = job(ChannelId::mint());
        let (lease, _) = granted(self.acquire(&job, "w1").await);
        Pen {
            journal: self.journal.clone(),
            job,
            lease,
            head: 0,
        }
    }

    /// The same job, taken by the next attempt after the lease has lapsed.
    pub(crate) async fn take_over(&self, pen: &Pen) -> Pen {
        self.pass(LEASE).await;
        let (lease, checkpoint) = granted(self.acquire(&pen.job, "w2").await);
        Pen {
            journal: self.journal.clone(),
            job: pen.job.clone(),
            lease,
            head: checkpoint.head.position.0,
        }
    }

    pub(crate) async fn state(&self, channel: ChannelId) -> JobState {
        let snapshot = self.journal.snapshot(channel).await.unwrap();
        snapshot.map_or(JobState::Queued, |snapshot| snapshot.state)
    }

    pub(crate) async fn head(&self, channel: ChannelId) -> EventId {
        self.journal.snapshot(channel).await.unwrap().unwrap().head
    }

    /// The positions of all frames.
    pub(crate) async fn positions(&self, channel: ChannelId) -> Vec<u64> {
        let frames = self.read(channel, EventId::START, usize::MAX).await;
        frames.iter().map(|frame| frame.id.position.0).collect()
    }

    /// The ordinals of all waiting URLs.
    pub(crate) async fn waiting(&self, channel: ChannelId) -> Vec<u64> {
        let pending = self.journal.pending(channel, Ordinal(0), 100_000).await;
        let pending = pending.unwrap();
        pending.iter().map(|pending| pending.ordinal.0).collect()
    }
}

/// Writes a job's log.
pub(crate) struct Pen {
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) job: JobMessage,
    pub(crate) lease: Lease,
    pub(crate) head: u64,
}

impl Pen {
    pub(crate) const fn channel(&self) -> ChannelId {
        self.lease.channel
    }

    /// A step of so many events after the head.
    pub(crate) fn step(&self, events: u64) -> Step {
        let positions = self.head + 1..=self.head + events;
        Step {
            first: Position(self.head + 1),
            entries: positions.map(|at| entry(self.lease.attempt, at)).collect(),
            discovered: Vec::new(),
            completed: Vec::new(),
            counts: Counts::default(),
            outcome: None,
            tells_cut: false,
            robots: Vec::new(),
            digest: None,
        }
    }

    pub(crate) async fn commit(&mut self, step: Step) -> Result<(), JournalError> {
        let events = step.entries.len() as u64;
        self.journal.commit(&self.lease, step).await?;
        self.head += events;
        Ok(())
    }

    pub(crate) async fn write(&mut self, events: u64) {
        self.commit(self.step(events)).await.unwrap();
    }

    pub(crate) async fn discover(&mut self, ordinals: std::ops::RangeInclusive<u64>) {
        let step = Step {
            discovered: ordinals.map(pending).collect(),
            ..self.step(0)
        };
        self.commit(step).await.unwrap();
    }

    pub(crate) async fn end(&mut self, outcome: Terminal) {
        self.try_end(outcome).await.unwrap();
    }

    pub(crate) async fn try_end(&mut self, outcome: Terminal) -> Result<(), JournalError> {
        let step = Step {
            outcome: Some(outcome),
            ..self.step(1)
        };
        self.commit(step).await
    }
}

/// The events of a page; panics if its cursor was not in the log.
pub(crate) fn next_of<T>(page: Result<Page<T>, JournalError>) -> Vec<T> {
    match page.unwrap() {
        Page::Next(next) => next,
        Page::Parted { after } => panic!("the log holds another event; common until {after}"),
    }
}

pub(crate) fn granted(acquired: Acquired) -> (Lease, Checkpoint) {
    match acquired {
        Acquired::Fresh(lease, checkpoint) | Acquired::Resumed(lease, checkpoint) => {
            (lease, checkpoint)
        }
        refused @ (Acquired::Held(_) | Acquired::Finished) => panic!("not granted: {refused:?}"),
    }
}

pub(crate) fn job(channel: ChannelId) -> JobMessage {
    JobMessage {
        version: VERSION,
        channel_id: channel,
        tenant: "anonymous".into(),
        submitted_at: Timestamp::from_millis(0),
        expires_at: Timestamp::from_millis(1000),
        request: CrawlRequest::parse(br#"{"url":"https://example.com"}"#).unwrap(),
        sealed: None,
    }
}

pub(crate) fn notice(text: &str) -> Event {
    Event::Notice(Notice {
        at: Timestamp::from_millis(0),
        code: NoticeCode::LinksCut,
        text: text.into(),
    })
}

pub(crate) fn entry(attempt: Attempt, position: u64) -> Entry {
    let id = EventId::new(attempt, Position(position));
    Entry {
        frame: sse::encode(&notice(&format!("event {id}")), id).frame,
        whole: None,
        gist: None,
    }
}

pub(crate) fn pending(ordinal: u64) -> Pending {
    Pending {
        ordinal: Ordinal(ordinal),
        url: format!("https://example.com/{ordinal}"),
        depth: 1,
        referrer: ordinal
            .is_multiple_of(2)
            .then(|| "https://example.com/".into()),
    }
}

pub(crate) const fn id(attempt: u32, position: u64) -> EventId {
    EventId::new(Attempt(attempt), Position(position))
}

/// True if a write was refused because of its lease.
pub(crate) fn is_lost<T>(result: &Result<T, JournalError>) -> bool {
    matches!(result, Err(JournalError::LeaseLost))
}
