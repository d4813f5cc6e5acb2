//! A watcher is told when its log has lost events, also while it is connected.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use shared::event::{Notice, NoticeCode};
use shared::queue_message::VERSION;
use shared::{
    Attempt, ChannelId, Counts, CrawlRequest, Event, EventId, JobMessage, Position, Timestamp, sse,
};
use store::journal::{
    Acquired, Advance, EmbeddedConfig, EmbeddedJournal, Journal, LogWriter, Tail,
};
use store::sqlite::{DataDir, unobserved};
use tempfile::TempDir;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::channel::{ChannelConfig, ChannelMetrics, Registry};
use crate::connection::{ConnectionConfig, Delivery, Subscription};
use crate::runtime_clock::runtime_clock;

const SECOND: Duration = Duration::from_secs(1);

/// A job whose log has the events 1-1 to 1-3, and the registry of its watchers.
struct World {
    registry: Arc<Registry>,
    channel: ChannelId,
    config: Arc<ConnectionConfig>,
    _dir: TempDir,
}

const fn id(position: u64) -> EventId {
    EventId::new(Attempt(1), Position(position))
}

impl World {
    async fn new() -> Self {
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
        });
        Self {
            registry,
            channel,
            config,
            _dir: dir,
        }
    }

    /// A watcher that has seen everything up to `cursor`, and its greeting.
    async fn watcher(&self, cursor: EventId) -> Subscription {
        let membership = self.registry.join(self.channel).await.unwrap().unwrap();
        let partings = membership.channel().partings();
        let greeting = Bytes::from_static(b"greeting");
        let mut watcher =
            Subscription::new(membership, cursor, partings, greeting, self.config.clone());
        assert!(matches!(watcher.next().await, Delivery::Aside(_)));
        watcher
    }

    /// Tells the channel that its log has lost everything after the third event.
    fn lose_what_follows_the_third(&self) {
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

#[tokio::test(start_paused = true)]
async fn a_connected_watcher_beyond_the_lost_events_is_reset_and_goes_on_from_there() {
    let world = World::new().await;
    let mut watcher = world.watcher(id(9)).await;
    world.lose_what_follows_the_third();
    let Delivery::Aside(frame) = watcher.next().await else {
        panic!("it must be told");
    };
    let reset: serde_json::Value = serde_json::from_slice(sse::data(&frame).unwrap()).unwrap();
    assert_eq!(
        (&reset["reason"], &reset["from"]),
        (&"lostTail".into(), &4.into())
    );
    let text = String::from_utf8_lossy(&frame);
    assert!(
        text.contains("1-3"),
        "its cursor is the last event that both have: {text}"
    );
    assert!(matches!(watcher.next().await, Delivery::Heartbeat));
}

#[tokio::test(start_paused = true)]
async fn a_connected_watcher_before_the_lost_events_notices_nothing() {
    let world = World::new().await;
    let mut watcher = world.watcher(id(1)).await;
    world.lose_what_follows_the_third();
    let Delivery::Frames { frames, .. } = watcher.next().await else {
        panic!("it is behind, and its cursor is good");
    };
    let ids: Vec<_> = frames.iter().map(|frame| frame.id).collect();
    assert_eq!(ids, [id(2), id(3)]);
    watcher.sent(Some(id(3)), 0);
    assert!(matches!(watcher.next().await, Delivery::Heartbeat));
}
