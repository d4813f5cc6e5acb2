//! The loop of a crawl: it starts the requests that may start, waits for one to end, judges its report, and hands the step
//! over.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use shared::CrawlRequest;
use shared::event::SkipReason;
use shared::request::SiteOrigin;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::admission::Admission;
use super::budget::Budget;
use super::in_flight::{Completed, InFlight, Report, RequestKind};
use super::outage::Outage;
use super::outlet::Outlet;
use super::sitemap_queue::SitemapQueue;
use super::{CrawlJob, Crawled, Ending, Interrupt};
use crate::crawl::admission::intake::{Find, Refusals};
use crate::crawl::frontier::visit::Work;
use crate::crawl::frontier::{Frontier, Turn};
use crate::crawl::ledger::Ledger;
use crate::crawl::page::contents::Contents;
use crate::crawl::page::reader::PageReader;
use crate::crawl::page::shells::Shells;
use crate::crawl::robots::RobotsReader;
use crate::crawl::session::{CookieJar, Credentials};
use crate::crawl::{Earlier, StepSink};
use crate::fetch::Fetcher;
use url::Url;

/// URLs that are read back at a time.
const BATCH: usize = 2_000;

/// Crawls until nothing is left, a bound is reached, `stop` is cancelled or `sink` closes.
///
/// On `stop`, requests in flight are aborted at once and nothing more is pushed; only a push that was waiting already is
/// waited for. An ending that is not an interruption is durable when this returns.
///
/// # Cancel safety
/// Dropping the future aborts every request. What was not pushed is lost, as in a crash.
pub async fn crawl(
    job: CrawlJob,
    fetcher: Arc<dyn Fetcher>,
    sink: &mut dyn StepSink,
    stop: CancellationToken,
) -> Crawled {
    // The engine's whole state is in its future: it has a place of its own.
    Box::pin(Engine::new(job, fetcher, sink, stop).run()).await
}

/// One crawl while it runs: the parts of its state, each with its own rules.
pub(super) struct Engine<'a> {
    pub(super) request: Arc<CrawlRequest>,
    pub(super) clock: shared::Clock,
    pub(super) frontier: Frontier,
    pub(super) admission: Admission,
    pub(super) ledger: Ledger,
    pub(super) in_flight: InFlight,
    pub(super) sitemaps: SitemapQueue,
    pub(super) outlet: Outlet<'a>,
    budget: Budget,
    pub(super) outage: Outage,
    pub(super) contents: Contents,
    pub(super) shells: Shells,
    pub(super) earlier: Option<Earlier>,
    pub(super) pages: PageReader,
    /// None if the request gives none.
    pub(super) credentials: Option<Arc<Credentials>>,
    /// Origins of which it was told that they get no headers.
    pub(super) withheld: Vec<SiteOrigin>,
    /// None if the crawl keeps no cookies.
    pub(super) jar: Option<CookieJar>,
    pub(super) robots: RobotsReader,
    pub(super) seed_targets: Vec<String>,
    /// The reason for which an earlier attempt began to refuse what was left, if one did.
    pub(super) cut_for: Option<SkipReason>,
    /// The ordinal up to which every URL that waits is known already.
    pub(super) known_through: u64,
    /// True if an earlier attempt has found URLs.
    pub(super) is_resumed: bool,
}

impl<'a> Engine<'a> {
    /// An engine that has not started any request.
    fn new(
        job: CrawlJob,
        fetcher: Arc<dyn Fetcher>,
        sink: &'a mut dyn StepSink,
        stop: CancellationToken,
    ) -> Self {
        let CrawlJob {
            request,
            checkpoint,
            earlier,
            clock,
            started_at,
            agent,
            conversions,
            page_memory,
            window,
        } = job;
        let agent: Arc<str> = agent.into();
        let credentials = Credentials::of(&request);
        let admission = Admission::new(
            &request,
            (checkpoint.seen, checkpoint.parked, checkpoint.traps),
            window,
        );
        Self {
            frontier: Frontier::new(&request),
            ledger: Ledger::new(clock.clone(), checkpoint.counts),
            in_flight: InFlight::default(),
            sitemaps: SitemapQueue::new(&request, Arc::clone(&fetcher), credentials.clone()),
            budget: Budget::new(&request, started_at, clock.now()),
            outage: Outage::default(),
            contents: checkpoint.contents,
            shells: checkpoint.shells,
            earlier,
            pages: PageReader::new(
                Arc::clone(&fetcher),
                &request,
                Arc::clone(&agent),
                admission.link_hasher(),
                conversions,
                page_memory,
            )
            .asking_with(credentials.clone()),
            admission,
            credentials,
            withheld: Vec::new(),
            jar: CookieJar::of(&request),
            robots: RobotsReader {
                fetcher,
                agent,
                timeout: Duration::from_millis(request.timeout_ms),
                retries: request.retries,
            },
            seed_targets: checkpoint.seed_targets,
            cut_for: checkpoint.cut_for,
            known_through: checkpoint.through,
            is_resumed: checkpoint.counts.discovered > 0,
            request,
            clock,
            outlet: Outlet::new(sink, stop),
        }
    }

