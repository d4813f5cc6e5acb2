//! Carries a crawl's steps into the journal.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use engine::crawl::{Candidate, CrawlStep, Digester, SinkClosed, StepSink};
use shared::{ChannelId, Counts, Event, HostRobots};
use store::journal::{Changes, JobLog, JournalError, LogWriter, Ordinal, Pending};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::metrics::JobMetrics;
use super::patience::Patience;

/// Steps that wait for the journal at most. A crawl that is faster than the disk waits for it.
const MAX_WAITING: usize = 64;

/// Events in one commit at most.
const MAX_COMMIT_EVENTS: usize = 512;

/// Pause after a commit before the next one begins: a fast crawl's steps share it, a slow one's never wait.
const REST: Duration = Duration::from_millis(2);

enum Command {
    Step(CrawlStep),
    Flush(oneshot::Sender<()>),
}

/// The crawl's end: takes steps while the journal keeps up, and reads back what waits.
pub(super) struct JournalSink {
    commands: mpsc::Sender<Command>,
    log: Arc<dyn JobLog>,
    channel: ChannelId,
    metrics: JobMetrics,
    /// Ends the patience with a store that fails.
    drain: CancellationToken,
}

/// The journal's end: commits what waits, many steps at a time.
pub(super) struct Committer {
    commands: mpsc::Receiver<Command>,
    writer: LogWriter,
    digester: Digester,
    metrics: JobMetrics,
    /// Ends the patience with a store that fails.
    drain: CancellationToken,
}

/// A sink and its committer. The committer ends when the sink is dropped or a commit fails for good.
pub(super) fn sink(
    writer: LogWriter,
    digester: Digester,
    log: Arc<dyn JobLog>,
    metrics: JobMetrics,
    drain: &CancellationToken,
) -> (JournalSink, Committer) {
    let (sender, commands) = mpsc::channel(MAX_WAITING);
    (
        JournalSink {
            commands: sender,
            log,
            channel: writer.lease().channel,
            metrics: metrics.clone(),
            drain: drain.clone(),
        },
        Committer {
            commands,
            writer,
            digester,
            metrics,
            drain: drain.clone(),
        },
    )
}

#[async_trait]
impl StepSink for JournalSink {
    async fn push(&mut self, step: CrawlStep) -> Result<(), SinkClosed> {
        self.commands
            .send(Command::Step(step))
            .await
            .map_err(|_closed| SinkClosed)
    }

    async fn flush(&mut self) -> Result<(), SinkClosed> {
        let (done, flushed) = oneshot::channel();
        self.commands
            .send(Command::Flush(done))
            .await
            .map_err(|_closed| SinkClosed)?;
        flushed.await.map_err(|_closed| SinkClosed)
    }

    async fn waiting(&mut self, after: u64, most: usize) -> Result<Vec<Candidate>, SinkClosed> {
        self.flush().await?;
        let mut patience = Patience::new("reading back what waits", &self.metrics, &self.drain);
        loop {
            match self.log.pending(self.channel, Ordinal(after), most).await {
                Ok(rows) => return Ok(rows.into_iter().map(candidate).collect()),
                Err(JournalError::Store(reason)) => {
                    patience.pause(reason).await.map_err(|_drains| SinkClosed)?;
                }
                Err(error) => {
                    tracing::error!(%error, "what waits cannot be read back; the attempt ends");
                    return Err(SinkClosed);
                }
            }
        }
    }
}

impl Committer {
    /// Commits steps until the sink is gone; gives the writer back for the terminal event.
    ///
    /// # Errors
    /// That of the commit after which the attempt may not, or cannot, write any more.
    pub(super) async fn run(mut self) -> Result<LogWriter, JournalError> {
        let mut waiting = VecDeque::new();
        let mut rested = Instant::now();
        while let Some(first) = self.commands.recv().await {
            if matches!(first, Command::Step(_)) {
                sleep_until(rested).await;
            }
            waiting.push_back(first);
            while waiting.len() < MAX_WAITING
                && let Ok(more) = self.commands.try_recv()
            {
                waiting.push_back(more);
            }
            self.commit_waiting(&mut waiting).await?;
            rested = Instant::now() + REST;
        }
        Ok(self.writer)
    }

