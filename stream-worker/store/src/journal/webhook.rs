//! Webhooks that are still to be posted to.
//!
//! A webhook is a watcher whose cursor is durable: it reads the same log as every other one, and its record says how far it
//! has come. Many workers may deliver webhooks of one journal: each claims those that it posts to, so that no two post to the
//! same one.

use std::time::Duration;

use async_trait::async_trait;
use shared::request::Webhook;
use shared::seal::Sealed;
use shared::{ChannelId, EventId, Position, Timestamp};
use tokio::sync::watch;

use super::JournalError;

/// Time for which a claim lasts unless it is renewed: a worker that dies holds up its webhooks for so long.
pub const WEBHOOK_CLAIM: Duration = Duration::from_secs(60);

/// The webhooks that have not received all events of their job yet.
///
/// Each method that takes a claim renews it, and answers [`JournalError::LeaseLost`] once the webhook is claimed by another:
/// whoever hears that stops, and posts nothing more.
#[async_trait]
pub trait WebhookOutbox: Send + Sync + 'static {
    /// The tenants that have webhooks to claim: pending, claimed by nobody, and due.
    async fn tenants_with_webhooks(&self) -> Result<Vec<String>, JournalError>;

    /// Claims up to `most` webhooks of `tenant` for [`WEBHOOK_CLAIM`]: those that are pending, claimed by nobody, and due.
    /// The longest due come first; a webhook is due from the beginning of its job on, after a failed post from the time of the
    /// next one on.
    async fn claim_webhooks(
        &self,
        tenant: &str,
        most: usize,
    ) -> Result<Vec<WebhookClaim>, JournalError>;

    /// Makes a claim last for [`WEBHOOK_CLAIM`] from now on.
    async fn renew_claim(&self, claim: &WebhookClaim) -> Result<(), JournalError>;

    /// Gives a claim back, so that anybody can claim the webhook at once. Does nothing to a claim that is lost.
    async fn release_claim(&self, claim: &WebhookClaim) -> Result<(), JournalError>;

    /// The claimed webhook and its cursor; nothing if it is not pending any more.
    async fn webhook_cursor(
        &self,
        claim: &WebhookClaim,
    ) -> Result<Option<WebhookCursor>, JournalError>;

    /// Moves a webhook's cursor, durably. Does nothing to a webhook that is not pending any more.
    async fn record_post(
        &self,
        claim: &WebhookClaim,
        result: PostResult,
    ) -> Result<(), JournalError>;

    /// Changes whenever another webhook is pending. A hint: one that became pending at another worker may be missed, and none
    /// is given for a claim that lapses. So callers also look from time to time.
    fn new_webhooks(&self) -> watch::Receiver<u64>;
}

/// The right to post to one webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookClaim {
    /// The channel of the webhook's job.
    pub channel: ChannelId,
    /// The tenant that submitted the job.
    pub tenant: String,
    /// Fences the claim: no two claims of one webhook have the same number.
    pub number: u64,
}

/// A webhook, and its place in the job's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookCursor {
    /// From the job's request.
    pub webhook: Webhook,
    /// The secrets of the job's request, those of the webhook among them.
    pub sealed: Option<Sealed>,
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
