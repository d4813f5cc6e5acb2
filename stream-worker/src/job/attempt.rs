//! One attempt at one job, from the lease to the acknowledgement.

use std::sync::Arc;

use engine::crawl::{self, CrawlJob, Crawled, Digester, Interrupt};
use shared::event::{Ended, Resumed, Started};
use shared::{Counts, CrawlRequest, Event, JobMessage, Terminal};
use store::journal::{CancelReason, Checkpoint, JournalError, Lease, LogWriter};
use store::queue::Receipt;
use tokio_util::sync::CancellationToken;

use super::JobContext;
use super::earlier::earlier;
use super::lease::Renewal;
use super::metrics::Outcome;
use super::resume;
use super::sink::{Addition, append_patiently, sink};
use super::stop::{Stop, StopWatch};

/// An attempt that holds the job's leases.
pub(super) struct Attempt {
    pub(super) context: Arc<JobContext>,
    pub(super) job: JobMessage,
    pub(super) receipt: Receipt,
    pub(super) lease: Lease,
    pub(super) checkpoint: Checkpoint,
    /// True if the log is empty: the first event is `started`, not `resumed`.
    pub(super) fresh: bool,
}

/// A crawl that has ended or stopped, and the writer for the terminal event.
struct Ran {
    crawled: Crawled,
    stop: Option<Stop>,
    writer: LogWriter,
}

impl Attempt {
    /// Runs the job until it ends or must stop, and says which. The caller acknowledges or releases the delivery.
    pub(super) async fn run(self) -> Result<Outcome, JournalError> {
        self.renewing(async {
            let mut writer = self.writer();
            self.append(&mut writer, self.first_event()).await?;
            let request = match self.context.secrets.open(&self.job) {
                Ok(request) => Arc::new(request),
                // Without them it would be another crawl.
                Err(error) => {
                    tracing::error!(%error, "a job cannot run");
                    let (reason, counts) = (error.to_string(), self.checkpoint.counts);
                    return self
                        .end(&mut writer, Terminal::Failed, &reason, counts)
                        .await;
                }
            };
            let mut stop_watch = self.stop_watch().await?;
            let ran = self.crawl(writer, request, &mut stop_watch).await?;
            self.conclude(ran).await
        })
        .await
    }

    /// Ends a job that no attempt gets any further.
    pub(super) async fn give_up(self, reason: &str) -> Result<Outcome, JournalError> {
        self.renewing(async {
            let mut writer = self.writer();
            if self.fresh {
                self.append(&mut writer, self.first_event()).await?;
            }
            let counts = self.checkpoint.counts;
            self.end(&mut writer, Terminal::Failed, reason, counts)
                .await
        })
        .await
    }

    /// Does all that an attempt does while its leases are renewed: also its first and its last event may have to wait for
    /// the store. When a lease is lost the work is dropped where it is, since another attempt may be writing.
    async fn renewing(
        &self,
        work: impl Future<Output = Result<Outcome, JournalError>>,
    ) -> Result<Outcome, JournalError> {
        let ended = tokio::select! {
            // The work first: a renewal is refused as soon as the work has ended the job.
            biased;
            ended = work => ended,
            () = self.renewal().run() => Ok(Outcome::Lost),
        };
        match ended {
            Err(JournalError::LeaseLost) => Ok(Outcome::Lost),
            Err(JournalError::Rewound) => self.surrender().await,
            ended => ended,
        }
    }

    /// Leaves the job to the next attempt at once, which goes on from what the store still has.
    async fn surrender(&self) -> Result<Outcome, JournalError> {
        tracing::warn!(
            "the journal lost events of this attempt; the job goes on from what is left"
        );
        match self.context.journal.release(&self.lease).await {
            Ok(()) => Ok(Outcome::Released),
            Err(JournalError::LeaseLost) => Ok(Outcome::Lost),
            Err(error) => Err(error),
        }
    }

    fn writer(&self) -> LogWriter {
        LogWriter::new(
            self.context.journal.clone(),
            self.lease.clone(),
            self.checkpoint.head,
        )
    }

