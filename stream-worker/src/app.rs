//! The worker, wired: every part gets what it needs here, and nowhere else.
//!
//! ```text
//! config → build (stores, parts) → bind → spawn (stages) → announce → drain
//! ```

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use shared::event::ByeReason;
use shared::numbers::{HEAD_TIMEOUT, LONG_POLL, MAX_RECEIVES, STALL};
use shared::submission::Front;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use crate::channel::{ChannelConfig, Registry};
use crate::clock::Clock;
use crate::config::{Config, token_keys_in};
use crate::connection::ConnectionConfig;
use crate::demo::DemoSite;
use crate::drain::{Deadline, StopSignals};
use crate::fetch::{AddressGuard, FetchConfig, HttpFetcher};
use crate::http::{Cors, HttpState, Listener, ListenerConfig};
use crate::job::{Dispatcher, JobConfig, JobContext};
use crate::journal::{EmbeddedConfig, EmbeddedJournal, Journal};
use crate::page::PageConfig;
use crate::queue::{EmbeddedQueue, EmbeddedQueueConfig, JobQueue};
use crate::sqlite::DataDir;
use crate::telemetry::WorkerMetrics;

/// Bytes of recent frames kept for each watched channel.
const TAIL_BYTES: usize = 1024 * 1024;
/// Bytes of one write to a watcher at most: enough to catch up fast, little enough to be fair.
const WRITE_BUDGET: usize = 64 * 1024;
/// Bytes that all blocked watchers together may keep.
const HELD_BYTES: usize = 16 * 1024 * 1024;
/// Sockets for everything that is not a watcher.
const OTHER_SOCKETS: usize = 1_024;
/// How often the queue's depth is measured.
const SAMPLING: Duration = Duration::from_secs(5);
/// How often records past their retention are looked for, at least.
const EXPIRY: Duration = Duration::from_secs(600);

/// Where a worker can be reached.
#[derive(Debug, Clone, Copy)]
pub struct Addresses {
    /// The worker.
    pub worker: SocketAddr,
    /// The demo site.
    pub demo: Option<SocketAddr>,
}

/// A worker that runs.
pub struct Worker {
    addresses: Addresses,
    drain_time: Duration,
    journal: Arc<EmbeddedJournal>,
    queue: Arc<EmbeddedQueue>,
    registry: Arc<Registry>,
    /// The root of the stop: readiness goes false, jobs are released, new streams are told to come back.
    draining: CancellationToken,
    /// Ends the listener and what keeps the live side alive; after the watchers are gone.
    closing: CancellationToken,
    /// The dispatcher and its attempts.
    jobs: TaskTracker,
    /// The listener, its connections, and watchers.
    connections: TaskTracker,
    /// The registry's tasks, the demo site and housekeeping.
    services: TaskTracker,
    // Last: its lock is given back when all else is gone.
    _data_dir: DataDir,
}

