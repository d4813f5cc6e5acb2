//! Leases: each change of one is a command of its own.

use std::time::Duration;

use async_trait::async_trait;
use rusqlite::Connection;
use shared::JobMessage;

use crate::journal::embedded::journal::EmbeddedJournal;
use crate::journal::embedded::lease;
use crate::journal::{Acquired, JobLeases, JournalError, Lease};

#[async_trait]
impl JobLeases for EmbeddedJournal {
    async fn acquire(
        &self,
        job: &JobMessage,
        worker: &str,
        lease: Duration,
    ) -> Result<Acquired, JournalError> {
        // Beside the writer, for whom a million URLs are a long time. Both numbers are of one commit, whoever writes meanwhile.
        let channel = job.channel_id;
        let check = move |connection: &Connection| lease::check_pending(connection, channel);
        self.database.read(check).await?;
        let (job, worker, now) = (job.clone(), worker.to_owned(), self.clock.now());
        let new_webhooks = self.new_webhooks.clone();
        self.database
            .write(move |tx| {
                let (acquired, webhook) = lease::acquire(tx, &job, worker, now, lease)?;
                if let Some(number) = webhook {
                    tx.after_commit(move || {
                        new_webhooks.send_replace(number);
                    });
                }
                Ok(acquired)
            })
            .await
    }

    async fn renew(&self, held: &Lease, lease: Duration) -> Result<(), JournalError> {
        let (held, until) = (held.clone(), self.clock.now().plus(lease));
        self.database
            .write(move |tx| lease::renew(tx, &held, until))
            .await
    }

    async fn release(&self, held: &Lease) -> Result<(), JournalError> {
        let held = held.clone();
        self.database
            .write(move |tx| lease::release(tx, &held))
            .await
    }
}
