//! One job's record in memory: what an attempt needs of a journal, with faults that a test may order.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use shared::{Attempt, ChannelId, Counts, EventId, Frame, JobMessage, Position, Timestamp, sse};
use shared::{JobState, Terminal};
use tokio::sync::{mpsc, watch};
use uuid::Uuid;

use shared::Clock;
use store::journal::{
    Acquired, CancelReason, Checkpoint, Control, Cursor, FollowGuard, GateRequest, JobControl,
    JobLeases, JobLog, JobRecords, JournalError, Lease, ListedJob, Ordinal, Page, Pending,
    PostResult, Snapshot, Step, Stored, Tail, TenantJobs, Upkeep, Usage, WebhookClaim,
    WebhookCursor, WebhookOutbox,
};

pub(super) struct MemoryJournal {
    clock: Clock,
    control: watch::Sender<Control>,
    record: Mutex<Record>,
    /// Commits that were asked for.
    pub(super) commits: watch::Sender<u32>,
    /// Probes that were asked for.
    pub(super) probes: watch::Sender<u32>,
}

#[derive(Default)]
pub(super) struct Record {
    /// The message as it was acquired last.
    pub(super) job: Option<JobMessage>,
    pub(super) attempt: u32,
    pub(super) attempts_without_progress: u32,
    pub(super) held_until: Option<Timestamp>,
    pub(super) frames: Vec<Frame>,
    pub(super) pending: Vec<Pending>,
    pub(super) counts: Counts,
    pub(super) outcome: Option<Terminal>,
    /// Number of the next commits that fail as on a full disk.
    pub(super) failing_commits: u32,
    /// True while nothing is taken or given.
    pub(super) is_away: bool,
    /// True while terminal events fail as well.
    pub(super) refuses_ends: bool,
}

impl MemoryJournal {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            clock,
            control: watch::Sender::default(),
            record: Mutex::default(),
            commits: watch::Sender::default(),
            probes: watch::Sender::default(),
        }
    }

    pub(super) fn record(&self) -> parking_lot::MutexGuard<'_, Record> {
        self.record.lock()
    }

    /// The names of the log's events.
    pub(super) fn names(&self) -> Vec<String> {
        self.record()
            .frames
            .iter()
            .map(|frame| sse::name(&frame.bytes).unwrap().to_owned())
            .collect()
    }

    /// The data of the last event.
    pub(super) fn last(&self) -> serde_json::Value {
        let record = self.record();
        serde_json::from_slice(sse::data(&record.frames.last().unwrap().bytes).unwrap()).unwrap()
    }
}

#[async_trait]
impl JobLeases for MemoryJournal {
    async fn acquire(
        &self,
        job: &JobMessage,
        _worker: &str,
        lease: Duration,
    ) -> Result<Acquired, JournalError> {
        let now = self.clock.now();
        let mut record = self.record();
        if record.is_away {
            return Err(JournalError::Store("it does not answer".to_owned()));
        }
        if record.outcome.is_some() {
            return Ok(Acquired::Finished);
        }
        if let Some(until) = record.held_until.filter(|until| *until > now) {
            return Ok(Acquired::Held(until.since(now)));
        }
        record.job = Some(job.clone());
        record.attempt += 1;
        record.attempts_without_progress += 1;
        record.held_until = Some(now.plus(lease));
        let held = Lease {
            channel: job.channel_id,
            attempt: Attempt(record.attempt),
        };
        let head = record
            .frames
            .last()
            .map_or(EventId::START, |frame| frame.id);
        let checkpoint = Checkpoint {
            seed: 7,
            started_at: now,
            counts: record.counts.at_rest(),
            head,
            attempts_without_progress: record.attempts_without_progress,
            control: *self.control.borrow(),
        };
        Ok(if record.frames.is_empty() {
            Acquired::Fresh(held, checkpoint)
        } else {
            Acquired::Resumed(held, checkpoint)
        })
    }

    async fn renew(&self, held: &Lease, lease: Duration) -> Result<(), JournalError> {
        let mut record = self.record();
        if record.attempt != held.attempt.0 {
            return Err(JournalError::LeaseLost);
        }
        record.held_until = Some(self.clock.now().plus(lease));
        Ok(())
    }

    async fn release(&self, _held: &Lease) -> Result<(), JournalError> {
        let mut record = self.record();
        record.held_until = None;
        record.attempts_without_progress = record.attempts_without_progress.saturating_sub(1);
        Ok(())
    }
}

#[async_trait]
impl JobLog for MemoryJournal {
    async fn commit(&self, held: &Lease, step: Step) -> Result<(), JournalError> {
        let mut record = self.record();
        self.commits.send_modify(|commits| *commits += 1);
        if record.refuses_ends && step.outcome.is_some() {
            return Err(JournalError::Store("no space left on device".to_owned()));
        }
        if record.failing_commits > 0 {
            record.failing_commits -= 1;
            return Err(JournalError::Store("no space left on device".to_owned()));
        }
        let next = Position(record.frames.len() as u64 + 1);
        if record.attempt != held.attempt.0 || record.outcome.is_some() || step.first != next {
            return Err(JournalError::LeaseLost);
        }
        for entry in step.entries {
            let id = EventId::new(held.attempt, Position(record.frames.len() as u64 + 1));
            record.frames.push(Frame {
                id,
                bytes: entry.frame,
            });
        }
        record.pending.extend(step.discovered);
        if !step.completed.is_empty() {
            record.attempts_without_progress = 0;
        }
        record
            .pending
            .retain(|pending| !step.completed.contains(&pending.ordinal));
        record.counts = step.counts;
        record.outcome = step.outcome;
        Ok(())
    }

