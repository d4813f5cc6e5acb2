//! Webhooks: their cursors are part of the record, the outbox is an index of those that are not done.

use async_trait::async_trait;
use shared::ChannelId;
use tokio::sync::watch;

use crate::journal::embedded::journal::EmbeddedJournal;
use crate::journal::embedded::outbox;
use crate::journal::{Delivery, JournalError, Owed, Told, WebhookOutbox};

#[async_trait]
impl WebhookOutbox for EmbeddedJournal {
    async fn owed(&self, after: u64, most: usize) -> Result<Vec<Owed>, JournalError> {
        self.database
            .read(move |connection| Ok(outbox::owed(connection, after, most)?))
            .await
    }

    fn owing(&self) -> watch::Receiver<u64> {
        self.owing.subscribe()
    }

    async fn delivery(&self, channel: ChannelId) -> Result<Option<Delivery>, JournalError> {
        let delivery = self.look(channel, |connection, row| {
            outbox::delivery(connection, &row)
        });
        Ok(delivery.await?.flatten())
    }

    async fn told(&self, channel: ChannelId, told: Told) -> Result<(), JournalError> {
        let now = self.clock.now();
        self.database
            .write(move |tx| Ok(outbox::told(tx, channel, told, now)?))
            .await
    }
}
