//! A job with three events, and the registry of its watchers.

use std::sync::Arc;
use std::time::Duration;

use shared::event::{Notice, NoticeCode};
use shared::queue_message::VERSION;
use shared::{
    Attempt, ChannelId, Counts, CrawlRequest, Event, EventId, JobMessage, Position, Timestamp,
};
use store::journal::{
    Acquired, Advance, EmbeddedConfig, EmbeddedJournal, Journal, LogWriter, Tail,
};
use store::sqlite::{DataDir, unobserved};
use tempfile::TempDir;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::channel::{ChannelConfig, ChannelMetrics, Registry};
use crate::connection::{ConnectionConfig, Subscription};
use crate::runtime_clock::runtime_clock;

const SECOND: Duration = Duration::from_secs(1);

/// A job whose log has the events 1-1 to 1-3, and the registry of its watchers.
pub(super) struct World {
    registry: Arc<Registry>,
    channel: ChannelId,
    config: Arc<ConnectionConfig>,
    _dir: TempDir,
}

pub(super) const fn id(position: u64) -> EventId {
    EventId::new(Attempt(1), Position(position))
}

impl World {
    pub(super) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::open(dir.path().join("data")).unwrap();
        let clock = runtime_clock();
        let settings = EmbeddedConfig::default();
        let journal = EmbeddedJournal::open(&data, settings, clock.clone(), unobserved()).unwrap();
        let journal: Arc<dyn Journal> = Arc::new(journal);
        let channel = ChannelId::mint();
        write_three_events(&journal, channel).await;
        let registry = Registry::start(
            ChannelConfig {
                tail_bytes: 1024,
                max_watchers: 10,
                tick: 5 * SECOND,
            },
            journal,
            ChannelMetrics::default(),
            TaskTracker::new(),
            CancellationToken::new(),
        );
        let config = Arc::new(ConnectionConfig {
            heartbeat: 20 * SECOND,
            tick: 5 * SECOND,
            lifetime: 600 * SECOND,
            stall: 60 * SECOND,
            write_budget: 64 * 1024,
            held: Arc::new(Semaphore::new(1024)),
            clock,
            began: Instant::now(),
        });
        Self {
            registry,
            channel,
            config,
            _dir: dir,
        }
    }

    /// A watcher that has seen everything up to `cursor`.
    pub(super) async fn watcher(&self, cursor: EventId) -> Subscription {
        let membership = self.registry.join(self.channel).await.unwrap().unwrap();
        let partings = membership.channel().partings();
        Subscription::new(membership, cursor, partings, self.config.clone())
    }

    /// Tells the channel that its log has lost everything after the third event.
    pub(super) fn lose_what_follows_the_third(&self) {
        let channel = self.registry.find(self.channel).unwrap();
        channel.advance(&Advance {
            head: id(3),
            ended: false,
            frames: Vec::new(),
            parted: Some(Position(4)),
        });
    }
}

async fn write_three_events(journal: &Arc<dyn Journal>, channel: ChannelId) {
    let job = JobMessage {
        version: VERSION,
        channel_id: channel,
        tenant: "anonymous".into(),
        submitted_at: Timestamp::from_millis(0),
        expires_at: Timestamp::from_millis(0),
        request: CrawlRequest::parse(br#"{"url":"https://example.com"}"#).unwrap(),
        sealed: None,
    };
    let acquired = journal.acquire(&job, "worker", 60 * SECOND).await.unwrap();
    let Acquired::Fresh(lease, _) = acquired else {
        panic!("a new job is fresh: {acquired:?}");
    };
    let mut writer = LogWriter::new(journal.clone(), lease, EventId::START);
    let notice = Event::Notice(Notice {
        at: Timestamp::from_millis(0),
        code: NoticeCode::LinksCut,
        text: "three times".into(),
    });
    let events = vec![notice; 3];
    let append = writer.append(&events, Vec::new(), Vec::new(), Counts::default());
    append.await.unwrap();
}