    /// Crawls until it ends or is interrupted, and leaves no request behind.
    async fn run(mut self) -> Crawled {
        let ended = self.crawl().await;
        self.in_flight.abort_all().await;
        Crawled {
            ended,
            counts: self.ledger.handed_over(),
        }
    }

    /// Runs the loop until the crawl ends or is interrupted.
    async fn crawl(&mut self) -> Result<Ending, Interrupt> {
        self.begin().await?;
        self.hand_over().await?;
        let mut deadline = pin!(sleep_until(self.budget.deadline()));
        loop {
            if self.budget.is_spent(self.ledger.counts()) {
                return self.close(SkipReason::Limit, Ending::LimitReached).await;
            }
            self.read_back().await?;
            self.start_what_may_start();
            self.hand_over().await?;
            if self.in_flight.is_empty()
                && self.frontier.is_empty()
                && self.admission.is_backlog_empty()
            {
                return self.close(SkipReason::Limit, Ending::Complete).await;
            }
            let wakes_at = self.wakes_at();
            // Every arm is cancel-safe: a token, a timer, and the running requests, which say so themselves.
            tokio::select! {
                biased;
                () = self.outlet.stopped() => return Err(Interrupt::Stopped),
                () = &mut deadline => {
                    return self.close(SkipReason::Duration, Ending::DurationReached).await;
                }
                Some(completed) = self.in_flight.next() => self.settle(completed).await?,
                () = sleep_until(wakes_at.unwrap_or_else(Instant::now)), if wakes_at.is_some() => {}
            }
            self.hand_over().await?;
        }
    }

    /// Queues a URL that was found, if it is to be crawled.
    pub(super) fn take_in(&mut self, url: &Url, find: Find<'_>, refusals: &mut Refusals) {
        self.admission
            .take_in(url, find, refusals, &mut self.ledger, &mut self.frontier);
    }

    /// Reads URLs back that wait in the store only, when memory has room for them.
    pub(super) async fn read_back(&mut self) -> Result<(), Interrupt> {
        while let Some((after, most)) = self.admission.wants(&self.frontier) {
            self.hand_over().await?;
            let batch = self.outlet.waiting(after, most.min(BATCH)).await?;
            self.admission
                .read_back(batch, &mut self.ledger, &mut self.frontier);
        }
        Ok(())
    }

    fn has_room(&self) -> bool {
        self.in_flight.len()
            < self
                .outage
                .most_in_flight(self.request.max_concurrency as usize)
            && self.budget.allows(self.ledger.counts())
    }

    fn wakes_at(&self) -> Option<Instant> {
        let wakes_at = self.frontier.wakes_at().filter(|_| self.has_room())?;
        Some(
            self.outage
                .not_before()
                .map_or(wakes_at, |then| then.max(wakes_at)),
        )
    }

    fn start_what_may_start(&mut self) {
        let now = Instant::now();
        if self.outage.not_before().is_some_and(|then| now < then) {
            return;
        }
        while self.has_room() && !self.ledger.is_full() {
            match self.frontier.next(now) {
                None => break,
                Some(Turn::Robots(host)) => self.start_robots(host),
                Some(Turn::Work(host, Work::Page(visit), rules)) => {
                    self.start_page(host, visit, &rules);
                }
                Some(Turn::Work(host, Work::Sitemap(visit), rules)) => {
                    self.start_sitemap(host, visit, &rules);
                }
                Some(Turn::Work(host, Work::SitemapSearch(url), rules)) => {
                    self.find_sitemaps(&host, &url, &rules);
                }
            }
        }
    }

    /// Judges the result of a request.
    async fn settle(&mut self, completed: Completed) -> Result<(), Interrupt> {
        let Completed { host, kind, report } = completed;
        match kind {
            RequestKind::Page(visit, asked) => {
                self.frontier.ended(&host);
                match report {
                    Some(Report::Page(answer)) => {
                        self.settle_page(&host, visit, &asked, answer).await?;
                    }
                    Some(Report::Robots(_) | Report::Sitemap(_)) | None => self.lose(visit),
                }
            }
            RequestKind::Robots => self.settle_robots(&host, report).await?,
            RequestKind::Sitemap(visit) => {
                self.frontier.ended(&host);
                self.settle_sitemap(visit, report).await?;
            }
        }
        Ok(())
    }

    /// Hands the step so far over, if anything happened.
    pub(super) async fn hand_over(&mut self) -> Result<(), Interrupt> {
        self.outlet.check()?;
        let Some(mut step) = self.ledger.take_step() else {
            return Ok(());
        };
        step.patterns = self.admission.changed_patterns();
        let counts = step.counts;
        self.outlet.push(step, &mut self.in_flight).await?;
        self.ledger.handed(counts);
        self.outlet.check()
    }
}
