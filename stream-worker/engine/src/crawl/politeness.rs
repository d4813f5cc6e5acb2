//! The pace at which one host is asked.
//!
//! It owns the pauses: the caller's, the site's own (`Crawl-delay`, `Retry-After`), and those that a slow or overloaded
//! server gets unasked. The slowest wish wins, within caps, so that no site can stall a crawl for hours. It refuses to know
//! what is asked for.

use std::time::Duration;

use shared::back_off::Doubling;
use tokio::time::Instant;

/// The longest `Crawl-delay` that is obeyed in full.
pub(crate) const MAX_CRAWL_DELAY: Duration = Duration::from_secs(30);
/// The longest `Retry-After` that is obeyed in full.
pub(crate) const MAX_RETRY_AFTER: Duration = Duration::from_secs(120);
/// A server that takes longer than this is given time to breathe.
const SLOW_ANSWER: Duration = Duration::from_secs(1);
/// The longest pause that slowness alone causes.
const MAX_SLOW_DELAY: Duration = Duration::from_secs(5);
/// A spell of refusals is over when so many answers in a row were none: a single good page among refusals ends nothing.
const CALM: u32 = 10;
/// Pauses after failures of one URL, and after refusals of one host.
const RETRY: Doubling = Doubling {
    first: Duration::from_millis(500),
    longest: Duration::from_secs(60),
};

/// The pace at one host.
#[derive(Debug)]
pub(crate) struct Pace {
    delay: Duration,
    not_before: Instant,
    /// Times that the host has asked to be left alone in this spell.
    refusals: u32,
    /// Answers since the last of these.
    calm: u32,
}

/// A pause that a host has asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BackOff {
    pub(crate) pause: Duration,
    /// True for the first pause of a spell.
    pub(crate) begins: bool,
}

impl Pace {
    /// A pause of `delay` between requests, and none before the first.
    pub(crate) fn new(delay: Duration) -> Self {
        Self {
            delay,
            not_before: Instant::now(),
            refusals: 0,
            calm: 0,
        }
    }

    /// The time from which the next request may start.
    pub(crate) const fn not_before(&self) -> Instant {
        self.not_before
    }

    /// Sets a pause of at least `delay` between requests from now on.
    pub(crate) fn slow_down(&mut self, delay: Duration) {
        self.delay = self.delay.max(delay);
    }

    /// Notes that a request starts.
    pub(crate) fn started(&mut self, now: Instant) {
        self.wait_until(now + self.delay);
    }

    /// Notes that an answer arrived, `elapsed` after its request.
    pub(crate) fn answered(&mut self, elapsed: Duration, now: Instant) {
        if elapsed > SLOW_ANSWER {
            self.wait_until(now + (elapsed / 2).min(MAX_SLOW_DELAY));
        }
        self.calm = self.calm.saturating_add(1);
        if self.calm >= CALM {
            self.refusals = 0;
        }
    }

    /// Notes that the host asks to be left alone, perhaps for a given time. The same answer to other requests then in flight
    /// counts as the same refusal.
    pub(crate) fn refused(&mut self, retry_after: Option<Duration>, now: Instant) -> BackOff {
        self.calm = 0;
        let begins = self.refusals == 0;
        if begins || now >= self.not_before {
            self.refusals += 1;
        }
        let wish = retry_after.unwrap_or_default().min(MAX_RETRY_AFTER);
        let pause = retry_pause(self.refusals).max(wish);
        self.wait_until(now + pause);
        BackOff { pause, begins }
    }

    fn wait_until(&mut self, then: Instant) {
        self.not_before = self.not_before.max(then);
    }
}

/// The pause before try number `tries` + 1: doubles each time, with jitter, so that pages that failed together do not come
/// back together.
pub(crate) fn retry_pause(tries: u32) -> Duration {
    RETRY.jittered(tries, fastrand::f64())
}

#[cfg(test)]
mod tests {

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_fast_host_without_wishes_is_asked_without_pause() {
        let mut pace = Pace::new(Duration::ZERO);
        let now = Instant::now();
        pace.started(now);
        pace.answered(Duration::from_millis(20), now);
        assert_eq!(pace.not_before(), now);
    }

    #[tokio::test(start_paused = true)]
    async fn the_slowest_wish_wins() {
        let mut pace = Pace::new(Duration::from_secs(1));
        pace.slow_down(Duration::from_secs(3));
        pace.slow_down(Duration::from_secs(2));
        let now = Instant::now();
        pace.started(now);
        assert_eq!(pace.not_before(), now + Duration::from_secs(3));
        pace.answered(Duration::from_secs(100), now);
        assert_eq!(pace.not_before(), now + MAX_SLOW_DELAY);
    }

    #[tokio::test(start_paused = true)]
    async fn refusals_that_arrive_together_are_one_spell() {
        let mut pace = Pace::new(Duration::ZERO);
        let wish = Some(Duration::from_secs(600));
        let now = Instant::now();
        let first = pace.refused(wish, now);
        assert_eq!((first.pause, first.begins), (MAX_RETRY_AFTER, true));
        assert!(!pace.refused(wish, now).begins);
        let later = now + MAX_RETRY_AFTER;
        assert!(!pace.refused(Some(Duration::ZERO), later).begins);
        pace.answered(Duration::ZERO, later);
        assert!(!pace.refused(None, later).begins);
        for _ in 0..CALM {
            pace.answered(Duration::ZERO, later);
        }
        assert!(pace.refused(None, later).begins);
    }
}
