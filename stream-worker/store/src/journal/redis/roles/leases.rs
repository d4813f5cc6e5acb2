//! Leases on jobs, as the journal in Redis grants them.

use std::time::Duration;

use async_trait::async_trait;
use shared::JobMessage;

use crate::journal::redis::journal::RedisJournal;
use crate::journal::{Acquired, JobLeases, JournalError, Lease};

#[async_trait]
impl JobLeases for RedisJournal {
    async fn acquire(
        &self,
        job: &JobMessage,
        worker: &str,
        lease: Duration,
    ) -> Result<Acquired, JournalError> {
        self.inner.acquire(job, worker, lease).await
    }

    async fn renew(&self, held: &Lease, lease: Duration) -> Result<(), JournalError> {
        self.inner.renew(held, lease).await
    }

    async fn release(&self, held: &Lease) -> Result<(), JournalError> {
        self.inner.release(held).await
    }
}
