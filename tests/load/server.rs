//! The stream side of a worker, with a journal on disk or in a Redis, and a publisher in place of a crawl.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use shared::Clock;
use shared::api_key::ApiKeys;
use shared::event::{Notice, NoticeCode, Started};
use shared::{ChannelId, Counts, CrawlRequest, Event, EventId, JobMessage, Timestamp};
use store::journal::{
    Acquired, EmbeddedConfig, EmbeddedJournal, Journal, LogWriter, RedisJournal, RedisJournalConfig,
};
use store::queue::{EmbeddedQueue, EmbeddedQueueConfig};
use store::redis::RedisLink;
use store::sqlite::{DataDir, unobserved};
use stream_worker::channel::{ChannelConfig, ChannelMetrics, Registry};
use stream_worker::connection::ConnectionConfig;
use stream_worker::http::{HttpMetrics, HttpState, Listener, ListenerConfig, Serves};
use stream_worker::page::PageConfig;
use stream_worker::tenant::{TenantLimits, Tenants};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::peer;

/// Keys that sign the watchers' tokens.
pub(crate) const TOKEN_KEYS: &str = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
/// The one channel.
pub(crate) const CHANNEL: &str = "5f0c0b1e-7a52-4d57-9a3e-2b1c0d9e8f70";

/// Serves `CHANNEL` from a journal in `data_dir`, or in the Redis of this URL, and publishes what stdin orders: `publish <count> <per second>`, or
/// `fill <count>` as fast as it goes.
pub(crate) async fn run(data_dir: &Path, redis: Option<&str>) -> anyhow::Result<()> {
    let clock = Clock::new(|| std::time::SystemTime::now().into());
    let data_dir = DataDir::open(data_dir)?;
    let journal = match redis {
        None => on_disk(&data_dir, &clock)?,
        Some(url) => in_redis(url, &clock)?,
    };
    let socket = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = socket.local_addr()?;
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    let state = state(&data_dir, &journal, &clock, &stop, &tasks)?;
    let listener = ListenerConfig {
        max_sockets: 20_000,
        head_timeout: Duration::from_secs(15),
        idle_timeout: Duration::from_secs(75),
    };
    tasks.spawn(Listener::new(socket, listener, Arc::new(state)).run(stop.clone()));
    let mut writer = begin(&journal, &clock).await?;
    println!("listening on http://{address}");
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        let (count, per_second) = peer::parse(&line);
        match line.split_whitespace().next() {
            Some("publish") => publish(&mut writer, &clock, count, per_second).await?,
            Some("fill") => fill(&mut writer, &clock, count).await?,
            _ => anyhow::bail!("unknown order: {line}"),
        }
        println!("published");
    }
    Ok(())
}

fn on_disk(data_dir: &DataDir, clock: &Clock) -> anyhow::Result<Arc<dyn Journal>> {
    let config = EmbeddedConfig::default();
    let journal = EmbeddedJournal::open(data_dir, config, clock.clone(), unobserved())?;
    Ok(Arc::new(journal))
}

fn in_redis(url: &str, clock: &Clock) -> anyhow::Result<Arc<dyn Journal>> {
    let link = Arc::new(RedisLink::open(url.parse()?, "load:"));
    let config = RedisJournalConfig::default();
    let unobserved = Arc::new(|_measurement| {});
    let journal = RedisJournal::open(link, None, config, clock.clone(), unobserved);
    Ok(Arc::new(journal))
}

