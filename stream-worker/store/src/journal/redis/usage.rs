//! Totals of tenants by day, and the channels of each.
//!
//! A tenant's keys are not in the slot of its channels: they are an index beside the records. A job is counted before its
//! record is made, once; pages are gathered here and counted every second, so that a worker that dies loses a second of them.

use shared::{ChannelId, JobMessage};

use super::answer::Answer;
use super::expiry::{self, millis};
use super::inner::Inner;
use super::scripts::TENANT;
use super::snapshot::Seen;
use crate::journal::{JournalError, ListedJob, TenantJobs, Usage};
use crate::redis::Request;

/// Channels of one tenant that are kept in its list.
const LISTED: u64 = 10_000;

/// Records looked at in one go.
const PAGE: usize = 100;

impl Inner {
    /// Gives the job its number in its tenant's list and counts it, unless that has been done.
    pub(super) async fn begin_for_tenant(&self, job: &JobMessage) -> Result<(), JournalError> {
        let call = self
            .tenant_call(&job.tenant)
            .bytes("begin")
            .bytes(job.channel_id.to_string())
            .number(LISTED)
            .number(millis(expiry::TENANT));
        self.server.run(call).await?;
        Ok(())
    }

    /// Gathers pages that a job of this worker has fetched.
    pub(super) fn count_pages(&self, channel: ChannelId, pages: u64) {
        if pages > 0
            && let Some(tenant) = self.held.tenant_of(channel)
        {
            self.pages.add(tenant, pages);
        }
    }

    pub(super) async fn count_gathered_pages(&self) -> Result<(), JournalError> {
        let mut gathered = self.pages.take().into_iter();
        while let Some((tenant, pages)) = gathered.next() {
            let call = self
                .tenant_call(&tenant)
                .bytes("pages")
                .number(pages)
                .number(millis(expiry::TENANT));
            if let Err(error) = self.server.run(call).await {
                // Counted twice is worse than counted late: what failed may have been carried out, the others were not.
                for (tenant, pages) in gathered {
                    self.pages.add(tenant, pages);
                }
                return Err(error);
            }
        }
        Ok(())
    }

    pub(super) async fn usage(&self, tenant: &str) -> Result<Usage, JournalError> {
        self.count_gathered_pages().await?;
        let call = self.tenant_call(tenant).bytes("look");
        let mut answer = Answer::of(self.server.run(call).await?)?;
        Ok(Usage {
            jobs: answer.needed()?,
            pages: answer.needed()?,
        })
    }

    pub(super) async fn jobs_of(&self, wanted: TenantJobs) -> Result<Vec<ListedJob>, JournalError> {
        let mut jobs = Vec::new();
        let mut before = wanted.before;
        while jobs.len() < wanted.most {
            let page = self.numbered(&wanted.tenant, before).await?;
            let Some((_, last)) = page.last() else {
                break;
            };
            before = Some(*last);
            let channels: Vec<_> = page.iter().map(|(channel, _)| *channel).collect();
            for (seen, (_, number)) in self.see(&channels).await?.into_iter().zip(page) {
                let listed = seen.map(|seen| listed(number, seen)).transpose()?.flatten();
                let meant = |job: &ListedJob| wanted.state.is_none_or(|state| state == job.state);
                jobs.extend(listed.filter(meant));
            }
        }
        jobs.truncate(wanted.most);
        Ok(jobs)
    }

    /// The next channels of a tenant, newest first, with their numbers.
    async fn numbered(
        &self,
        tenant: &str,
        before: Option<u64>,
    ) -> Result<Vec<(ChannelId, u64)>, JournalError> {
        let call = self
            .tenant_call(tenant)
            .bytes("list")
            .bytes(before.map_or_else(|| "+inf".to_owned(), |number| format!("({number}")))
            .number(PAGE as u64);
        let mut answer = Answer::of(self.server.read(call).await?)?;
        let mut channels = Vec::new();
        while let Some(channel) = answer.next() {
            let channel = channel.text()?.parse();
            let damaged = |_error| JournalError::Damaged(format!("the list of tenant {tenant}"));
            channels.push((channel.map_err(damaged)?, answer.needed()?));
        }
        Ok(channels)
    }

    fn tenant_call(&self, tenant: &str) -> Request {
        let keys = self.keys.tenant(tenant);
        self.call(&TENANT, &[&keys.totals, &keys.channels])
    }
}

/// A job as it is listed; nothing of one that never began or is not kept any more.
fn listed(number: u64, seen: Seen) -> Result<Option<ListedJob>, JournalError> {
    let Some(job) = seen.job.filter(|_| !seen.expired) else {
        return Ok(None);
    };
    Ok(Some(ListedJob {
        number,
        channel: job.channel_id,
        state: seen.fields.state()?,
        counts: seen.fields.counts()?,
        submitted_at: job.submitted_at,
        started_at: seen.fields.time("started")?,
        ended_at: seen.fields.ended_at()?,
        request: job.request,
    }))
}
