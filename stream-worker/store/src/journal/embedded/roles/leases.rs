//! Leases: each change of one is a command of its own.

use std::time::Duration;

use async_trait::async_trait;
use shared::{ChannelId, JobMessage};

use crate::journal::embedded::journal::EmbeddedJournal;
use crate::journal::embedded::lease;
use crate::journal::{Acquired, JobLeases, JournalError, Lease};

impl EmbeddedJournal {
    /// Checks a job's waiting URLs beside the writer, for whom a million of them are a long time. Both numbers are of one commit,
    /// whoever writes meanwhile.
    async fn check_pending(&self, channel: ChannelId) -> Result<(), JournalError> {
        // It is closed by nobody.
        let _one_at_a_time = self.pending_checks.acquire().await;
        let now = self.clock.now();
        self.database
            .read(move |connection| Ok(lease::check_pending(connection, channel, now)?))
            .await
    }
}

#[async_trait]
impl JobLeases for EmbeddedJournal {
    async fn acquire(
        &self,
        job: &JobMessage,
        worker: &str,
        lease: Duration,
    ) -> Result<Acquired, JournalError> {
        self.check_pending(job.channel_id).await?;
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
