//! One crawl in this process: the worker's engine, queue and journal on a directory, without a socket.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::Context;
use engine::crawl::Conversions;
use engine::fetch::{AddressGuard, FetchConfig, Fetcher, HttpFetcher};
use ipnet::IpNet;
use rustls::pki_types::CertificateDer;
use shared::numbers::LONG_POLL;
use shared::request::RequestSecrets;
use shared::{Clock, JobMessage};
use store::journal::{EmbeddedConfig, EmbeddedJournal, Journal, Snapshot};
use store::queue::{EmbeddedQueue, EmbeddedQueueConfig, JobQueue, NewMessage};
use store::sqlite::{CommitObserver, CommitOutcome, CommitStats, DataDir};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::parts;
use crate::archive::{RecordingFetcher, Spool};
use crate::drain::DrainTime;
use crate::job::{Dispatcher, JobConfig, JobContext, JobMetrics, Outage, SecretSource};
use crate::tenant::Tenants;

/// Length of a lease. The directory's lock keeps others away, and opening it frees what a killed process has left, so that
/// nothing waits for it.
const VISIBILITY: Duration = Duration::from_secs(60);

/// Time that a stop may take; requests in flight are aborted, so that it takes no time as a rule.
const STOP: Duration = Duration::from_secs(5);

/// Settings of a crawl in this process.
pub(crate) struct LocalConfig {
    /// Directory of the crawl's state.
    pub state: PathBuf,
    /// The `User-Agent` header; up to its version it is the name that robots.txt rules are matched against.
    pub user_agent: String,
    /// Networks that may be crawled although they are not public.
    pub allow_nets: Vec<IpNet>,
    /// Authorities that sites may be signed by, beside the system's.
    pub extra_ca: Vec<CertificateDer<'static>>,
}

/// The state of one crawl on disk, which this process has for itself.
pub(crate) struct LocalCrawl {
    config: LocalConfig,
    queue: Arc<dyn JobQueue>,
    journal: Arc<dyn Journal>,
    clock: Clock,
    failure: watch::Receiver<Option<String>>,
    draining: CancellationToken,
    tasks: TaskTracker,
    /// Dropped last: its lock is given back when all is written.
    _data_dir: DataDir,
}

impl LocalCrawl {
    /// Opens the state, making it if there is none.
    ///
    /// # Errors
    /// Another process has it, it is damaged, or the directory cannot be used.
    pub(crate) fn open(config: LocalConfig) -> anyhow::Result<Self> {
        let data_dir = DataDir::open(&config.state)?;
        let clock = Clock::new(|| SystemTime::now().into());
        let (failed, failure) = watch::channel(None);
        let observer = observer(failed);
        let queue = EmbeddedQueueConfig {
            visibility: VISIBILITY,
            // Nobody but the user decides that a job was tried often enough.
            max_receives: u32::MAX,
            long_poll: LONG_POLL,
        };
        let queue = EmbeddedQueue::open(&data_dir, queue, clock.clone(), observer.clone())?;
        let journal = EmbeddedConfig::default();
        let journal = EmbeddedJournal::open(&data_dir, journal, clock.clone(), observer)?;
        Ok(Self {
            config,
            queue: Arc::new(queue),
            journal: Arc::new(journal),
            clock,
            failure,
            draining: CancellationToken::new(),
            tasks: TaskTracker::new(),
            _data_dir: data_dir,
        })
    }

    /// The crawl's record.
    #[must_use]
    pub(crate) fn journal(&self) -> Arc<dyn Journal> {
        self.journal.clone()
    }

