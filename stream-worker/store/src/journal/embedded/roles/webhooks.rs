//! Webhooks: their cursors are part of the record, the outbox is an index of those that are pending.

use async_trait::async_trait;
use shared::ChannelId;
use tokio::sync::watch;

use crate::journal::embedded::journal::EmbeddedJournal;
use crate::journal::embedded::outbox;
use crate::journal::{JournalError, PendingWebhook, PostResult, WebhookCursor, WebhookOutbox};

#[async_trait]
impl WebhookOutbox for EmbeddedJournal {
    async fn pending_webhooks(
        &self,
        after: u64,
        tenant: Option<&str>,
        most: usize,
    ) -> Result<Vec<PendingWebhook>, JournalError> {
        let tenant = tenant.map(str::to_owned);
        self.database
            .read(move |connection| {
                Ok(outbox::pending(connection, after, tenant.as_deref(), most)?)
            })
            .await
    }

    fn new_webhooks(&self) -> watch::Receiver<u64> {
        self.new_webhooks.subscribe()
    }

    async fn webhook_cursor(
        &self,
        channel: ChannelId,
    ) -> Result<Option<WebhookCursor>, JournalError> {
        let cursor = self.look(channel, |connection, row| outbox::cursor(connection, &row));
        Ok(cursor.await?.flatten())
    }

    async fn record_post(
        &self,
        channel: ChannelId,
        result: PostResult,
    ) -> Result<(), JournalError> {
        let now = self.clock.now();
        self.database
            .write(move |tx| Ok(outbox::record_post(tx, channel, result, now)?))
            .await
    }
}
