//! One attempt at one job, from the lease to the acknowledgement.

use std::sync::Arc;

use engine::crawl::{self, CrawlJob, Crawled, Interrupt};
use shared::JobState;
use shared::event::{Ended, Resumed, Started};
use shared::{Counts, Event, JobMessage};
use store::journal::{CancelReason, Checkpoint, JournalError, Lease, LogWriter};
use store::queue::Receipt;
use tokio_util::sync::CancellationToken;

use super::JobContext;
use super::earlier::earlier;
use super::lease::Renewal;
use super::metrics::Outcome;
use super::resume;
use super::sink::{append_patiently, sink};
use super::stop::{Stop, StopWatch};

/// An attempt that holds the job's leases.
pub(super) struct Attempt {
    pub(super) context: Arc<JobContext>,
    pub(super) job: JobMessage,
    pub(super) receipt: Receipt,
    pub(super) lease: Lease,
    pub(super) checkpoint: Checkpoint,
    /// Whether nothing had been logged before.
    pub(super) fresh: bool,
}

/// How the crawl of an attempt ended.
struct Ran {
    crawled: Crawled,
    stop: Option<Stop>,
    /// Nothing if the lease is lost.
    written: Option<LogWriter>,
}

impl Attempt {
    /// Runs the job until it ends or must stop, and says which. The caller acknowledges or releases the delivery.
    pub(super) async fn run(self) -> Result<Outcome, JournalError> {
        let mut writer = LogWriter::new(
            self.context.journal.clone(),
            self.lease.clone(),
            self.checkpoint.head.position,
        );
        let first = [self.first_event()];
        append_patiently(&mut writer, &first, &[], &[], self.checkpoint.counts, None).await?;
        let lost = CancellationToken::new();
        let renewal = self.renewal(lost.clone());
        let mut stop_watch = self.stop_watch(lost).await?;
        let ran = tokio::select! {
            // Never ends by itself before `lost` has told the stop watch.
            () = async { renewal.run().await; std::future::pending::<()>().await } => unreachable!("pending never ends"),
            ran = self.crawl(writer, &mut stop_watch) => ran?,
        };
        self.conclude(ran).await
    }

    fn first_event(&self) -> Event {
        let (at, attempt, worker) = (
            self.context.clock.now(),
            self.lease.attempt,
            self.context.config.worker.clone(),
        );
        if self.fresh {
            let (request, metadata) = (self.job.request.shown(), self.job.request.metadata.clone());
            Event::Started(Box::new(Started {
                at,
                attempt,
                worker,
                request,
                metadata,
            }))
        } else {
            Event::Resumed(Resumed {
                at,
                attempt,
                worker,
            })
        }
    }

    fn renewal(&self, lost: CancellationToken) -> Renewal {
        Renewal {
            queue: self.context.queue.clone(),
            journal: self.context.journal.clone(),
            receipt: self.receipt.clone(),
            lease: self.lease.clone(),
            visibility: self.context.config.visibility,
            lost,
        }
    }

    async fn stop_watch(&self, lease_lost: CancellationToken) -> Result<StopWatch, JournalError> {
        Ok(StopWatch {
            control: self.context.journal.control(self.lease.channel).await?,
            on_disconnect: self.job.request.on_disconnect,
            grace: self.context.config.grace,
            clock: self.context.clock.clone(),
            drain: self.context.drain.clone(),
            hold: self.context.queue.hold_limit(),
            lease_lost,
        })
    }

    /// Crawls, with the committer beside it, until the crawl ends or must stop.
    async fn crawl(
        &self,
        writer: LogWriter,
        stop_watch: &mut StopWatch,
    ) -> Result<Ran, JournalError> {
        let job = self.crawl_job().await?;
        let (mut journal_sink, committer) = sink(
            writer,
            self.context.journal.clone(),
            self.context.metrics.clone(),
        );
        let stop = CancellationToken::new();
        let crawl = async {
            let crawled = crawl::crawl(
                job,
                self.context.fetcher.clone(),
                &mut journal_sink,
                stop.clone(),
            )
            .await;
            drop(journal_sink);
            crawled
        };
        let supervise = async {
            let why = stop_watch.stop().await;
            stop.cancel();
            why
        };
        let mut both = std::pin::pin!(async { tokio::join!(crawl, committer.run()) });
        let mut why = None;
        let (crawled, written) = tokio::select! {
            ended = &mut both => ended,
            reason = supervise => {
                why = Some(reason);
                if reason == Stop::LeaseLost {
                    // Another attempt may be writing: what has not been committed is its to do.
                    return Ok(Ran { crawled: Crawled { ended: Err(Interrupt::Stopped), counts: self.checkpoint.counts }, stop: why, written: None });
                }
                both.await
            }
        };
        Ok(Ran {
            crawled,
            stop: why,
            written,
        })
    }