    async fn append(&self, writer: &mut LogWriter, event: Event) -> Result<(), JournalError> {
        let events = [event];
        let addition = Addition::of_events(&events, self.checkpoint.counts);
        append_patiently(writer, &self.context.metrics, &self.context.drain, addition).await
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

    fn renewal(&self) -> Renewal {
        Renewal {
            queue: self.context.queue.clone(),
            leases: self.context.journal.clone(),
            receipt: self.receipt.clone(),
            lease: self.lease.clone(),
            visibility: self.context.config.visibility,
        }
    }

    async fn stop_watch(&self) -> Result<StopWatch, JournalError> {
        Ok(StopWatch {
            control: self.context.journal.control(self.lease.channel).await?,
            on_disconnect: self.job.request.on_disconnect,
            grace: self.context.config.grace,
            clock: self.context.clock.clone(),
            drain: self.context.drain.clone(),
            hold: self.context.queue.hold_limit(),
        })
    }

    /// Crawls, with the committer beside it, until the crawl ends or must stop.
    async fn crawl(
        &self,
        writer: LogWriter,
        request: Arc<CrawlRequest>,
        stop_watch: &mut StopWatch,
    ) -> Result<Ran, JournalError> {
        let (job, digester) = self.crawl_job(request).await?;
        let (mut journal_sink, committer) = sink(
            writer,
            digester,
            self.context.journal.clone(),
            self.context.metrics.clone(),
            &self.context.drain,
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
                both.await
            }
        };
        // A sink that has closed for the drain may end the crawl before the drain is heard of here.
        let drains = self.context.drain.is_cancelled();
        Ok(Ran {
            crawled,
            stop: why.or(drains.then_some(Stop::Drain)),
            writer: written?,
        })
    }

    async fn crawl_job(
        &self,
        request: Arc<CrawlRequest>,
    ) -> Result<(CrawlJob, Digester), JournalError> {
        let earlier = match self.job.request.since {
            None => None,
            Some(since) => {
                let journal = self.context.journal.clone();
                Some(earlier(journal, since, &self.job.tenant).await?)
            }
        };
        let log = self.context.journal.clone();
        let (checkpoint, digester) =
            resume::checkpoint(log, self.lease.channel, &self.checkpoint, &request).await?;
        let job = CrawlJob {
            earlier,
            request,
            checkpoint,
            clock: self.context.clock.clone(),
            started_at: self.checkpoint.started_at,
            agent: self.context.config.agent.clone(),
            conversions: self.context.conversions.clone(),
            page_memory: self.context.page_memory.clone(),
            window: crawl::WINDOW,
        };
        Ok((job, digester))
    }

    async fn conclude(&self, ran: Ran) -> Result<Outcome, JournalError> {
        let (mut writer, counts) = (ran.writer, ran.crawled.counts);
        match (ran.crawled.ended, ran.stop) {
            (Ok(ending), _) => {
                self.end(&mut writer, Terminal::Done, ending.reason(), counts)
                    .await
            }
            (Err(Interrupt::Stopped), Some(Stop::Cancel(reason))) => {
                self.end(&mut writer, Terminal::Cancelled, reason.name(), counts)
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
                    Terminal::Cancelled,
                    CancelReason::Unwatched.name(),
                    counts,
                )
                .await
            }
            (Err(Interrupt::Stopped | Interrupt::SinkClosed), Some(Stop::Drain)) => {
                self.context.journal.release(&self.lease).await?;
                Ok(Outcome::Released)
            }
            (Err(Interrupt::Stopped), Some(Stop::HandOver)) => {
                self.context.journal.release(&self.lease).await?;
                Ok(Outcome::HandedOver)
            }
            (Err(Interrupt::WorkerFault(fault)), _) => {
                let reason = format!("the worker could not fetch for too long: {fault}");
                self.end(&mut writer, Terminal::Failed, &reason, counts)
                    .await
            }
            (Err(Interrupt::Stopped), None) | (Err(Interrupt::SinkClosed), _) => Ok(Outcome::Lost),
        }
    }

    async fn end(
        &self,
        writer: &mut LogWriter,
        terminal: Terminal,
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
        let (event, outcome) = match terminal {
            Terminal::Done => (Event::Done(ended), Outcome::Done),
            Terminal::Cancelled => (Event::Cancelled(ended), Outcome::Cancelled),
            Terminal::Failed => (Event::Failed(ended), Outcome::Failed),
        };
        let events = [event];
        let addition = Addition::of_events(&events, counts);
        append_patiently(writer, &self.context.metrics, &self.context.drain, addition).await?;
        Ok(outcome)
    }
}
