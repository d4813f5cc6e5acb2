//! The journal against a real server.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use e2e::RedisServer;
use parking_lot::Mutex;
use shared::{Clock, Timestamp};

use super::{RedisJournal, RedisJournalConfig, RedisMeasurement};
use crate::bodies::BodyStore;
use crate::journal::suite::{World, journal_suite};
use crate::redis::{RedisLink, Request};
use crate::time_under_test::Time;

mod bodies;
mod confirming;
mod damage;
mod faults;
mod footprint;
mod job_bytes;
mod lost_tails;
mod model;
mod workers;

/// A server, and the links to it of all workers of a test.
struct Cluster {
    server: RedisServer,
    prefix: String,
}

impl Cluster {
    async fn start() -> Self {
        Self::of(RedisServer::start().await)
    }

    /// A server that keeps nothing but in its memory.
    async fn volatile() -> Self {
        Self::of(RedisServer::start_with(&[]).await)
    }

    fn of(server: RedisServer) -> Self {
        static TESTS: AtomicU32 = AtomicU32::new(0);
        let prefix = format!("t{}:", TESTS.fetch_add(1, Ordering::Relaxed));
        Self { server, prefix }
    }

    fn link(&self) -> Arc<RedisLink> {
        let address = self.server.url().parse().unwrap();
        Arc::new(RedisLink::open(address, self.prefix.as_str()))
    }

    /// A link whose commits so many replicas confirm.
    fn confirmed_link(&self, replicas: u32) -> Arc<RedisLink> {
        let address = self.server.url().parse().unwrap();
        let prefix = self.prefix.as_str();
        Arc::new(RedisLink::open_confirmed(address, prefix, replicas))
    }

    /// Another worker's journal.
    fn worker(&self) -> Worker {
        Worker::new(self.link(), None)
    }
}

/// A journal, and the link under it.
struct Worker {
    journal: Arc<RedisJournal>,
    link: Arc<RedisLink>,
    measured: Arc<Mutex<Vec<RedisMeasurement>>>,
}

impl Worker {
    fn new(link: Arc<RedisLink>, bodies: Option<Arc<BodyStore>>) -> Self {
        Self::with(link, bodies, RedisJournalConfig::default())
    }

    fn with(
        link: Arc<RedisLink>,
        bodies: Option<Arc<BodyStore>>,
        config: RedisJournalConfig,
    ) -> Self {
        let measured = Arc::<Mutex<Vec<RedisMeasurement>>>::default();
        let measurements = measured.clone();
        let observer = Arc::new(move |measurement| measurements.lock().push(measurement));
        let journal = RedisJournal::open(link.clone(), bodies, config, clock_of(&link), observer);
        Self {
            measured,
            journal: Arc::new(journal),
            link,
        }
    }

    async fn ask(&self, request: Request) -> crate::redis::Reply {
        self.link.commits().ask(&request).await.unwrap()
    }
}

/// The worker's clock, which is right: it goes as the server's does.
fn clock_of(link: &Arc<RedisLink>) -> Clock {
    let link = link.clone();
    Clock::new(move || {
        let now = Timestamp::from(SystemTime::now());
        Timestamp::from_millis(now.millis() + link.offset())
    })
}

/// The time that the server's scripts go by.
struct ServersTime {
    link: Arc<RedisLink>,
}

#[async_trait]
impl Time for ServersTime {
    async fn pass(&self, span: Duration) {
        const AGE: &str = "
            for _, key in ipairs(redis.call('KEYS', ARGV[1] .. '*')) do
                local left = redis.call('PTTL', key)
                if left >= 0 then
                    redis.call('PEXPIRE', key, left - ARGV[2])
                end
            end";
        self.link.pass(span);
        let aged = Request::command("EVAL")
            .bytes(AGE)
            .number(0)
            .bytes(self.link.prefix())
            .number(super::expiry::millis(span));
        self.link.commits().ask(&aged).await.unwrap();
    }
}

async fn world() -> World {
    let cluster = Cluster::start().await;
    let worker = |link| Worker::new(link, None);
    world_of(cluster.link(), worker, Box::new(cluster))
}

fn world_of(
    link: Arc<RedisLink>,
    worker: impl FnOnce(Arc<RedisLink>) -> Worker,
    keep: Box<dyn Any + Send>,
) -> World {
    // In 2025, when attempts were numbered one by one.
    let year = Timestamp::from_millis(1_750_000_000_000);
    let now = Timestamp::from(SystemTime::now());
    link.set_offset(year.millis() - now.millis());
    let Worker { journal, link, .. } = worker(link);
    World {
        clock: clock_of(&link),
        journal,
        time: Arc::new(ServersTime { link }),
        retention: RedisJournalConfig::default().retention,
        tolerance: Duration::from_secs(5),
        expires_alone: true,
        _keep: keep,
    }
}

journal_suite!(tokio::test, world);
