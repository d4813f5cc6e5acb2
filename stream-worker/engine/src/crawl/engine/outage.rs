//! Times in which this machine cannot ask anybody.
//!
//! It owns the pauses of the whole crawl while requests fail for a local reason, and the bound after which it gives up. Such
//! failures are no answers: they cost a URL none of its tries, and no site is told of.

use std::time::Duration;

use tokio::time::Instant;

use crate::crawl::politeness::retry_pause;

/// Time that a crawl waits, without a single answer, for its machine to recover: longer than a restart of a resolver or a
/// burst of connections takes, and short enough that whoever waits for the crawl learns that something is wrong.
pub(crate) const MAX_OUTAGE: Duration = Duration::from_secs(10 * 60);

/// An outage is over when so many requests in a row were answered: while descriptors are scarce some succeed.
const CALM: u32 = 10;

/// The current outage, if there is one.
#[derive(Debug, Default)]
pub(crate) struct Outage(Option<Lasting>);

#[derive(Debug)]
struct Lasting {
    /// The first failure since the last answer.
    since: Option<Instant>,
    not_before: Instant,
    /// Pauses so far.
    pauses: u32,
    /// Answers since the last failure.
    calm: u32,
}

/// State of an outage after one more failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outlook {
    /// This failure is its first.
    Begins,
    /// The crawl waits and tries again.
    Lasts,
    /// No request has been answered for [`MAX_OUTAGE`].
    TooLong,
}

impl Outage {
    /// Notes that a request failed for a local reason. Those that fail while a pause lasts belong to the same one.
    pub(crate) fn failed(&mut self, now: Instant) -> Outlook {
        let begins = self.0.is_none();
        let lasting = self.0.get_or_insert(Lasting {
            since: None,
            not_before: now,
            pauses: 0,
            calm: 0,
        });
        let since = *lasting.since.get_or_insert(now);
        lasting.calm = 0;
        if now >= lasting.not_before {
            lasting.pauses += 1;
            lasting.not_before = now + retry_pause(lasting.pauses);
        }
        if now - since >= MAX_OUTAGE {
            Outlook::TooLong
        } else if begins {
            Outlook::Begins
        } else {
            Outlook::Lasts
        }
    }

    /// Notes that a server answered.
    pub(crate) fn answered(&mut self) {
        let Some(lasting) = &mut self.0 else { return };
        lasting.since = None;
        lasting.calm += 1;
        if lasting.calm >= CALM {
            self.0 = None;
        }
    }

    /// The time before which no request may start, while an outage lasts.
    pub(crate) fn not_before(&self) -> Option<Instant> {
        self.0.as_ref().map(|lasting| lasting.not_before)
    }

    /// Requests that may run at once: during an outage one, to see whether it is over, otherwise `most`.
    pub(crate) const fn most_in_flight(&self, most: usize) -> usize {
        if self.0.is_some() { 1 } else { most }
    }
}
