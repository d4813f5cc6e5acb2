//! The steps under construction: each move of a URL becomes an event and a count.
//!
//! It owns the counters, the ordinals and the step under construction, so that each move of a URL is counted, stamped and
//! recorded in one place, and every event's snapshot is the one right after it.

use shared::Clock;
use shared::event::{Notice, NoticeCode, PageResult, Progress, SkipReason, Skipped};
use shared::host_robots::MAX_HOSTS;
use shared::{Counts, Event, HostRobots, RobotsState};

use crate::crawl::host_name::HostName;
use crate::crawl::{Candidate, CrawlStep};

/// A step with this many changes is handed over before more is added.
pub(crate) const FULL_STEP: usize = 500;

/// Counts the moves of URLs and records them in steps.
#[derive(Debug)]
pub(crate) struct Ledger {
    clock: Clock,
    counts: Counts,
    /// The counters at the last step that was handed over, which a later attempt would find.
    handed_over: Counts,
    last_ordinal: u64,
    step: CrawlStep,
    /// Hosts whose robots.txt was noted.
    noted_hosts: usize,
}

impl Ledger {
    /// Goes on from `counts`. An earlier attempt has used twice as many ordinals as there are known URLs at most: one that was
    /// parked first and is crawled after all has had two.
    pub(crate) fn new(clock: Clock, counts: Counts) -> Self {
        Self {
            clock,
            counts,
            handed_over: counts,
            last_ordinal: counts.discovered * 2,
            step: CrawlStep::default(),
            noted_hosts: 0,
        }
    }

    /// Makes the next ordinal greater than this one, which is in use.
    pub(crate) const fn number_after(&mut self, ordinal: u64) {
        if self.last_ordinal < ordinal {
            self.last_ordinal = ordinal;
        }
    }

    /// The counters after everything so far.
    pub(crate) const fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The counters at the last step that was handed over, with nothing in flight.
    pub(crate) fn handed_over(&self) -> Counts {
        self.handed_over.at_rest()
    }

    /// True if the step should be handed over before more is added.
    pub(crate) fn is_full(&self) -> bool {
        self.step.events.len() >= FULL_STEP || self.step.discovered.len() >= FULL_STEP
    }

    /// Takes the step so far, if anything happened, and begins the next one. What was read of a robots.txt waits for what comes of it.
    pub(crate) fn take_step(&mut self) -> Option<CrawlStep> {
        let step = &self.step;
        if step.events.is_empty() && step.discovered.is_empty() && step.completed.is_empty() {
            return None;
        }
        let mut step = std::mem::take(&mut self.step);
        step.counts = self.counts;
        Some(step)
    }

    /// Notes that a step with these counters was handed over.
    pub(crate) const fn handed(&mut self, counts: Counts) {
        self.handed_over = counts;
    }

    /// Queues a new URL.
    pub(crate) fn queue(&mut self, url: String, depth: u32, referrer: Option<&str>) -> Candidate {
        self.counts.queue();
        self.list(url, depth, referrer)
    }

    /// Queues a parked URL to be crawled after all: it gets a new ordinal, and its old one, `parked`, is completed.
    pub(crate) fn queue_after_all(
        &mut self,
        parked: u64,
        url: &str,
        depth: u32,
        referrer: Option<&str>,
    ) -> Candidate {
        self.step.completed.push(parked);
        self.list(url.to_owned(), depth, referrer)
    }

    fn list(&mut self, url: String, depth: u32, referrer: Option<&str>) -> Candidate {
        self.last_ordinal += 1;
        let candidate = Candidate {
            ordinal: self.last_ordinal,
            url,
            depth,
            referrer: referrer.map(str::to_owned),
        };
        self.step.discovered.push(candidate.clone());
        candidate
    }

    /// Refuses a new URL at once.
    pub(crate) fn refuse(&mut self, url: String, reason: SkipReason) {
        self.counts.refuse();
        self.skipped(url, reason);
    }

    /// Counts a queued URL as in flight.
    pub(crate) fn take(&mut self) {
        self.counts.take();
    }

    /// Counts a URL in flight as queued again.
    pub(crate) fn put_back(&mut self) {
        self.counts.put_back();
    }

    /// Refuses a queued URL.
    pub(crate) fn skip_queued(&mut self, candidate: Candidate, reason: SkipReason) {
        self.counts.skip_queued();
        self.step.completed.push(candidate.ordinal);
        self.skipped(candidate.url, reason);
    }

    /// Refuses a URL in flight.
    pub(crate) fn skip(&mut self, candidate: Candidate, reason: SkipReason) {
        self.counts.skip();
        self.step.completed.push(candidate.ordinal);
        self.skipped(candidate.url, reason);
    }

    /// Counts a URL in flight as fetched. Its event follows with [`settled`](Self::settled), once the links found on it are
    /// counted too.
    pub(crate) fn fetch(&mut self) {
        self.counts.fetch();
    }

    /// Counts a URL in flight as failed. Its event follows with [`settled`](Self::settled).
    pub(crate) fn fail(&mut self) {
        self.counts.fail();
    }

    /// Records the event of a URL that was counted as fetched or failed.
    pub(crate) fn settled(&mut self, candidate: Candidate, result: PageResult) {
        self.step.completed.push(candidate.ordinal);
        self.step.events.push(Event::Progress(Box::new(Progress {
            at: self.clock.now(),
            url: candidate.url,
            depth: candidate.depth,
            referrer: candidate.referrer,
            result,
            counts: self.counts,
            percent: self.counts.percent(),
        })));
    }

    /// Notes what the robots.txt of a host has said, for the first hosts of a crawl.
    pub(crate) fn robots(&mut self, host: &HostName, state: RobotsState) {
        if self.noted_hosts < MAX_HOSTS {
            self.noted_hosts += 1;
            self.step.robots.push(HostRobots {
                host: host.to_string(),
                state,
                read_at: self.clock.now(),
            });
        }
    }

    /// Records a notice about the crawl as a whole.
    pub(crate) fn notice(&mut self, code: NoticeCode, text: String) {
        let at = self.clock.now();
        self.step
            .events
            .push(Event::Notice(Notice { at, code, text }));
    }

    /// Refuses a URL in flight because its page is known under the URL `duplicate_of`.
    pub(crate) fn skip_duplicate(&mut self, candidate: Candidate, duplicate_of: String) {
        self.counts.skip();
        self.step.completed.push(candidate.ordinal);
        self.record_skip(candidate.url, SkipReason::Duplicate, Some(duplicate_of));
    }

    fn skipped(&mut self, url: String, reason: SkipReason) {
        self.record_skip(url, reason, None);
    }

    fn record_skip(&mut self, url: String, reason: SkipReason, duplicate_of: Option<String>) {
        let at = self.clock.now();
        self.step.events.push(Event::Skipped(Skipped {
            at,
            url,
            reason,
            duplicate_of,
        }));
    }
}
