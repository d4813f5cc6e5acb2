//! One worker, from its settings to its end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use engine::crawl::Conversions;
use engine::fetch::HttpFetcher;
use shared::event::ByeReason;
use shared::token::TokenKeys;
use tokio::net::TcpListener;

use super::base::Base;
use super::stages::Stages;
use super::stores::Stores;
use super::{housekeeping, parts};
use crate::channel::Registry;
use crate::config::Config;
use crate::demo::DemoSite;
use crate::drain::DrainTime;
use crate::http::{Doctor, HttpState, Listener, Serves};
use crate::job::{Dispatcher, JobContext, Outage, SecretSource};
use crate::page::PageConfig;
use crate::tenant::Tenants;
use crate::webhook::{WebhookBase, WebhookContext, Webhooks};

/// Addresses that a worker answers on.
#[derive(Debug, Clone, Copy)]
pub struct Addresses {
    /// Address of the worker's HTTP server.
    pub worker: SocketAddr,
    /// The demo site, on loopback, if it was asked for.
    pub demo: Option<SocketAddr>,
}

/// A worker that runs.
pub struct Worker {
    addresses: Addresses,
    drain_time: Duration,
    stages: Stages,
    registry: Arc<Registry>,
    stores: Stores,
}

/// The sockets that a worker answers on.
struct Bound {
    worker: TcpListener,
    demo: Option<DemoSite>,
    addresses: Addresses,
}

impl Worker {
    /// Builds and starts a worker. It serves when this returns.
    ///
    /// # Errors
    /// The data directory is another worker's or damaged, or the address is taken.
    pub async fn start(config: Config) -> anyhow::Result<Self> {
        let base = Base::new();
        let stores = Stores::open(&config, &base).await?;
        let Bound {
            worker,
            demo,
            addresses,
        } = Bound::bind(&config).await?;
        let registry = Registry::start(
            parts::channel_config(&config),
            stores.journal.clone(),
            base.metrics.channel.clone(),
            base.stages.services.clone(),
            base.stages.closing.clone(),
        );
        let tenants = Arc::new(parts::tenants(&config));
        let tenants_here = tenants.clone();
        let state = http_state(&config, &stores, &registry, &base, addresses, tenants)?;
        let keys = state.front.token_keys.clone();
        let listener = Listener::new(worker, parts::listener_config(&config), Arc::new(state));
        let fetcher = Arc::new(parts::fetcher(&config, addresses.demo)?);
        let webhooks = webhooks(&config, &stores, fetcher.clone(), keys.clone(), &base);
        let Base {
            clock,
            metrics,
            health,
            stages,
        } = base;
        let dispatcher = Dispatcher::new(Arc::new(JobContext {
            queue: stores.queue.clone(),
            journal: stores.journal.clone(),
            outage: Outage::default(),
            tenants: tenants_here,
            secrets: SecretSource::Seal(keys),
            fetcher,
            conversions: Conversions::default(),
            page_memory: parts::page_memory(),
            clock: clock.clone(),
            config: parts::job_config(&config),
            metrics: metrics.job.clone(),
            drain: stages.draining.clone(),
            tasks: stages.jobs.clone(),
        }));

        let closing = &stages.closing;
        if config.role.crawls() {
            stages.jobs.spawn(dispatcher.run());
            stages.services.spawn(webhooks.run());
        }
        stages.connections.spawn(listener.run(closing.clone()));
        if let Some(demo) = demo {
            stages.services.spawn(demo.run(closing.clone()));
        }
        stages
            .services
            .spawn(stores.watch(metrics.clone(), closing.clone()));
        stages.services.spawn(housekeeping::sample(
            housekeeping::Sampled {
                queue: stores.queue.clone(),
                journal: stores.journal.clone(),
                bodies: stores.bodies.clone(),
            },
            stores.probe_after(),
            health,
            metrics,
            closing.clone(),
        ));
        stages.services.spawn(housekeeping::expire(
            stores.journal.clone(),
            config.retention,
            clock,
            closing.clone(),
        ));
        Ok(Self {
            addresses,
            drain_time: config.drain,
            stages,
            registry,
            stores,
        })
    }

    /// The addresses that were bound.
    #[must_use]
    pub const fn addresses(&self) -> Addresses {
        self.addresses
    }

    /// Stops in phases, within the drain time: watchers are told when to come back, jobs are released at their last commit,
    /// connections close, stores are closed. What is cut short loses nothing durable.
    pub async fn drain(self) {
        let time = DrainTime::start(self.drain_time);
        let dismiss_watchers = || self.registry.dismiss(ByeReason::Drain);
        self.stages.end(time, dismiss_watchers).await;
        self.stores.close().await;
    }
}

impl Bound {
    async fn bind(config: &Config) -> anyhow::Result<Self> {
        let worker = TcpListener::bind(config.listen)
            .await
            .with_context(|| format!("could not listen on {}", config.listen))?;
        let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
        let demo = match config.demo {
            true => Some(
                DemoSite::bind(loopback)
                    .await
                    .context("could not serve the demo site")?,
            ),
            false => None,
        };
        let addresses = Addresses {
            worker: worker
                .local_addr()
                .context("could not read the address that was bound")?,
            demo: demo.as_ref().map(DemoSite::local_addr),
        };
        Ok(Self {
            worker,
            demo,
            addresses,
        })
    }
}

fn webhooks(
    config: &Config,
    stores: &Stores,
    fetcher: Arc<HttpFetcher>,
    keys: TokenKeys,
    base: &Base,
) -> Webhooks {
    let context = WebhookContext::new(
        stores.journal.clone(),
        fetcher,
        WebhookBase {
            keys,
            clock: base.clock.clone(),
            metrics: base.metrics.webhook.clone(),
            stop: base.stages.closing.clone(),
        },
        parts::webhook_limits(config),
    );
    Webhooks::new(Arc::new(context), base.stages.services.clone())
}

fn http_state(
    config: &Config,
    stores: &Stores,
    registry: &Arc<Registry>,
    base: &Base,
    addresses: Addresses,
    tenants: Arc<Tenants>,
) -> anyhow::Result<HttpState> {
    let Base {
        clock,
        metrics,
        health,
        stages,
    } = base;
    Ok(HttpState {
        front: parts::front(config, addresses.worker)?,
        tenants,
        queue: stores.queue.clone(),
        registry: registry.clone(),
        health: health.clone(),
        connection: Arc::new(parts::connection_config(config, clock)),
        cors: config.cors.clone(),
        page: PageConfig {
            demo_url: addresses.demo.map(|demo| format!("http://{demo}/")),
        },
        exposition: metrics.exposition(),
        metrics: metrics.http.clone(),
        clock: clock.clone(),
        doctor: config.doctor.then(Doctor::default),
        idle_timeout: config.idle_timeout,
        durability: stores.durability(),
        serves: Serves {
            streams: config.role.streams(),
            jobs: config.role.crawls(),
        },
        draining: stages.draining.clone(),
        tasks: stages.connections.clone(),
    })
}
