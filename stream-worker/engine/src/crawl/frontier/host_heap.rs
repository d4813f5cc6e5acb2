//! The URLs that wait, and the order of their turns.
//!
//! It owns one queue per host and a heap of the hosts by the time at which they may be asked next; so finding the next URL
//! costs the same with a million waiting. Hosts that are due at the same time take turns. It refuses to know what a URL is
//! worth or whether its turn comes with a request: it counts only what the engine says has [started](Frontier::started).

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::Duration;

use hashbrown::HashMap;
use shared::CrawlRequest;
use tokio::time::Instant;
use url::Url;

use super::host_queue::{HostQueue, RobotsState};
use super::retry::Retry;
use super::visit::{Visit, Work};
use crate::crawl::host_name::HostName;
use crate::crawl::robots::RobotsVerdict;

/// Hosts that are remembered; beyond that, those where nothing is going on are forgotten. Some 300 bytes each, and their
/// robots rules.
const MAX_HOSTS: usize = 4_096;

/// Bytes of robots rules that are remembered; beyond that they are asked for again when they are needed. A file may have
/// half a megabyte, and a domain any number of hosts.
const MAX_RULES: usize = 64 * 1024 * 1024;

/// The work that waits, by host.
#[derive(Debug)]
pub(crate) struct Frontier {
    hosts: HashMap<HostName, HostQueue>,
    /// Hosts with work, by the time from which they may be asked. An entry may be early, never late.
    ready: BinaryHeap<Reverse<(Instant, u64, HostName)>>,
    /// Visits that failed and come back later.
    retries: BinaryHeap<Reverse<Retry>>,
    /// Orders what is due at the same time: first come, first served.
    turn: u64,
    delay: Duration,
    per_host: u32,
    /// The robots.txt state that new hosts begin with.
    robots: RobotsState,
    waiting: usize,
    /// Bytes of the robots rules that are remembered, about.
    rules: usize,
    /// Number of hosts at which idle ones are forgotten: doubles when all are busy, so that looking stays cheap.
    sweep_at: usize,
}

/// The next thing to do at a host.
#[derive(Debug)]
pub(crate) enum Turn {
    /// The host's robots.txt has to be read before any work there.
    Robots(HostName),
    /// A piece of work, under the rules of its host.
    Work(HostName, Work, Arc<RobotsVerdict>),
}

impl Frontier {
    /// An empty frontier with the pace and the robots.txt choice of `request`.
    pub(crate) fn new(request: &CrawlRequest) -> Self {
        Self {
            hosts: HashMap::new(),
            ready: BinaryHeap::new(),
            retries: BinaryHeap::new(),
            turn: 0,
            delay: Duration::from_millis(request.delay_ms.unwrap_or(0)),
            per_host: request.max_concurrency_per_host,
            robots: if request.ignore_robots_txt {
                RobotsState::Known(Arc::new(RobotsVerdict::no_rules()))
            } else {
                RobotsState::Unknown
            },
            waiting: 0,
            rules: 0,
            sweep_at: MAX_HOSTS,
        }
    }

    /// Adds work behind all other work of its host.
    pub(crate) fn push(&mut self, url: &Url, work: Work) {
        let host = self.host_of(url);
        self.queue(&host).work.push_back(work);
        self.waiting += 1;
        self.schedule(&host);
    }

    /// Adds work that has waited before, ahead of all other work of its host.
    pub(crate) fn push_first(&mut self, url: &Url, work: Work) {
        let host = self.host_of(url);
        self.queue(&host).work.push_front(work);
        self.waiting += 1;
        self.schedule(&host);
    }

    /// Adds a visit that may have its turn again after a pause.
    pub(crate) fn push_later(&mut self, url: &Url, visit: Visit, pause: Duration) {
        let retry = Retry {
            at: Instant::now() + pause,
            turn: self.next_turn(),
            host: self.host_of(url),
            visit,
        };
        self.retries.push(Reverse(retry));
        self.waiting += 1;
    }

    /// Takes the next piece of work whose time has come. Say [`started`](Self::started) or
    /// [`passed_over`](Self::passed_over) of it before asking again.
    pub(crate) fn next(&mut self, now: Instant) -> Option<Turn> {
        self.return_retries(now);
        while let Some(host) = self.pop_due(now) {
            let queue = self.queue(&host);
            queue.due = None;
            match queue.robots.clone() {
                RobotsState::Unknown if !queue.work.is_empty() => {
                    queue.robots = RobotsState::Asked;
                    return Some(Turn::Robots(host));
                }
                RobotsState::Unknown | RobotsState::Asked => {}
                RobotsState::Known(rules) if queue.pace.not_before() <= now => {
                    if let Some(work) = queue.work.pop_front() {
                        self.waiting -= 1;
                        return Some(Turn::Work(host, work, rules));
                    }
                }
                RobotsState::Known(_) => self.schedule(&host),
            }
        }
        None
    }