    /// The process's clock.
    #[must_use]
    pub(crate) const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Runs `job`, from its last commit if it has begun already; does nothing if it has ended. The job has no secrets in it, these are
    /// beside it and stay in memory. Answers are kept in `spool`, if there is one.
    ///
    /// # Errors
    /// The state does not take the job, or the connector cannot be set up.
    pub(crate) async fn run(
        &self,
        job: &JobMessage,
        secrets: RequestSecrets,
        spool: Option<Arc<Spool>>,
    ) -> anyhow::Result<()> {
        let ended = |snapshot: &Snapshot| snapshot.state.is_terminal();
        let snapshot = self.journal.snapshot(job.channel_id).await?;
        if snapshot.as_ref().is_some_and(ended) {
            return Ok(());
        }
        let message = NewMessage {
            channel: job.channel_id,
            tenant: job.tenant.clone(),
            body: job.encode().into(),
        };
        self.queue.submit(message).await?;
        let dispatcher = Dispatcher::new(Arc::new(self.context(secrets, spool)?));
        self.tasks.spawn(dispatcher.run());
        Ok(())
    }

    fn context(
        &self,
        secrets: RequestSecrets,
        spool: Option<Arc<Spool>>,
    ) -> anyhow::Result<JobContext> {
        Ok(JobContext {
            queue: self.queue.clone(),
            journal: self.journal.clone(),
            outage: Outage::default(),
            tenants: Arc::new(Tenants::new(&Default::default(), &Default::default(), 1)),
            secrets: SecretSource::Given(secrets),
            fetcher: self.fetcher(spool)?,
            conversions: Conversions::default(),
            page_memory: parts::page_memory(),
            clock: self.clock.clone(),
            config: JobConfig {
                worker: "crawlcast-crawl".to_owned(),
                agent: robots_agent(&self.config.user_agent).to_owned(),
                max_jobs: 1,
                visibility: VISIBILITY,
                grace: Duration::MAX,
                max_attempts: u32::MAX,
            },
            metrics: JobMetrics::default(),
            drain: self.draining.clone(),
            tasks: self.tasks.clone(),
        })
    }

    fn fetcher(&self, spool: Option<Arc<Spool>>) -> anyhow::Result<Arc<dyn Fetcher>> {
        let guard = AddressGuard {
            allow_nets: self.config.allow_nets.clone(),
            allow_addrs: Vec::new(),
        };
        let config = FetchConfig {
            roots: self.config.extra_ca.clone(),
            ..FetchConfig::new(&self.config.user_agent, guard)
        };
        let fetcher = HttpFetcher::new(config).context("could not set up the connector")?;
        Ok(match spool {
            None => Arc::new(fetcher),
            Some(spool) => Arc::new(RecordingFetcher::new(fetcher, spool)),
        })
    }

    /// Waits until a commit fails, as on a full disk; says why.
    ///
    /// # Cancel safety
    /// Cancel-safe: it only looks.
    pub(crate) async fn failure(&self) -> String {
        let mut failure = self.failure.clone();
        match failure.wait_for(Option::is_some).await {
            Ok(why) => why.clone().unwrap_or_default(),
            // The stores are closed.
            Err(_closed) => std::future::pending().await,
        }
    }

    /// Stops what runs at its last commit. The record can still be read.
    pub(crate) async fn stop(&self) {
        self.draining.cancel();
        let time = DrainTime::start(STOP);
        time.services().phase("the crawl", &self.tasks).await;
    }

    /// Closes the stores. Everything durable is kept.
    pub(crate) async fn close(self) {
        self.stop().await;
        self.queue.close().await;
        self.journal.close().await;
    }
}

/// The product token that robots.txt rules are matched against.
fn robots_agent(user_agent: &str) -> &str {
    user_agent.split(['/', ' ']).next().unwrap_or_default()
}

/// Keeps the reason of the first commit that failed.
fn observer(failed: watch::Sender<Option<String>>) -> CommitObserver {
    Arc::new(move |stats: CommitStats| match stats.outcome {
        CommitOutcome::Durable => {}
        CommitOutcome::Failed(error) => {
            failed.send_if_modified(|why| {
                let is_first = why.is_none();
                why.get_or_insert_with(|| error.to_string());
                is_first
            });
        }
    })
}