    async fn crawl_job(&self) -> Result<CrawlJob, JournalError> {
        let earlier = match self.job.request.since {
            None => None,
            Some(since) => {
                let journal = self.context.journal.as_ref();
                Some(earlier(journal, since, &self.job.tenant).await?)
            }
        };
        Ok(CrawlJob {
            earlier,
            request: Arc::new(self.job.request.clone()),
            checkpoint: resume::checkpoint(
                self.context.journal.as_ref(),
                self.lease.channel,
                &self.checkpoint,
            )
            .await?,
            clock: self.context.clock.clone(),
            started_at: self.checkpoint.started_at,
            agent: self.context.config.agent.clone(),
            conversions: self.context.conversions.clone(),
            page_memory: self.context.page_memory.clone(),
            window: crawl::WINDOW,
        })
    }

    async fn conclude(&self, ran: Ran) -> Result<Outcome, JournalError> {
        // Without the writer the lease is lost: nothing may be written, nothing is deleted.
        let Some(mut writer) = ran.written else {
            return Ok(Outcome::Lost);
        };
        let counts = ran.crawled.counts;
        match (ran.crawled.ended, ran.stop) {
            (Ok(ending), _) => {
                self.end(&mut writer, JobState::Done, ending.reason(), counts)
                    .await
            }
            (Err(Interrupt::Stopped), Some(Stop::Cancel(reason))) => {
                self.end(&mut writer, JobState::Cancelled, reason.name(), counts)
                    .await
            }
            (Err(Interrupt::Stopped), Some(Stop::Unwatched)) => {
                // The flag is raised as well, so that an attempt that dies here is not taken up again.
                self.context
                    .journal
                    .cancel(self.lease.channel, CancelReason::Unwatched)
                    .await?;
                self.end(
                    &mut writer,
                    JobState::Cancelled,
                    CancelReason::Unwatched.name(),
                    counts,
                )
                .await
            }
            (Err(Interrupt::Stopped), Some(Stop::Drain)) => {
                self.context.journal.surrender(&self.lease).await?;
                Ok(Outcome::Released)
            }
            (Err(Interrupt::Stopped), Some(Stop::HandOver)) => {
                self.context.journal.surrender(&self.lease).await?;
                Ok(Outcome::HandedOver)
            }
            (Err(Interrupt::WorkerFault(fault)), _) => {
                let reason = format!("the worker could not fetch for too long: {fault}");
                self.end(&mut writer, JobState::Failed, &reason, counts)
                    .await
            }
            (Err(Interrupt::Stopped), Some(Stop::LeaseLost) | None)
            | (Err(Interrupt::SinkClosed), _) => Ok(Outcome::Lost),
        }
    }

    async fn end(
        &self,
        writer: &mut LogWriter,
        state: JobState,
        reason: &str,
        counts: Counts,
    ) -> Result<Outcome, JournalError> {
        let at = self.context.clock.now();
        let elapsed_ms =
            u64::try_from(at.since(self.checkpoint.started_at).as_millis()).unwrap_or(u64::MAX);
        let ended = Ended {
            at,
            counts,
            elapsed_ms,
            reason: reason.to_owned(),
        };
        let (event, outcome) = match state {
            JobState::Done => (Event::Done(ended), Outcome::Done),
            JobState::Cancelled => (Event::Cancelled(ended), Outcome::Cancelled),
            JobState::Failed | JobState::Queued | JobState::Running | JobState::Cancelling => {
                (Event::Failed(ended), Outcome::Failed)
            }
        };
        append_patiently(writer, &[event], &[], &[], counts, Some(state)).await?;
        Ok(outcome)
    }

    /// Ends a job that no attempt gets any further.
    pub(super) async fn give_up(self, reason: &str) -> Result<Outcome, JournalError> {
        let mut writer = LogWriter::new(
            self.context.journal.clone(),
            self.lease.clone(),
            self.checkpoint.head.position,
        );
        if self.fresh {
            let first = [self.first_event()];
            append_patiently(&mut writer, &first, &[], &[], self.checkpoint.counts, None).await?;
        }
        self.end(
            &mut writer,
            JobState::Failed,
            reason,
            self.checkpoint.counts,
        )
        .await
    }
}
