//! Leases: each change of one is a command of its own.

use std::time::Duration;

use async_trait::async_trait;
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
        let (job, worker, now) = (job.clone(), worker.to_owned(), self.clock.now());
        let owing = self.owing.clone();
        self.database
            .write(move |tx| {
                let (acquired, owed) = lease::acquire(tx, &job, worker, now, lease)?;
                if let Some(number) = owed {
                    tx.after_commit(move || {
                        owing.send_replace(number);
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

    async fn surrender(&self, held: &Lease) -> Result<(), JournalError> {
        let held = held.clone();
        self.database
            .write(move |tx| lease::surrender(tx, &held))
            .await
    }
}