impl Worker {
    /// Builds and starts a worker. It serves when this returns.
    ///
    /// # Errors
    /// When the data directory is another worker's or damaged, or the address is taken.
    pub async fn start(config: Config) -> anyhow::Result<Self> {
        let clock = Clock::system();
        let metrics = WorkerMetrics::default();
        let data_dir = DataDir::open(&config.data_dir).with_context(|| {
            format!(
                "could not use the data directory {}",
                config.data_dir.display()
            )
        })?;
        let journal = Arc::new(open_journal(&config, &data_dir, &clock, &metrics)?);
        let queue = Arc::new(open_queue(&config, &data_dir, &clock, &metrics)?);
        let socket = TcpListener::bind(config.listen)
            .await
            .with_context(|| format!("could not listen on {}", config.listen))?;
        let demo = match config.demo {
            true => Some(
                DemoSite::bind(([127, 0, 0, 1], 0).into())
                    .await
                    .context("could not serve the demo site")?,
            ),
            false => None,
        };
        let addresses = Addresses {
            worker: socket
                .local_addr()
                .context("could not read the address that was bound")?,
            demo: demo.as_ref().map(DemoSite::local_addr),
        };
        let (draining, closing) = (CancellationToken::new(), CancellationToken::new());
        let (jobs, connections, services) =
            (TaskTracker::new(), TaskTracker::new(), TaskTracker::new());
        let dyn_journal: Arc<dyn Journal> = journal.clone();
        let tick = config.heartbeat / 4;
        let registry = Registry::start(
            ChannelConfig {
                tail_bytes: TAIL_BYTES,
                max_watchers: config.max_connections,
                tick,
            },
            dyn_journal.clone(),
            metrics.channel.clone(),
            services.clone(),
            closing.clone(),
        );

        let state = HttpState {
            front: front(&config, addresses.worker)?,
            queue: queue.clone(),
            registry: registry.clone(),
            connection: Arc::new(connection_config(&config, tick, &clock)),
            cors: config.cors_origins.clone().map_or(Cors::Any, Cors::Only),
            page: PageConfig {
                demo_url: addresses.demo.map(|demo| format!("http://{demo}/")),
            },
            exposition: metrics.exposition(),
            metrics: metrics.http.clone(),
            clock: clock.clone(),
            draining: draining.clone(),
            tasks: connections.clone(),
        };
        let listener_config = ListenerConfig {
            max_sockets: config.max_connections + OTHER_SOCKETS,
            head_timeout: HEAD_TIMEOUT,
        };
        let listener = Listener::new(socket, listener_config, Arc::new(state));

        let dispatcher = Dispatcher::new(Arc::new(JobContext {
            queue: queue.clone(),
            journal: dyn_journal.clone(),
            fetcher: Arc::new(fetcher(&config, addresses.demo)?),
            clock: clock.clone(),
            config: job_config(&config),
            metrics: metrics.job.clone(),
            drain: draining.clone(),
            tasks: jobs.clone(),
        }));

        jobs.spawn(dispatcher.run());
        connections.spawn(listener.run(closing.clone()));
        if let Some(demo) = demo {
            services.spawn(demo.run(closing.clone()));
        }
        services.spawn(sample_queue(queue.clone(), metrics, closing.clone()));
        services.spawn(expire(
            dyn_journal,
            config.retention,
            clock,
            closing.clone(),
        ));
        Ok(Self {
            addresses,
            drain_time: config.drain,
            journal,
            queue,
            registry,
            draining,
            closing,
            jobs,
            connections,
            services,
            _data_dir: data_dir,
        })
    }

    /// Where it can be reached.
    #[must_use]
    pub const fn addresses(&self) -> Addresses {
        self.addresses
    }

    /// Stops in phases, within the drain time: jobs are released at their last commit, watchers are told when to come
    /// back, connections close, stores are closed. What is cut short loses nothing durable.
    pub async fn drain(self) {
        let deadline = Deadline::after(self.drain_time);
        self.draining.cancel();
        deadline.phase("jobs", &self.jobs).await;
        self.registry.dismiss(ByeReason::Drain);
        self.closing.cancel();
        deadline.phase("connections", &self.connections).await;
        deadline.phase("services", &self.services).await;
        self.queue.close().await;
        self.journal.close().await;
    }
}

/// Runs a worker until it is told to stop, then drains it. A second signal ends the process at once.
///
/// # Errors
/// As [`Worker::start`].
pub async fn serve(config: Config) -> anyhow::Result<()> {
    // Before anything is started, so that a signal in between is not lost.
    let mut signals = StopSignals::listen().context("could not listen for signals")?;
    let wanted = config.max_connections + OTHER_SOCKETS;
    raise_open_files(wanted);
    let worker = Worker::start(config).await?;
    announce(worker.addresses())?;
    let signal = signals.next().await;
    tracing::info!(signal, "stopping; a second signal ends the process at once");
    tokio::select! {
        () = worker.drain() => {
            tracing::info!("stopped");
            Ok(())
        }
        signal = signals.next() => {
            tracing::warn!(signal, "ended at once; nothing durable is lost");
            std::process::exit(130)
        }
    }
}

/// Tells whoever started the process where it serves.
fn announce(addresses: Addresses) -> anyhow::Result<()> {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    writeln!(out, "listening on http://{}", addresses.worker)?;
    if let Some(demo) = addresses.demo {
        writeln!(out, "demo site on http://{demo}/")?;
    }
    out.flush().context("could not write to stdout")
}

fn open_journal(
    config: &Config,
    data_dir: &DataDir,
    clock: &Clock,
    metrics: &WorkerMetrics,
) -> anyhow::Result<EmbeddedJournal> {
    let settings = EmbeddedConfig {
        retention: config.retention,
    };
    EmbeddedJournal::open(
        data_dir,
        settings,
        clock.clone(),
        metrics.commit_observer("journal"),
    )
    .context("could not open the journal")
}