    /// The time at which [`next`](Self::next) may have something, if nothing else happens.
    pub(crate) fn wakes_at(&self) -> Option<Instant> {
        let ready = self.ready.peek().map(|Reverse((at, ..))| *at);
        let retry = self.retries.peek().map(|Reverse(retry)| retry.at);
        ready.into_iter().chain(retry).min()
    }

    /// Notes that a request has started at the host.
    pub(crate) fn started(&mut self, host: &HostName, now: Instant) {
        let queue = self.queue(host);
        queue.in_flight += 1;
        queue.pace.started(now);
        self.schedule(host);
    }

    /// Notes that the work that was taken for the host led to no request.
    pub(crate) fn passed_over(&mut self, host: &HostName) {
        self.schedule(host);
    }

    /// Notes that a request at the host has ended, however it did.
    pub(crate) fn ended(&mut self, host: &HostName) {
        let queue = self.queue(host);
        queue.in_flight = queue.in_flight.saturating_sub(1);
        self.schedule(host);
    }

    /// Notes the verdict of the host's robots.txt, and the pause that it asks for.
    pub(crate) fn learn_robots(&mut self, host: &HostName, rules: Arc<RobotsVerdict>) {
        self.rules += rules.weight();
        if self.rules > MAX_RULES {
            self.forget_rules();
            self.rules = rules.weight();
        }
        let queue = self.queue(host);
        queue.pace.slow_down(rules.crawl_delay());
        queue.robots = RobotsState::Known(rules);
        self.schedule(host);
    }

    /// Notes that the host's robots.txt could not be asked for. It will be, before anything else there.
    pub(crate) fn ask_robots_again(&mut self, host: &HostName) {
        self.queue(host).robots = RobotsState::Unknown;
        self.schedule(host);
    }

    /// Forgets the robots rules of every host. Those where work waits are asked again when its turn comes.
    fn forget_rules(&mut self) {
        for queue in self.hosts.values_mut() {
            if matches!(queue.robots, RobotsState::Known(_)) {
                queue.robots = self.robots.clone();
            }
        }
    }

    /// The queue of one host, made if there is none.
    pub(crate) fn queue(&mut self, host: &HostName) -> &mut HostQueue {
        let (delay, robots) = (self.delay, &self.robots);
        self.hosts
            .entry(host.clone())
            .or_insert_with(|| HostQueue::new(delay, robots.clone()))
    }

    /// True if no work waits.
    pub(crate) const fn is_empty(&self) -> bool {
        self.waiting == 0
    }

    /// The number of pieces of work that wait, retries included.
    pub(crate) const fn len(&self) -> usize {
        self.waiting
    }

    /// Forgets all work.
    pub(crate) fn clear(&mut self) {
        self.ready.clear();
        self.retries.clear();
        self.hosts.clear();
        self.waiting = 0;
    }

    fn host_of(&mut self, url: &Url) -> HostName {
        let name = HostName::of(url);
        if let Some((known, _)) = self.hosts.get_key_value(&name) {
            return known.clone();
        }
        if self.hosts.len() >= self.sweep_at {
            let now = Instant::now();
            self.hosts.retain(|_, queue| !queue.is_idle(now));
            self.sweep_at = MAX_HOSTS.max(2 * self.hosts.len());
        }
        name
    }

    fn return_retries(&mut self, now: Instant) {
        while self
            .retries
            .peek()
            .is_some_and(|Reverse(retry)| retry.at <= now)
            && let Some(Reverse(Retry { host, visit, .. })) = self.retries.pop()
        {
            self.queue(&host).work.push_front(Work::Page(visit));
            self.schedule(&host);
        }
    }

    fn pop_due(&mut self, now: Instant) -> Option<HostName> {
        let Reverse((at, ..)) = self.ready.peek()?;
        if *at > now {
            return None;
        }
        let Reverse((_, _, host)) = self.ready.pop()?;
        Some(host)
    }

    fn schedule(&mut self, host: &HostName) {
        let (turn, per_host) = (self.next_turn(), self.per_host);
        let queue = self.queue(host);
        if queue.due.is_none() && queue.is_open(per_host) {
            let at = queue.pace.not_before();
            queue.due = Some(at);
            self.ready.push(Reverse((at, turn, host.clone())));
        }
    }

    const fn next_turn(&mut self) -> u64 {
        self.turn += 1;
        self.turn
    }
}
