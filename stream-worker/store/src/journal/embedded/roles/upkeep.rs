//! Retention, probe and close.

use async_trait::async_trait;
use shared::Timestamp;

use crate::journal::embedded::journal::EmbeddedJournal;
use crate::journal::embedded::retention;
use crate::journal::{JournalError, Upkeep};

/// Bytes that a probe writes: those of some pages with their text, as a step has them.
const PROBE_BYTES: i64 = 32 * 1024;

#[async_trait]
impl Upkeep for EmbeddedJournal {
    async fn expire(&self, ended_before: Timestamp) -> Result<usize, JournalError> {
        let now = self.clock.now();
        let expired = retention::expire(&self.database, ended_before, now, self.config.retention);
        Ok(expired.await?)
    }

    async fn probe(&self) -> Result<(), JournalError> {
        let now = self.clock.now().millis();
        self.database
            .write(move |tx| {
                // Other bytes each time, or nothing would be written; and several pages of them, since a page of which a
                // part is free may still be written when the disk is full.
                tx.prepare_cached("UPDATE probe SET at = ?1, ballast = randomblob(?2)")?
                    .execute([now, PROBE_BYTES])?;
                Ok(())
            })
            .await
    }

    async fn close(&self) {
        self.database.close().await;
    }
}
