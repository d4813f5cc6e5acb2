//! Leases: the right to write a job's log.

use std::sync::Arc;
use std::time::Duration;

use shared::{Attempt, EventId, JobMessage, Timestamp};

use super::answer::Answer;
use super::expiry::{self, millis};
use super::held::Taken;
use super::inner::Inner;
use super::record::{Flags, parse_counts};
use super::scripts::{ACQUIRE, RELEASE, RENEW};
use crate::journal::{Acquired, Checkpoint, JournalError, Lease};
use crate::redis::Request;

/// A lease that was granted.
struct Granted {
    lease: Lease,
    checkpoint: Checkpoint,
    taken: Taken,
    flags: Flags,
    /// True if the job has just begun.
    begun: bool,
    /// True if readers do not have all events yet.
    hidden: bool,
}

impl Inner {
    pub(super) async fn acquire(
        &self,
        job: &JobMessage,
        worker: &str,
        lease: Duration,
    ) -> Result<Acquired, JournalError> {
        // Both indexes are written before the record: an entry without a record does no harm, a job without its entry would.
        self.begin_for_tenant(job).await?;
        if job.request.webhook.is_some() {
            self.owe_webhook(job).await?;
        }
        let sent = self.server.connections();
        let mut answer = Answer::of(
            self.server
                .run(self.acquisition(job, worker, lease))
                .await?,
        )?;
        match answer.needed::<String>()?.as_str() {
            "finished" => {
                if answer.needed::<u8>()? == 1 {
                    self.show_all(job.channel_id).await?;
                }
                Ok(Acquired::Finished)
            }
            "held" => Ok(Acquired::Held(Duration::from_millis(answer.needed()?))),
            "damaged" => {
                let what: String = answer.needed()?;
                let channel = job.channel_id;
                Err(JournalError::Damaged(format!(
                    "channel {channel} has {what}"
                )))
            }
            "granted" => {
                let granted = self.granted(job, &mut answer)?;
                self.publish_flags(job.channel_id, sent, &granted.flags);
                if granted.hidden
                    && let Err(error) = self.show_all(job.channel_id).await
                {
                    // The first commit shows them.
                    tracing::debug!(channel = %job.channel_id, %error, "events are not shown yet");
                }
                if granted.begun && job.request.webhook.is_some() {
                    self.owe_webhook(job).await?;
                }
                Ok(self.begin_attempt(job, granted))
            }
            other => Err(JournalError::Damaged(format!(
                "a lease is answered with {other:?}"
            ))),
        }
    }

    fn acquisition(&self, job: &JobMessage, worker: &str, lease: Duration) -> Request {
        let keys = self.keys.channel(job.channel_id);
        let (record, job_key, log) = (&keys.record, &keys.job, &keys.log);
        self.call(
            &ACQUIRE,
            &[record, job_key, log, &keys.whole, &keys.todo, &keys.here],
        )
        .bytes(worker)
        .number(millis(lease))
        .number(millis(expiry::LIVE))
        .number(fastrand::u64(..))
        .bytes(job.encode())
        .number(u8::from(job.request.webhook.is_some()))
    }

    fn granted(&self, job: &JobMessage, answer: &mut Answer) -> Result<Granted, JournalError> {
        let attempt = Attempt(answer.needed()?);
        let head: EventId = answer.needed()?;
        let counts = parse_counts(answer.text()?.as_deref()).ok_or_else(|| {
            JournalError::Damaged(format!("the counters of channel {}", job.channel_id))
        })?;
        let seed = answer.needed()?;
        let started_at = Timestamp::from_millis(answer.needed()?);
        let attempts_without_progress = answer.needed()?;
        let begun = answer.needed::<u8>()? == 1;
        let hidden = answer.needed::<u8>()? == 1;
        let taken = Taken {
            bytes: answer.parsed()?.unwrap_or(0),
            tells_cut: answer.text()?.is_some(),
        };
        let flags = Flags::read(answer)?;
        Ok(Granted {
            lease: Lease {
                channel: job.channel_id,
                attempt,
            },
            checkpoint: Checkpoint {
                seed,
                started_at,
                counts: counts.at_rest(),
                head,
                attempts_without_progress,
                control: self.control_of(&flags),
            },
            taken,
            flags,
            begun,
            hidden,
        })
    }

    fn begin_attempt(&self, job: &JobMessage, granted: Granted) -> Acquired {
        let Granted {
            lease,
            checkpoint,
            taken,
            flags,
            begun,
            hidden: _,
        } = granted;
        self.held.take(&lease, &job.tenant, flags.changes, taken);
        if begun && job.request.webhook.is_some() {
            self.new_webhooks.send_modify(|webhooks| *webhooks += 1);
        }
        if checkpoint.head == EventId::START {
            Acquired::Fresh(lease, checkpoint)
        } else {
            Acquired::Resumed(lease, checkpoint)
        }
    }

    pub(super) async fn renew(
        self: &Arc<Self>,
        held: &Lease,
        lease: Duration,
    ) -> Result<(), JournalError> {
        let keys = self.keys.channel(held.channel);
        let call = self
            .call(
                &RENEW,
                &[&keys.record, &keys.job, &keys.log, &keys.whole, &keys.todo],
            )
            .number(held.attempt.0)
            .number(millis(lease))
            .number(millis(expiry::LIVE));
        let mut answer = Answer::of(self.server.run(call).await?)?;
        match answer.needed::<String>()?.as_str() {
            "ok" => {
                self.hear_changes(held.channel, answer.parsed()?.unwrap_or(0));
                Ok(())
            }
            _lost => {
                self.held.drop(held);
                Err(JournalError::LeaseLost)
            }
        }
    }

    pub(super) async fn release(&self, held: &Lease) -> Result<(), JournalError> {
        let record = self.keys.topic(held.channel);
        let call = self.call(&RELEASE, &[&record]).number(held.attempt.0);
        let mut answer = Answer::of(self.server.run(call).await?)?;
        self.held.drop(held);
        match answer.needed::<String>()?.as_str() {
            "ok" => Ok(()),
            _lost => Err(JournalError::LeaseLost),
        }
    }
}
