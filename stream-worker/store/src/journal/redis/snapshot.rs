//! States of jobs at one moment.

use shared::{ChannelId, JobMessage};

use super::answer::Answer;
use super::inner::Inner;
use super::record::Fields;
use crate::journal::{JournalError, Snapshot};
use crate::redis::{Reply, Request};

/// A record that exists, and what belongs to it.
pub(super) struct Seen {
    pub(super) fields: Fields,
    /// Nothing while the channel is awaited.
    pub(super) job: Option<JobMessage>,
    /// True once the job has ended and its log is gone.
    pub(super) expired: bool,
}

impl Inner {
    pub(super) async fn snapshot(
        &self,
        channel: ChannelId,
    ) -> Result<Option<Snapshot>, JournalError> {
        let Some(seen) = self.see(&[channel]).await?.remove(0) else {
            return Ok(None);
        };
        let Seen {
            fields,
            job,
            expired,
        } = seen;
        Ok(Some(Snapshot {
            state: fields.state()?,
            counts: fields.counts()?,
            attempt: fields.attempt()?,
            head: fields.shown()?,
            tenant: job.as_ref().map(|job| job.tenant.clone()),
            request: job.map(|job| job.request),
            started_at: fields.time("started")?,
            ended_at: fields.ended_at()?,
            paused: fields.text("paused") == Some("1"),
            watchers: self.watchers_of(channel).await?,
            robots: fields.robots(),
            expired,
        }))
    }

    /// Reads the records of `channels`; nothing for a channel that has none.
    pub(super) async fn see(
        &self,
        channels: &[ChannelId],
    ) -> Result<Vec<Option<Seen>>, JournalError> {
        let questions: Vec<_> = channels
            .iter()
            .flat_map(|channel| self.questions(*channel))
            .collect();
        let mut answers = self.server.run_all(&questions).await?.into_iter();
        let mut seen = Vec::with_capacity(channels.len());
        while let (Some(fields), Some(job), Some(kept)) =
            (answers.next(), answers.next(), answers.next())
        {
            seen.push(read(fields?, &job?, &kept?)?);
        }
        Ok(seen)
    }

    fn questions(&self, channel: ChannelId) -> [Request; 3] {
        let keys = self.keys.channel(channel);
        [
            Request::command("HGETALL").bytes(keys.record),
            Request::command("GET").bytes(keys.job),
            Request::command("EXISTS").bytes(keys.log),
        ]
    }
}

fn read(fields: Reply, job: &Reply, kept: &Reply) -> Result<Option<Seen>, JournalError> {
    let fields = Fields::read(&mut Answer::of(fields)?)?;
    if fields.is_empty() {
        return Ok(None);
    }
    let expired = fields.stage()?.has_ended() && kept.count()? == 0;
    let damaged = |_error| JournalError::Damaged("the message of a job".into());
    let job = if job.is_nothing() {
        None
    } else {
        Some(JobMessage::decode(job.text()?.as_bytes()).map_err(damaged)?)
    };
    Ok(Some(Seen {
        fields,
        job,
        expired,
    }))
}