fn state(
    data_dir: &DataDir,
    journal: &Arc<dyn Journal>,
    clock: &Clock,
    stop: &CancellationToken,
    tasks: &TaskTracker,
) -> anyhow::Result<HttpState> {
    let heartbeat = Duration::from_secs(20);
    let tick = heartbeat / 4;
    let channels = ChannelConfig {
        tail_bytes: 1024 * 1024,
        max_watchers: 20_000,
        tick,
    };
    let queue = EmbeddedQueueConfig {
        visibility: heartbeat,
        max_receives: 5,
        long_poll: heartbeat,
    };
    Ok(HttpState {
        tenants: Arc::new(Tenants::new(
            &ApiKeys::default(),
            &TenantLimits::default(),
            1,
        )),
        front: shared::submission::Front {
            api_keys: shared::api_key::ApiKeys::default(),
            token_keys: TOKEN_KEYS.parse()?,
            public_url: "http://127.0.0.1/".parse()?,
            retention: Duration::from_secs(86_400),
            may_ignore_robots: false,
        },
        queue: Arc::new(EmbeddedQueue::open(
            data_dir,
            queue,
            clock.clone(),
            unobserved(),
        )?),
        health: Arc::default(),
        registry: Registry::start(
            channels,
            journal.clone(),
            ChannelMetrics::default(),
            tasks.clone(),
            stop.clone(),
        ),
        connection: Arc::new(ConnectionConfig {
            heartbeat,
            tick,
            lifetime: Duration::from_secs(600),
            stall: Duration::from_secs(60),
            write_budget: 64 * 1024,
            held: Arc::new(Semaphore::new(16 * 1024 * 1024)),
            clock: clock.clone(),
            began: tokio::time::Instant::now(),
        }),
        cors: shared::cors::Cors::Any,
        page: PageConfig { demo_url: None },
        doctor: None,
        idle_timeout: shared::numbers::IDLE_TIMEOUT,
        exposition: Box::new(String::new),
        metrics: HttpMetrics::default(),
        clock: clock.clone(),
        durability: "disk",
        serves: Serves {
            streams: true,
            jobs: false,
        },
        draining: stop.clone(),
        tasks: tasks.clone(),
    })
}

/// Takes the job and logs its first event.
async fn begin(journal: &Arc<dyn Journal>, clock: &Clock) -> anyhow::Result<LogWriter> {
    let job = job(CHANNEL.parse()?, clock.now())?;
    let Acquired::Fresh(lease, _) = journal
        .acquire(&job, "load", Duration::from_secs(3600))
        .await?
    else {
        anyhow::bail!("the data directory is not fresh")
    };
    let mut writer = LogWriter::new(journal.clone(), lease.clone(), EventId::START);
    let (at, attempt, request) = (clock.now(), lease.attempt, job.request);
    let metadata = request.metadata.clone();
    let started = Event::Started(Box::new(Started {
        at,
        attempt,
        worker: "load".to_owned(),
        request,
        metadata,
    }));
    writer
        .append(&[started], Vec::new(), Vec::new(), Counts::default())
        .await?;
    Ok(writer)
}

/// A job on `channel`.
pub(crate) fn job(channel: ChannelId, at: Timestamp) -> anyhow::Result<JobMessage> {
    let request = CrawlRequest::parse(br#"{"url": "https://example.com/"}"#);
    Ok(JobMessage {
        version: shared::queue_message::VERSION,
        channel_id: channel,
        tenant: "load".to_owned(),
        submitted_at: at,
        expires_at: at.plus(Duration::from_secs(86_400)),
        request: request.ok().context("the request is valid")?,
        sealed: None,
    })
}

async fn publish(
    writer: &mut LogWriter,
    clock: &Clock,
    count: u64,
    per_second: u32,
) -> anyhow::Result<()> {
    let mut tick = tokio::time::interval(Duration::from_secs(1) / per_second);
    for _ in 0..count {
        tick.tick().await;
        writer
            .append(
                &[event(clock.now(), now_nanos())],
                Vec::new(),
                Vec::new(),
                Counts::default(),
            )
            .await?;
    }
    Ok(())
}

async fn fill(writer: &mut LogWriter, clock: &Clock, count: u64) -> anyhow::Result<()> {
    let batch = vec![event(clock.now(), 0); 500];
    for _ in 0..count / 500 {
        writer
            .append(&batch, Vec::new(), Vec::new(), Counts::default())
            .await?;
    }
    Ok(())
}

/// An event of about 200 bytes that says when it was made.
pub(crate) fn event(at: Timestamp, nanos: u64) -> Event {
    Event::Notice(Notice {
        at,
        code: NoticeCode::BackOff,
        text: text(nanos),
    })
}

/// The peer's event, of the same length.
pub(crate) fn payload(nanos: u64) -> String {
    format!(
        r#"{{"type":"notice","at":"2026-01-01T00:00:00.000Z","code":"backOff","text":"{}"}}"#,
        text(nanos)
    )
}

fn text(nanos: u64) -> String {
    format!("@{nanos:020}{:.<80}", "")
}

/// Nanoseconds since the epoch: a clock that two processes share.
pub(crate) fn now_nanos() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
