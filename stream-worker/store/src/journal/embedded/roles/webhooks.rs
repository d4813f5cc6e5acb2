//! Webhooks: their cursors are part of the record, the outbox is an index of those that are pending, claims are in memory.

use async_trait::async_trait;
use tokio::sync::watch;

use crate::journal::embedded::channel_row::ChannelRow;
use crate::journal::embedded::journal::EmbeddedJournal;
use crate::journal::embedded::outbox;
use crate::journal::{JournalError, PostResult, WebhookClaim, WebhookCursor, WebhookOutbox};

#[async_trait]
impl WebhookOutbox for EmbeddedJournal {
    async fn tenants_with_webhooks(&self) -> Result<Vec<String>, JournalError> {
        let (claims, now) = (self.claims.clone(), self.clock.now());
        self.database
            .read(move |connection| Ok(outbox::tenants(connection, &claims, now)?))
            .await
    }

    async fn claim_webhooks(
        &self,
        tenant: &str,
        most: usize,
    ) -> Result<Vec<WebhookClaim>, JournalError> {
        let (claims, now) = (self.claims.clone(), self.clock.now());
        let tenant = tenant.to_owned();
        self.database
            .read(move |connection| Ok(outbox::claim(connection, &claims, &tenant, most, now)?))
            .await
    }

    async fn renew_claim(&self, claim: &WebhookClaim) -> Result<(), JournalError> {
        self.claims.renew(claim, self.clock.now())
    }

    async fn release_claim(&self, claim: &WebhookClaim) -> Result<(), JournalError> {
        self.claims.release(claim);
        Ok(())
    }

    async fn webhook_cursor(
        &self,
        claim: &WebhookClaim,
    ) -> Result<Option<WebhookCursor>, JournalError> {
        let (claims, claim, now) = (self.claims.clone(), claim.clone(), self.clock.now());
        self.database
            .read(move |connection| {
                claims.renew(&claim, now)?;
                let row = ChannelRow::find(connection, claim.channel)?;
                let cursor = row
                    .map(|row| outbox::cursor(connection, &row))
                    .transpose()?;
                Ok(cursor.flatten())
            })
            .await
    }

    async fn record_post(
        &self,
        claim: &WebhookClaim,
        result: PostResult,
    ) -> Result<(), JournalError> {
        let (claims, claim, now) = (self.claims.clone(), claim.clone(), self.clock.now());
        self.database
            .write(move |tx| {
                // Here, on the thread of all writes: a claim that is lost later was held when this was written.
                claims.renew(&claim, now)?;
                Ok(outbox::record_post(tx, claim.channel, result, now)?)
            })
            .await
    }

    fn new_webhooks(&self) -> watch::Receiver<u64> {
        self.new_webhooks.subscribe()
    }
}
