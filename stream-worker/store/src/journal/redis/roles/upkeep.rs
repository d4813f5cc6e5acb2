//! Retention, probe and close of the journal in Redis.

use async_trait::async_trait;
use shared::Timestamp;

use crate::journal::redis::journal::RedisJournal;
use crate::journal::{JournalError, Upkeep};

#[async_trait]
impl Upkeep for RedisJournal {
    async fn expire(&self, ended_before: Timestamp) -> Result<usize, JournalError> {
        // The server expires what has ended, by the times that the last step has set. What was large follows.
        self.inner.sweep_bodies(ended_before).await?;
        Ok(0)
    }

    async fn probe(&self) -> Result<(), JournalError> {
        self.inner.probe().await
    }

    async fn close(&self) {
        self.inner.close().await;
    }
}
