//! Questions about jobs: reads only.

use async_trait::async_trait;
use shared::ChannelId;

use crate::journal::embedded::journal::EmbeddedJournal;
use crate::journal::embedded::usage_rows;
use crate::journal::{JobRecords, JournalError, ListedJob, Snapshot, TenantJobs, Usage};

#[async_trait]
impl JobRecords for EmbeddedJournal {
    async fn snapshot(&self, channel: ChannelId) -> Result<Option<Snapshot>, JournalError> {
        let watchers = self.attendance.of(channel);
        self.look(channel, move |connection, row| {
            let job = row.job(connection)?;
            let record = row.record;
            Ok(Snapshot {
                state: record.state(),
                counts: record.counts,
                attempt: record.attempt,
                head: record.head,
                tenant: job.as_ref().map(|job| job.tenant.clone()),
                request: job.map(|job| job.request),
                started_at: record.started_at,
                ended_at: record.ended_at,
                paused: record.paused,
                watchers: watchers as u64,
                robots: record.robots,
                expired: record.stage.is_expired(),
            })
        })
        .await
    }

    async fn usage(&self, tenant: &str) -> Result<Usage, JournalError> {
        let (tenant, now) = (tenant.to_owned(), self.clock.now());
        self.database
            .read(move |connection| Ok(usage_rows::usage(connection, &tenant, now)?))
            .await
    }

    async fn jobs_of(&self, wanted: TenantJobs) -> Result<Vec<ListedJob>, JournalError> {
        self.database
            .read(move |connection| Ok(usage_rows::jobs(connection, &wanted)?))
            .await
    }
}
