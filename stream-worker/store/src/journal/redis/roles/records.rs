//! Records of jobs, as the journal in Redis reads them.

use async_trait::async_trait;
use shared::ChannelId;

use crate::journal::redis::journal::RedisJournal;
use crate::journal::{JobRecords, JournalError, ListedJob, Snapshot, TenantJobs, Usage};

#[async_trait]
impl JobRecords for RedisJournal {
    async fn snapshot(&self, channel: ChannelId) -> Result<Option<Snapshot>, JournalError> {
        self.inner.snapshot(channel).await
    }

    async fn usage(&self, tenant: &str) -> Result<Usage, JournalError> {
        self.inner.usage(tenant).await
    }

    async fn jobs_of(&self, wanted: TenantJobs) -> Result<Vec<ListedJob>, JournalError> {
        self.inner.jobs_of(wanted).await
    }
}