    async fn pending(
        &self,
        _channel: ChannelId,
        after: Ordinal,
        most: usize,
    ) -> Result<Vec<Pending>, JournalError> {
        Ok(self
            .record()
            .pending
            .iter()
            .filter(|pending| pending.ordinal > after)
            .take(most)
            .cloned()
            .collect())
    }

    async fn read(
        &self,
        _channel: ChannelId,
        after: EventId,
        _budget: usize,
    ) -> Result<Page<Frame>, JournalError> {
        let record = self.record();
        let frames = record.frames.iter();
        let next = frames.filter(|frame| frame.id.position > after.position);
        Ok(Page::Next(next.cloned().collect()))
    }

    async fn read_whole(
        &self,
        _channel: ChannelId,
        _after: EventId,
        _budget: usize,
    ) -> Result<Page<Stored>, JournalError> {
        Ok(Page::Next(Vec::new()))
    }

    async fn locate(&self, _channel: ChannelId, _cursor: EventId) -> Result<Cursor, JournalError> {
        Ok(Cursor::Valid)
    }

    fn follow(&self, _channel: ChannelId, _tail: Arc<dyn Tail>) -> FollowGuard {
        FollowGuard::new(|| {})
    }
}

#[async_trait]
impl JobRecords for MemoryJournal {
    async fn snapshot(&self, _channel: ChannelId) -> Result<Option<Snapshot>, JournalError> {
        Ok(None)
    }

    async fn usage(&self, _tenant: &str) -> Result<Usage, JournalError> {
        Ok(Usage::default())
    }

    async fn jobs_of(&self, _wanted: TenantJobs) -> Result<Vec<ListedJob>, JournalError> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl JobControl for MemoryJournal {
    async fn control(&self, _channel: ChannelId) -> Result<watch::Receiver<Control>, JournalError> {
        Ok(self.control.subscribe())
    }

    async fn cancel(
        &self,
        _channel: ChannelId,
        reason: CancelReason,
    ) -> Result<JobState, JournalError> {
        self.control
            .send_modify(|control| control.cancel = Some(control.cancel.unwrap_or(reason)));
        Ok(self
            .record()
            .outcome
            .map_or(JobState::Running, JobState::from))
    }

    async fn pause(&self, _channel: ChannelId, _paused: bool) -> Result<(), JournalError> {
        Ok(())
    }

    async fn attend(&self, _channel: ChannelId, watchers: usize) -> Result<(), JournalError> {
        let since = (watchers == 0).then(|| self.clock.now());
        self.control
            .send_modify(|control| control.unwatched_since = since);
        Ok(())
    }

    async fn gate(
        &self,
        _channel: ChannelId,
        _connection: Uuid,
        _paused: bool,
    ) -> Result<bool, JournalError> {
        Ok(false)
    }

    fn gate_requests(&self) -> mpsc::Receiver<GateRequest> {
        mpsc::channel(1).1
    }
}

#[async_trait]
impl WebhookOutbox for MemoryJournal {
    async fn tenants_with_webhooks(&self) -> Result<Vec<String>, JournalError> {
        Ok(Vec::new())
    }

    async fn claim_webhooks(
        &self,
        _tenant: &str,
        _most: usize,
    ) -> Result<Vec<WebhookClaim>, JournalError> {
        Ok(Vec::new())
    }

    async fn renew_claim(&self, _claim: &WebhookClaim) -> Result<(), JournalError> {
        Err(JournalError::LeaseLost)
    }

    async fn release_claim(&self, _claim: &WebhookClaim) -> Result<(), JournalError> {
        Ok(())
    }

    async fn webhook_cursor(
        &self,
        _claim: &WebhookClaim,
    ) -> Result<Option<WebhookCursor>, JournalError> {
        Err(JournalError::LeaseLost)
    }

    async fn record_post(
        &self,
        _claim: &WebhookClaim,
        _result: PostResult,
    ) -> Result<(), JournalError> {
        Err(JournalError::LeaseLost)
    }

    fn new_webhooks(&self) -> watch::Receiver<u64> {
        watch::Sender::default().subscribe()
    }
}

#[async_trait]
impl Upkeep for MemoryJournal {
    async fn expire(&self, _ended_before: Timestamp) -> Result<usize, JournalError> {
        Ok(0)
    }

    async fn probe(&self) -> Result<(), JournalError> {
        self.probes.send_modify(|probes| *probes += 1);
        match self.record().is_away {
            true => Err(JournalError::Store("it does not answer".to_owned())),
            false => Ok(()),
        }
    }

    async fn close(&self) {}
}
