//! Claims of webhooks, in memory: this process is the only one that posts to the webhooks of this file.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use shared::{ChannelId, Timestamp};

use crate::journal::{JournalError, WEBHOOK_CLAIM, WebhookClaim};

/// The claims that are held, and those that have lapsed and whose webhook nobody has claimed since. As many as webhooks are
/// delivered at once, and in practice few more.
#[derive(Clone, Default)]
pub(super) struct Claims(Arc<Mutex<Held>>);

#[derive(Default)]
struct Held {
    by_channel: HashMap<ChannelId, HeldClaim>,
    /// Times until which rows of the outbox are claimed. By row as well, because a row is looked up before its channel is
    /// known.
    by_row: HashMap<OutboxRow, Timestamp>,
    /// Number of the last claim.
    last: u64,
}

struct HeldClaim {
    number: u64,
    row: OutboxRow,
}

/// Number of a row in the table of pending webhooks; it is never given twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct OutboxRow(pub(super) i64);

impl Claims {
    /// True if nobody holds a claim of that row's webhook now.
    pub(super) fn is_free(&self, row: OutboxRow, now: Timestamp) -> bool {
        self.0.lock().is_free(row, now)
    }

    /// Claims a webhook, unless it has been claimed meanwhile.
    pub(super) fn claim(
        &self,
        row: OutboxRow,
        channel: ChannelId,
        tenant: &str,
        now: Timestamp,
    ) -> Option<WebhookClaim> {
        let mut held = self.0.lock();
        if !held.is_free(row, now) {
            return None;
        }
        held.last += 1;
        let number = held.last;
        held.by_row.insert(row, now.plus(WEBHOOK_CLAIM));
        held.by_channel.insert(channel, HeldClaim { number, row });
        Some(WebhookClaim {
            channel,
            tenant: tenant.to_owned(),
            number,
        })
    }

    /// Renews a claim, also one that has lapsed and whose webhook nobody has claimed since.
    pub(super) fn renew(&self, claim: &WebhookClaim, now: Timestamp) -> Result<(), JournalError> {
        let mut held = self.0.lock();
        let row = held.row_of(claim).ok_or(JournalError::LeaseLost)?;
        held.by_row.insert(row, now.plus(WEBHOOK_CLAIM));
        Ok(())
    }

    /// Ends a claim, if it is held.
    pub(super) fn release(&self, claim: &WebhookClaim) {
        let mut held = self.0.lock();
        if let Some(row) = held.row_of(claim) {
            held.by_row.remove(&row);
            held.by_channel.remove(&claim.channel);
        }
    }
}

impl Held {
    fn is_free(&self, row: OutboxRow, now: Timestamp) -> bool {
        self.by_row.get(&row).is_none_or(|until| *until <= now)
    }

    fn row_of(&self, claim: &WebhookClaim) -> Option<OutboxRow> {
        let held = self.by_channel.get(&claim.channel);
        held.filter(|held| held.number == claim.number)
            .map(|held| held.row)
    }
}
