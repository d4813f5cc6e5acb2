//! The worker's front: one listener, a dozen endpoints.
//!
//! It owns sockets until they are a watcher's, the router, and the mapping of every error to a problem document. It
//! refuses to know how a job runs or how a stream is written.

mod answer;
mod credentials;
mod to_the_end;
mod doctor;
mod endpoints;
mod firecrawl;
mod h2_stream;
mod handover;
mod listener;
mod pace;
mod peer;
mod place;
mod refusals;
mod metrics;
mod openapi;
mod protocol;
mod rate_limit;
mod results;
mod router;

pub use doctor::Doctor;
pub use listener::{Listener, ListenerConfig};
pub use metrics::HttpMetrics;

use std::sync::Arc;
use std::time::Duration;

use shared::Clock;
use shared::cors::Cors;
use shared::submission::Front;
use store::queue::JobQueue;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::channel::Registry;
use crate::connection::ConnectionConfig;
use crate::health::Health;
use crate::page::PageConfig;
use crate::tenant::Tenants;

/// The parts that a worker takes. One that shares its stores may leave a part to others.
#[derive(Debug, Clone, Copy)]
pub struct Serves {
    /// True if it serves watchers.
    pub streams: bool,
    /// True if it takes and runs jobs.
    pub jobs: bool,
}

/// State shared by all endpoints.
pub struct HttpState {
    /// Judges submissions and signs their answers.
    pub front: Front,
    /// Limits and use of those who submit and watch.
    pub tenants: Arc<Tenants>,
    /// Receives accepted jobs.
    pub queue: Arc<dyn JobQueue>,
    /// The watched channels, and through it the journal.
    pub registry: Arc<Registry>,
    /// Health of the stores, which `/readyz` tells.
    pub health: Arc<Health>,
    /// Settings of streams.
    pub connection: Arc<ConnectionConfig>,
    /// Origins whose pages may read answers.
    pub cors: Cors,
    /// Settings that the web page asks for.
    pub page: PageConfig,
    /// Renders the metrics.
    pub exposition: Box<dyn Fn() -> String + Send + Sync>,
    /// Counters of sockets and answers.
    pub metrics: HttpMetrics,
    /// Stamps answers and judges tokens.
    pub clock: Clock,
    /// Answers probes; nothing, if it is switched off.
    pub doctor: Option<Doctor>,
    /// Time that a connection may idle between requests.
    pub idle_timeout: Duration,
    /// Durability of the journal's store.
    pub durability: &'static str,
    /// The worker's part in the whole.
    pub serves: Serves,
    /// Cancelled when the worker begins to stop: readiness goes false, new streams are told to come back.
    pub draining: CancellationToken,
    /// Owns the tasks that fill streams.
    pub tasks: TaskTracker,
}
