//! One watcher's stream.
//!
//! It owns the [`Subscription`], which is a cursor over a channel and its journal, and the two thin transports that write
//! what it yields: [`socket`] for HTTP/1.1, where the connection is taken out of hyper, and [`body`] for HTTP/2. It
//! refuses to know what a crawl is. A watcher has no queue: one that is slow holds a number, reads the log again when its
//! socket takes bytes, and slows nobody else.

mod batch;
pub mod body;
mod chunks;
mod farewell;
mod inbound;
mod moment;
mod opening;
mod place;
pub mod socket;
mod subscription;
#[cfg(test)]
mod tests;

pub use chunks::Delimiter;
pub use farewell::turn_away;
pub use opening::{OpenError, Opening, Welcome, open};
pub use subscription::{Delivery, Subscription};

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;

use shared::Clock;

/// The longest that a client that takes nothing may hold up a stop: enough for a slow reader to take a part of what the
/// kernel keeps for it.
pub const STALL_WHILE_STOPPING: Duration = Duration::from_secs(5);

/// Settings of every connection.
#[derive(Debug, Clone)]
pub struct ConnectionConfig {
    /// Silence after which a heartbeat is written.
    pub heartbeat: Duration,
    /// Interval at which watchers look at the time; the registry's tick.
    pub tick: Duration,
    /// The longest life; each connection lasts a random 80 to 100 % of it.
    pub lifetime: Duration,
    /// Time after which a socket that takes nothing, while something waits, is closed.
    pub stall: Duration,
    /// Bytes of one write at most.
    pub write_budget: usize,
    /// Bytes that all blocked watchers together may keep from the journal, so that a short stall costs no second read.
    pub held: Arc<Semaphore>,
    /// Stamps what is said to one watcher.
    pub clock: Clock,
    /// The zero of watchers' own times.
    pub began: Instant,
}

/// A random time within `range`, so that many who share a cause do not come back in one second.
fn spread(range: std::ops::RangeInclusive<u64>) -> Duration {
    Duration::from_millis(fastrand::u64(range))
}