    async fn commit_waiting(
        &mut self,
        waiting: &mut VecDeque<Command>,
    ) -> Result<(), JournalError> {
        while !waiting.is_empty() {
            let mut merged: Option<CrawlStep> = None;
            while let Some(command) = waiting.pop_front() {
                match command {
                    Command::Step(step)
                        if merged.as_ref().is_none_or(|so_far| fits(so_far, &step)) =>
                    {
                        match &mut merged {
                            None => merged = Some(step),
                            Some(so_far) => append(so_far, step),
                        }
                    }
                    other => {
                        waiting.push_front(other);
                        break;
                    }
                }
            }
            if let Some(step) = merged {
                self.commit(step).await?;
            }
            if let Some(Command::Flush(_)) = waiting.front()
                && let Some(Command::Flush(done)) = waiting.pop_front()
            {
                // Nobody waits for it any more if the crawl was dropped.
                let _unwanted = done.send(());
            }
        }
        Ok(())
    }

    /// Commits, trying for as long as the worker runs: a full disk stops the crawl here, and loses nothing.
    async fn commit(&mut self, step: CrawlStep) -> Result<(), JournalError> {
        self.digester.add(&step);
        let digest = self.digester.take_due();
        let discovered: Vec<Pending> = step.discovered.into_iter().map(pending).collect();
        let completed: Vec<Ordinal> = step.completed.into_iter().map(Ordinal).collect();
        let addition = Addition {
            events: &step.events,
            discovered: &discovered,
            completed: &completed,
            robots: &step.robots,
            counts: step.counts,
            digest: digest.map(Bytes::from),
        };
        append_patiently(&mut self.writer, &self.metrics, &self.drain, addition).await?;
        self.metrics.count(&step.events);
        Ok(())
    }
}

/// One addition to a job's log, kept for as long as it may have to be tried again.
pub(super) struct Addition<'a> {
    pub(super) events: &'a [Event],
    pub(super) discovered: &'a [Pending],
    pub(super) completed: &'a [Ordinal],
    pub(super) robots: &'a [HostRobots],
    pub(super) counts: Counts,
    /// The digest of everything since the last one.
    pub(super) digest: Option<Bytes>,
}

impl<'a> Addition<'a> {
    /// Events that change nothing of what waits.
    pub(super) const fn of_events(events: &'a [Event], counts: Counts) -> Self {
        Self {
            events,
            discovered: &[],
            completed: &[],
            robots: &[],
            counts,
            digest: None,
        }
    }
}

/// Appends, waiting out a store that does not take bytes now until `drain`.
pub(super) async fn append_patiently(
    writer: &mut LogWriter,
    metrics: &JobMetrics,
    drain: &CancellationToken,
    addition: Addition<'_>,
) -> Result<(), JournalError> {
    let mut patience = Patience::new("appending to the log", metrics, drain);
    loop {
        let changes = Changes {
            discovered: addition.discovered.to_vec(),
            completed: addition.completed.to_vec(),
            robots: addition.robots.to_vec(),
            digest: addition.digest.clone(),
            counts: addition.counts,
        };
        match writer.append_with(addition.events, changes).await {
            Err(JournalError::Store(reason)) => patience.pause(reason).await?,
            other => return other,
        }
    }
}

fn fits(so_far: &CrawlStep, step: &CrawlStep) -> bool {
    so_far.events.len() + step.events.len() <= MAX_COMMIT_EVENTS
}

fn append(so_far: &mut CrawlStep, step: CrawlStep) {
    so_far.events.extend(step.events);
    so_far.discovered.extend(step.discovered);
    so_far.completed.extend(step.completed);
    so_far.robots.extend(step.robots);
    so_far.counts = step.counts;
}

fn pending(candidate: Candidate) -> Pending {
    let Candidate {
        ordinal,
        url,
        depth,
        referrer,
    } = candidate;
    Pending {
        ordinal: Ordinal(ordinal),
        url,
        depth,
        referrer,
    }
}

pub(super) fn candidate(pending: Pending) -> Candidate {
    let Pending {
        ordinal,
        url,
        depth,
        referrer,
    } = pending;
    Candidate {
        ordinal: ordinal.0,
        url,
        depth,
        referrer,
    }
}
