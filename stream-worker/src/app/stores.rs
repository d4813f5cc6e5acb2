//! The durable parts: on this machine's disk, or in a Redis that many workers share.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use shared::numbers::{LONG_POLL, REDRIVE_RECEIVES};
use store::bodies::{BodiesAddress, BodiesMeasurement, BodiesObserver, BodyStore};
use store::journal::{EmbeddedConfig, EmbeddedJournal, Journal, RedisJournal, RedisJournalConfig};
use store::queue::{
    EmbeddedQueue, EmbeddedQueueConfig, JobQueue, RedisQueue, RedisQueueConfig, SqsConfig, SqsQueue,
};
use store::redis::{Durability, RedisLink, Refusal, Server, Terms};
use store::sqlite::{CommitStats, DataDir};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::base::Base;
use crate::config::{Config, RedisSettings};
use crate::health::BodiesTurn;
use crate::telemetry::WorkerMetrics;

/// Prefix of all keys in Redis. Empty: each name already begins with the version of its layout.
const KEY_PREFIX: &str = "";

/// Time without a commit after which the embedded journal is probed. A probe costs an fsync and some pages of its log.
const PROBE_DISK: Duration = Duration::from_secs(30);

/// Interval between two looks at the memory of a Redis, and at what it keeps.
const EXAMINATION: Duration = Duration::from_secs(30);

/// The queue, the journal, and what they are kept in.
pub(super) struct Stores {
    pub(super) queue: Arc<dyn JobQueue>,
    pub(super) journal: Arc<dyn Journal>,
    /// Object store for what is large in a Redis' journals, if there is one.
    pub(super) bodies: Option<Arc<BodyStore>>,
    home: Home,
}

/// Place where the journal is kept.
enum Home {
    /// A directory of this machine, locked for this worker.
    Disk { _data_dir: DataDir },
    /// A Redis that other workers use as well.
    Redis {
        link: Arc<RedisLink>,
        /// Replicas that confirm each commit.
        replicas: u32,
        durability: Durability,
    },
}

impl Stores {
    /// Opens what the settings name.
    ///
    /// # Errors
    /// The data directory is another worker's or damaged; Redis or the object store cannot be used, or Redis does not keep what a
    /// worker needs.
    pub(super) async fn open(config: &Config, base: &Base) -> anyhow::Result<Self> {
        match &config.redis {
            None => Self::on_disk(config, base).await,
            Some(redis) => Self::in_redis(config, redis, base).await,
        }
    }

    async fn on_disk(config: &Config, base: &Base) -> anyhow::Result<Self> {
        let data_dir = DataDir::open(&config.data_dir).with_context(|| {
            format!(
                "could not use the data directory {}",
                config.data_dir.display()
            )
        })?;
        let journal = embedded_journal(config, &data_dir, base)?;
        let queue: Arc<dyn JobQueue> = match &config.queue_url {
            None => Arc::new(embedded_queue(config, &data_dir, base)?),
            Some(url) => {
                // A job must come back to the worker whose disk holds its record.
                tracing::info!(%url, "taking jobs from SQS; this must be the queue's only worker, since its journal is on this disk");
                Arc::new(sqs_queue(config, url).await)
            }
        };
        Ok(Self {
            queue,
            journal: Arc::new(journal),
            bodies: None,
            home: Home::Disk {
                _data_dir: data_dir,
            },
        })
    }

    async fn in_redis(config: &Config, redis: &RedisSettings, base: &Base) -> anyhow::Result<Self> {
        let (address, replicas) = (redis.address.clone(), redis.replicas);
        let link = Arc::new(RedisLink::open_confirmed(address, KEY_PREFIX, replicas));
        let terms = Terms {
            volatile: redis.volatile,
            replicas,
        };
        let server = link.examine(terms).await;
        let server =
            server.with_context(|| format!("could not use the Redis at {:?}", redis.address))?;
        announce(&server);
        let queue: Arc<dyn JobQueue> = match &config.queue_url {
            None => Arc::new(redis_queue(config, redis, &link, &server)?),
            Some(url) => {
                tracing::info!(%url, "taking jobs from SQS");
                Arc::new(sqs_queue(config, url).await)
            }
        };
        let settings = RedisJournalConfig {
            retention: config.retention,
            job_bytes: redis.job_bytes,
            ..RedisJournalConfig::default()
        };
        let bodies = body_store(redis.bodies.as_ref(), base).await?;
        let journal = RedisJournal::open(
            link.clone(),
            bodies.clone(),
            settings,
            base.clock.clone(),
            base.metrics.redis_observer(),
        );
        Ok(Self {
            queue,
            journal: Arc::new(journal),
            bodies,
            home: Home::Redis {
                link,
                replicas,
                durability: server.durability,
            },
        })
    }