fn open_queue(
    config: &Config,
    data_dir: &DataDir,
    clock: &Clock,
    metrics: &WorkerMetrics,
) -> anyhow::Result<EmbeddedQueue> {
    let settings = EmbeddedQueueConfig {
        visibility: config.visibility,
        // One more than the dispatcher allows: it ends the job with an event before the queue would bury the message.
        max_receives: MAX_RECEIVES + 1,
        long_poll: LONG_POLL,
    };
    EmbeddedQueue::open(
        data_dir,
        settings,
        clock.clone(),
        metrics.commit_observer("queue"),
    )
    .context("could not open the queue")
}

fn front(config: &Config, listening: SocketAddr) -> anyhow::Result<Front> {
    let token_keys = match &config.token_keys {
        Some(keys) => keys.clone(),
        None => token_keys_in(&config.data_dir)?,
    };
    let public_url = match &config.public_url {
        Some(url) => url.clone(),
        None => Url::parse(&format!("http://{listening}/"))
            .context("the address that was bound is no URL")?,
    };
    Ok(Front {
        api_keys: config.api_keys.clone(),
        token_keys,
        public_url,
        retention: config.retention,
        may_ignore_robots: config.allow_ignore_robots,
    })
}

fn connection_config(config: &Config, tick: Duration, clock: &Clock) -> ConnectionConfig {
    ConnectionConfig {
        heartbeat: config.heartbeat,
        tick,
        lifetime: config.connection_lifetime,
        stall: STALL,
        write_budget: WRITE_BUDGET,
        held: Arc::new(Semaphore::new(HELD_BYTES)),
        clock: clock.clone(),
    }
}

fn fetcher(config: &Config, demo: Option<SocketAddr>) -> anyhow::Result<HttpFetcher> {
    let guard = AddressGuard {
        allow_nets: config.allow_nets.clone(),
        allow_addrs: demo.into_iter().collect(),
    };
    HttpFetcher::new(FetchConfig {
        user_agent: config.user_agent.clone(),
        guard,
    })
    .context("could not set up the connector")
}

fn job_config(config: &Config) -> JobConfig {
    JobConfig {
        // Chance, not the machine's name: events are shown to strangers.
        worker: format!("worker-{:06x}", fastrand::u32(..0x0100_0000)),
        agent: config.robots_agent().to_owned(),
        max_jobs: config.max_jobs,
        visibility: config.visibility,
        grace: config.disconnect_grace,
        max_receives: MAX_RECEIVES,
    }
}

async fn sample_queue(queue: Arc<dyn JobQueue>, metrics: WorkerMetrics, stop: CancellationToken) {
    let mut tick = tokio::time::interval(SAMPLING);
    while stop.run_until_cancelled(tick.tick()).await.is_some() {
        match queue.depth().await {
            Ok(depth) => metrics.observe_queue(depth),
            Err(error) => tracing::warn!(%error, "could not measure the queue"),
        }
    }
}

async fn expire(
    journal: Arc<dyn Journal>,
    retention: Duration,
    clock: Clock,
    stop: CancellationToken,
) {
    let mut tick = tokio::time::interval(EXPIRY.min(retention / 2));
    while stop.run_until_cancelled(tick.tick()).await.is_some() {
        match journal.expire(clock.now().minus(retention)).await {
            Ok(0) => {}
            Ok(channels) => {
                tracing::info!(channels, "deleted the records of jobs past their retention")
            }
            Err(error) => {
                tracing::warn!(%error, "could not delete old records; trying again later")
            }
        }
    }
}

/// Each watcher needs an open file; the limit that a shell sets is often lower than what the system allows.
fn raise_open_files(wanted: usize) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let wanted = wanted as u64 + 512;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|current| current >= wanted) {
        return;
    }
    let raised = maximum.map_or(wanted, |maximum| maximum.min(wanted));
    let result = setrlimit(
        Resource::Nofile,
        Rlimit {
            current: Some(raised),
            maximum,
        },
    );
    if result.is_err() || raised < wanted {
        tracing::warn!(
            open_files = raised,
            wanted,
            "the system allows fewer open files than max-connections would need"
        );
    }
}
