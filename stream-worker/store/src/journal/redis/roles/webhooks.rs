//! Claims and cursors of webhooks, as the journal in Redis keeps them.

use async_trait::async_trait;
use tokio::sync::watch;

use crate::journal::redis::journal::RedisJournal;
use crate::journal::{JournalError, PostResult, WebhookClaim, WebhookCursor, WebhookOutbox};

#[async_trait]
impl WebhookOutbox for RedisJournal {
    async fn tenants_with_webhooks(&self) -> Result<Vec<String>, JournalError> {
        self.inner.tenants_with_webhooks().await
    }

    async fn claim_webhooks(
        &self,
        tenant: &str,
        most: usize,
    ) -> Result<Vec<WebhookClaim>, JournalError> {
        self.inner.claim_webhooks(tenant, most).await
    }

    async fn renew_claim(&self, claim: &WebhookClaim) -> Result<(), JournalError> {
        self.inner.renew_claim(claim).await
    }

    async fn release_claim(&self, claim: &WebhookClaim) -> Result<(), JournalError> {
        self.inner.release_claim(claim).await
    }

    async fn webhook_cursor(
        &self,
        claim: &WebhookClaim,
    ) -> Result<Option<WebhookCursor>, JournalError> {
        self.inner.webhook_cursor(claim).await
    }

    async fn record_post(
        &self,
        claim: &WebhookClaim,
        result: PostResult,
    ) -> Result<(), JournalError> {
        self.inner.record_post(claim, result).await
    }

    fn new_webhooks(&self) -> watch::Receiver<u64> {
        self.inner.new_webhooks.subscribe()
    }
}
