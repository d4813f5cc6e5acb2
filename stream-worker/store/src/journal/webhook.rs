//! Webhooks that are still to be posted to.
//!
//! A webhook is a watcher whose cursor is durable: it reads the same log as every other one, and its record says how far it
//! has come.

use async_trait::async_trait;
use shared::request::Webhook;
use shared::{ChannelId, Position, Timestamp};
use tokio::sync::watch;

use super::JournalError;

/// The webhooks that have not received all events of their job yet.
#[async_trait]
pub trait WebhookOutbox: Send + Sync + 'static {
    /// Jobs whose webhook has not been told all yet, from the one after `after`, in the order in which they began.
    async fn owed(&self, after: u64, most: usize) -> Result<Vec<Owed>, JournalError>;

    /// Changes whenever there is another [`owed`](Self::owed) job.
    fn owing(&self) -> watch::Receiver<u64>;

    /// How far a job's webhook has been told; nothing if nothing is owed.
    async fn delivery(&self, channel: ChannelId) -> Result<Option<Delivery>, JournalError>;

    /// Notes what came of telling a job's webhook.
    async fn told(&self, channel: ChannelId, told: Told) -> Result<(), JournalError>;
}

/// A job whose webhook has not been told all yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owed {
    /// Its number among such jobs: grows with each.
    pub number: u64,
    /// Its channel.
    pub channel: ChannelId,
}

/// How far a job's webhook has been told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Whom to tell what.
    pub webhook: Webhook,
    /// It knows of the events up to here.
    pub position: Position,
    /// Where the post that has begun ends: whenever it is made again it is the same.
    pub through: Option<Position>,
    /// How often in a row it could not be told.
    pub failures: u32,
    /// Since when.
    pub failing_since: Option<Timestamp>,
    /// Not to be tried before.
    pub due: Option<Timestamp>,
    /// Whether the job's events are gone, or going.
    pub expired: bool,
}

/// What came of telling a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// It knows of the events up to here.
    UpTo(Position),
    /// A post of the events up to here begins.
    Begun(Position),
    /// It could not be told; not to be tried before then.
    NotYet(Timestamp),
    /// It knows all, or is given up.
    Over,
}
