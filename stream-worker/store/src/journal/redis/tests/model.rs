//! Random histories of writers, readers and failovers: no watcher is ever misled.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use shared::{ChannelId, Counts, EventId, Position};

use super::lost_tails::{State, fall_back, save};
use super::{Cluster, Worker};
use crate::journal::suite::world::{LEASE, job};
use crate::journal::{Acquired, Entry, JobLeases, JobLog, JournalError, Lease, Page, Step};

const HISTORIES: u64 = 1_000;
const MOVES: u32 = 40;

/// Histories that run at once: most of their time they wait for the server.
const AT_ONCE: usize = 50;

/// A writer, and where it takes the head to be.
struct Writer {
    lease: Lease,
    head: u64,
}

/// One watcher: the events that it has received, the last of which is its cursor.
#[derive(Default)]
struct Watcher {
    events: Vec<(EventId, Bytes)>,
}

impl Watcher {
    fn cursor(&self) -> EventId {
        self.events.last().map_or(EventId::START, |(id, _)| *id)
    }

    /// Reads a page; true if it was the last one.
    async fn read(&mut self, worker: &Worker, channel: ChannelId, budget: usize) -> bool {
        let page = worker.journal.read(channel, self.cursor(), budget).await;
        match page.unwrap() {
            Page::Next(frames) => {
                let done = frames.is_empty();
                for frame in frames {
                    let expected = self.cursor().position.next();
                    assert_eq!(frame.id.position, expected, "a gap or a repeat");
                    self.events.push((frame.id, frame.bytes));
                }
                done
            }
            Page::Parted { after } => {
                let common = usize::try_from(after.position.0).unwrap();
                assert!(common < self.events.len(), "a reset takes something back");
                self.events.truncate(common);
                assert_eq!(self.cursor(), after, "the common event is one that it has");
                false
            }
        }
    }
}

/// One history of one channel.
struct History<'w> {
    worker: &'w Worker,
    random: fastrand::Rng,
    job: shared::JobMessage,
    writers: Vec<Writer>,
    watchers: [Watcher; 4],
    states: Vec<State>,
    fallbacks: u32,
}

impl History<'_> {
    async fn run(&mut self) {
        for _ in 0..MOVES {
            match self.random.u32(..100) {
                0..15 => self.acquire().await,
                15..55 => self.commit().await,
                55..80 => self.watch().await,
                80..92 => self.states.push(save(self.worker, self.channel()).await),
                _ => self.fail_over().await,
            }
        }
        self.judge().await;
    }

    const fn channel(&self) -> ChannelId {
        self.job.channel_id
    }

    async fn acquire(&mut self) {
        self.worker.link.pass(LEASE + Duration::from_secs(1));
        let acquired = self.worker.journal.acquire(&self.job, "w", LEASE).await;
        match acquired.unwrap() {
            Acquired::Fresh(lease, checkpoint) | Acquired::Resumed(lease, checkpoint) => {
                let earlier = self.writers.iter().map(|writer| writer.lease.attempt).max();
                assert!(
                    Some(lease.attempt) > earlier,
                    "an attempt was granted twice"
                );
                let head = checkpoint.head.position.0;
                self.writers.push(Writer { lease, head });
            }
            refused @ (Acquired::Held(_) | Acquired::Finished) => panic!("{refused:?}"),
        }
    }

    /// By the last writer mostly, which may have been followed without knowing it; sometimes by any.
    async fn commit(&mut self) {
        let Some(last) = self.writers.len().checked_sub(1) else {
            return;
        };
        let at = if self.random.u32(..4) == 0 {
            self.random.usize(..=last)
        } else {
            last
        };
        let events = self.random.u64(1..4);
        let entries = (0..events).map(|_| {
            // Other bytes each time: two events of one ID would be seen.
            let text = format!("data: {}\n\n", self.random.u64(..));
            Entry {
                frame: text.into(),
                gist: None,
                whole: None,
            }
        });
        let writer = &self.writers[at];
        let step = Step {
            first: Position(writer.head + 1),
            entries: entries.collect(),
            discovered: Vec::new(),
            completed: Vec::new(),
            counts: Counts::default(),
            outcome: None,
            tells_cut: false,
            robots: Vec::new(),
            digest: None,
        };
        match self.worker.journal.commit(&writer.lease, step).await {
            Ok(()) => self.writers[at].head += events,
            // It gives up, as it must.
            Err(JournalError::LeaseLost | JournalError::Rewound) => {
                self.writers[at].head = u64::MAX / 2;
            }
            Err(other) => panic!("{other}"),
        }
    }

    async fn watch(&mut self) {
        let (which, budget) = (self.random.usize(..4), self.random.usize(1..200));
        let (worker, channel) = (self.worker, self.channel());
        self.watchers[which].read(worker, channel, budget).await;
    }

    /// To an earlier state, or to nothing.
    async fn fail_over(&mut self) {
        let at = self.random.usize(..self.states.len());
        self.states.truncate(at + 1);
        fall_back(self.worker, &self.states[at]).await;
        self.fallbacks += 1;
    }

    /// At the end everybody holds the log, and nothing else.
    async fn judge(&mut self) {
        let (worker, channel) = (self.worker, self.channel());
        let mut log = Watcher::default();
        while !log.read(worker, channel, 1 << 20).await {}
        for watcher in &mut self.watchers {
            while !watcher.read(worker, channel, 1 << 20).await {}
            assert_eq!(watcher.events, log.events);
        }
    }
}

#[tokio::test]
async fn no_watcher_is_misled_by_any_history() {
    let cluster = Cluster::volatile().await;
    let worker = cluster.worker();
    let run = |seed| {
        let worker = &worker;
        async move {
            let mut history = History {
                worker,
                random: fastrand::Rng::with_seed(seed),
                job: job(ChannelId::mint()),
                writers: Vec::new(),
                watchers: Default::default(),
                states: Vec::new(),
                fallbacks: 0,
            };
            // Nothing at all is a state as well.
            history.states.push(save(worker, history.channel()).await);
            history.run().await;
            history.fallbacks
        }
    };
    let fallbacks: Vec<u32> = stream::iter(0..HISTORIES)
        .map(run)
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let all: u32 = fallbacks.iter().sum();
    assert!(all > 500, "{all} failovers show nothing");
}