    /// Durability of the journal's store, in one word for metrics and readiness.
    pub(super) const fn durability(&self) -> &'static str {
        match &self.home {
            Home::Disk { .. } => "disk",
            Home::Redis { durability, .. } => durability.name(),
        }
    }

    /// Time without a commit after which the journal is probed.
    pub(super) const fn probe_after(&self) -> Duration {
        match self.home {
            Home::Disk { .. } => PROBE_DISK,
            // It is not this worker's alone, nor told of each commit, and a probe is one small write.
            Home::Redis { .. } => Duration::ZERO,
        }
    }

    /// Looks at a shared store from time to time until `stop`: its memory, and whether it still keeps what it kept. Does nothing
    /// for a store on this machine's disk.
    pub(super) fn watch(
        &self,
        metrics: WorkerMetrics,
        stop: CancellationToken,
    ) -> impl Future<Output = ()> + Send + 'static {
        metrics.observe_durability(self.durability());
        let shared = match &self.home {
            Home::Disk { .. } => None,
            Home::Redis { link, replicas, .. } => Some((link.clone(), *replicas)),
        };
        async move {
            if let Some((link, replicas)) = shared {
                stop.run_until_cancelled(examine_often(&link, replicas, &metrics))
                    .await;
            }
        }
    }

    /// Finishes what waits and closes. The directory's lock is given back last.
    pub(super) async fn close(self) {
        self.queue.close().await;
        self.journal.close().await;
        if let Home::Redis { link, .. } = &self.home {
            link.close().await;
        }
    }
}

async fn examine_often(link: &RedisLink, replicas: u32, metrics: &WorkerMetrics) {
    let mut tick = tokio::time::interval(EXAMINATION);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        // Any durability: a server that has changed for the worse is told of, but not left while jobs are in it.
        let terms = Terms {
            volatile: true,
            replicas,
        };
        let examined = link.examine(terms).await;
        metrics.observe_redis(examined.as_ref().ok());
        match examined {
            Ok(_) | Err(Refusal::Link(_)) => {}
            Err(refusal) => tracing::error!(%refusal, "the Redis has changed"),
        }
    }
}

fn announce(server: &Server) {
    tracing::info!(
        product = server.product,
        durability = server.durability.name(),
        replicas = server.replicas,
        "jobs are kept in Redis: {}",
        server.durability
    );
}

fn embedded_journal(
    config: &Config,
    data_dir: &DataDir,
    base: &Base,
) -> anyhow::Result<EmbeddedJournal> {
    let settings = EmbeddedConfig {
        retention: config.retention,
    };
    let (count, health) = (base.metrics.commit_observer("journal"), base.health.clone());
    let observer = Arc::new(move |stats: CommitStats| {
        health.journal_committed(&stats.outcome);
        count(stats);
    });
    let journal = EmbeddedJournal::open(data_dir, settings, base.clock.clone(), observer);
    journal.context("could not open the journal")
}

fn embedded_queue(
    config: &Config,
    data_dir: &DataDir,
    base: &Base,
) -> anyhow::Result<EmbeddedQueue> {
    let settings = EmbeddedQueueConfig {
        visibility: config.visibility,
        max_receives: REDRIVE_RECEIVES,
        long_poll: LONG_POLL,
    };
    let observer = base.metrics.commit_observer("queue");
    let queue = EmbeddedQueue::open(data_dir, settings, base.clock.clone(), observer);
    queue.context("could not open the queue")
}

async fn sqs_queue(config: &Config, url: &Url) -> SqsQueue {
    SqsQueue::connect(SqsConfig {
        url: url.clone(),
        visibility: config.visibility,
        long_poll: LONG_POLL,
    })
    .await
}

async fn body_store(
    address: Option<&BodiesAddress>,
    base: &Base,
) -> anyhow::Result<Option<Arc<BodyStore>>> {
    let Some(address) = address else {
        return Ok(None);
    };
    let opened = BodyStore::open(address.clone(), bodies_observer(address, base)).await;
    let bodies = opened.with_context(|| format!("could not use the object store {address}"))?;
    base.metrics.bodies.observe_usable(true);
    tracing::info!(%address, "what is large in jobs' records goes to the object store");
    Ok(Some(Arc::new(bodies)))
}

/// Counts calls, and says once in the log that they begin to fail, and once that they do no longer.
fn bodies_observer(address: &BodiesAddress, base: &Base) -> BodiesObserver {
    let (metrics, health) = (base.metrics.bodies.clone(), base.health.clone());
    let address = address.clone();
    Arc::new(move |measured: BodiesMeasurement| {
        metrics.observe(&measured);
        let Some(turn) = health.bodies_called(&measured) else {
            return;
        };
        metrics.observe_usable(matches!(turn, BodiesTurn::Answers(_)));
        match turn {
            BodiesTurn::Fails(reason) => tracing::error!(
                %address,
                reason,
                "the object store fails; jobs whose pages go there wait, and so do those who read such pages"
            ),
            BodiesTurn::Answers(lasted) => tracing::info!(
                %address,
                elapsed_ms = lasted.as_millis(),
                "the object store can be used again"
            ),
        }
    })
}

fn redis_queue(
    config: &Config,
    redis: &RedisSettings,
    link: &Arc<RedisLink>,
    server: &Server,
) -> anyhow::Result<RedisQueue> {
    let settings = RedisQueueConfig {
        visibility: config.visibility,
        max_receives: REDRIVE_RECEIVES,
        long_poll: LONG_POLL,
        volatile: redis.volatile,
    };
    Ok(RedisQueue::open(link.clone(), server, settings)?)
}
