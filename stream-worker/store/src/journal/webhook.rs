//! Webhooks that are still to be posted to.
//!
//! A webhook is a watcher whose cursor is durable: it reads the same log as every other one, and its record says how far it
//! has come.

use async_trait::async_trait;
use shared::request::Webhook;
use shared::{ChannelId, EventId, Position, Timestamp};
use tokio::sync::watch;

use super::JournalError;

/// The webhooks that have not received all events of their job yet.
#[async_trait]
pub trait WebhookOutbox: Send + Sync + 'static {
    /// Up to `most` pending webhooks after the one with number `after`, in the order in which their jobs began; only those of
    /// `tenant`, if one is named.
    async fn pending_webhooks(
        &self,
        after: u64,
        tenant: Option<&str>,
        most: usize,
    ) -> Result<Vec<PendingWebhook>, JournalError>;

    /// Changes whenever another webhook is pending.
    fn new_webhooks(&self) -> watch::Receiver<u64>;

    /// The webhook of a job and its cursor; nothing if it is not pending.
    async fn webhook_cursor(
        &self,
        channel: ChannelId,
    ) -> Result<Option<WebhookCursor>, JournalError>;

    /// Moves a webhook's cursor, durably. Does nothing to a webhook that is not pending.
    async fn record_post(&self, channel: ChannelId, result: PostResult)
    -> Result<(), JournalError>;
}

/// A job whose webhook has not received all events yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingWebhook {
    /// Number among the webhooks of this journal: grows with each job that has one.
    pub number: u64,
    /// The job's channel.
    pub channel: ChannelId,
    /// The tenant that submitted the job.
    pub tenant: String,
}

/// A webhook, and its place in the job's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookCursor {
    /// From the job's request.
    pub webhook: Webhook,
    /// The last event that the webhook has received or did not ask for; [`EventId::START`] at first.
    pub after: EventId,
    /// The last event of the post that has begun, so that a retry posts the same events.
    pub through: Option<Position>,
    /// Posts in a row that failed.
    pub failures: u32,
    /// Time of the first of these failures, by the journal's clock.
    pub failing_since: Option<Timestamp>,
    /// Earliest time of the next post.
    pub due: Option<Timestamp>,
    /// True once the job's events cannot be read any more: nothing can be posted.
    pub expired: bool,
}

/// Result of one post to a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostResult {
    /// The webhook has received the events up to this one, or did not ask for them.
    Delivered(EventId),
    /// A post of the events up to this one begins; its result is not known yet.
    Begun(Position),
    /// The post failed; the next one may begin then.
    RetryAt(Timestamp),
    /// The webhook has received everything, or is given up.
    Done,
}
