//! Makes the parts of a worker from its settings.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use engine::crawl::PageMemory;
use engine::fetch::{AddressGuard, FetchConfig, HttpFetcher};
use shared::Clock;
use shared::numbers::{HEAD_TIMEOUT, MAX_RECEIVES, STALL};
use shared::submission::Front;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use url::Url;

use crate::channel::ChannelConfig;
use crate::config::{Config, token_keys_in};
use crate::connection::ConnectionConfig;
use crate::http::ListenerConfig;
use crate::job::JobConfig;
use crate::tenant::Tenants;
use crate::webhook::WebhookLimits;

/// Bytes of recent frames kept for each watched channel.
const TAIL_BYTES: usize = 1024 * 1024;
/// Bytes of one write to a watcher at most: enough to catch up fast, little enough to be fair.
const WRITE_BUDGET: usize = 64 * 1024;
/// Bytes that all blocked watchers together may keep.
const HELD_BYTES: usize = 16 * 1024 * 1024;
/// Bytes of pages that all crawls together keep whole, with one page (100 MiB at most) more: a page takes a few times its
/// size while it is converted, which as many do at once as there are processors, and a worker should do with 1 GiB.
const PAGE_BYTES: usize = 256 * 1024 * 1024;
/// Sockets for everything that is not a watcher.
const OTHER_SOCKETS: usize = 1_024;
/// Webhooks that are looked after at once: some tens of megabytes.
const WEBHOOK_DELIVERERS: usize = 10_000;
/// Posts to webhooks under way at once. A server has ten seconds for each.
const WEBHOOK_POSTS: usize = 32;
/// Ticks in a heartbeat: a watcher looks at the time that often.
const TICKS: u32 = 4;

pub(super) fn front(config: &Config, listening: SocketAddr) -> anyhow::Result<Front> {
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

pub(super) fn tenants(config: &Config) -> Tenants {
    Tenants::new(&config.api_keys, &config.tenant_limits, config.max_jobs)
}

fn tick(config: &Config) -> Duration {
    config.heartbeat / TICKS
}

pub(super) fn channel_config(config: &Config) -> ChannelConfig {
    ChannelConfig {
        tail_bytes: TAIL_BYTES,
        max_watchers: config.max_connections,
        tick: tick(config),
    }
}

pub(super) fn connection_config(config: &Config, clock: &Clock) -> ConnectionConfig {
    ConnectionConfig {
        heartbeat: config.heartbeat,
        tick: tick(config),
        lifetime: config.connection_lifetime,
        stall: STALL,
        write_budget: WRITE_BUDGET,
        held: Arc::new(Semaphore::new(HELD_BYTES)),
        clock: clock.clone(),
        began: Instant::now(),
    }
}

pub(super) fn webhook_limits(config: &Config) -> WebhookLimits {
    WebhookLimits {
        tenants: config.api_keys.tenants().len(),
        deliverers: WEBHOOK_DELIVERERS,
        posts: WEBHOOK_POSTS,
    }
}

pub(super) fn page_memory() -> PageMemory {
    PageMemory::new(PAGE_BYTES)
}

pub(super) const fn max_sockets(config: &Config) -> usize {
    config.max_connections + OTHER_SOCKETS
}

pub(super) const fn listener_config(config: &Config) -> ListenerConfig {
    ListenerConfig {
        max_sockets: max_sockets(config),
        head_timeout: HEAD_TIMEOUT,
        idle_timeout: config.idle_timeout,
    }
}

pub(super) fn fetcher(config: &Config, demo: Option<SocketAddr>) -> anyhow::Result<HttpFetcher> {
    let guard = AddressGuard {
        allow_nets: config.allow_nets.clone(),
        allow_addrs: demo.into_iter().collect(),
    };
    Ok(HttpFetcher::new(FetchConfig {
        roots: config.extra_ca.clone(),
        ..FetchConfig::new(&config.user_agent, guard)
    })?)
}

pub(super) fn job_config(config: &Config) -> JobConfig {
    JobConfig {
        // Chance, not the machine's name: events are shown to strangers.
        worker: format!("worker-{:06x}", fastrand::u32(..0x0100_0000)),
        agent: config.robots_agent().to_owned(),
        max_jobs: config.max_jobs,
        visibility: config.visibility,
        grace: config.disconnect_grace,
        max_attempts: MAX_RECEIVES,
    }
}
