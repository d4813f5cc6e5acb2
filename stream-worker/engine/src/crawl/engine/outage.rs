//! Times in which this machine cannot ask anybody.
//!
//! It owns the pauses of the whole crawl while requests fail for a local reason, and the bound after which it gives up. Such
//! failures are no answers: they cost a URL none of its tries, and no site is told of.

use std::time::Duration;

use shared::event::NoticeCode;
use tokio::time::Instant;

use super::Interrupt;
use super::run::Engine;
use crate::crawl::politeness::retry_pause;
use crate::fetch::LocalFault;

/// How long a crawl waits, without a single answer, for its machine to recover: longer than a restart of a resolver or a burst
/// of connections takes, and short enough that whoever waits for the crawl learns that something is wrong.
pub(crate) const MAX_OUTAGE: Duration = Duration::from_secs(10 * 60);

/// An outage is over when so many requests in a row were answered: while descriptors are scarce some succeed.
const CALM: u32 = 10;

/// The outage that lasts, if one does.
#[derive(Debug, Default)]
pub(crate) struct Outage(Option<Lasting>);

#[derive(Debug)]
struct Lasting {
    /// The first failure since the last answer.
    since: Option<Instant>,
    /// When the next request may start.
    not_before: Instant,
    /// Pauses so far.
    pauses: u32,
    /// Answers since the last failure.
    calm: u32,
}

impl Outage {
    /// A request failed for a local reason. Those that fail while a pause lasts belong to the same one.
    fn failed(&mut self, now: Instant) {
        let lasting = self.0.get_or_insert(Lasting {
            since: None,
            not_before: now,
            pauses: 0,
            calm: 0,
        });
        lasting.since.get_or_insert(now);
        lasting.calm = 0;
        if now >= lasting.not_before {
            lasting.pauses += 1;
            lasting.not_before = now + retry_pause(lasting.pauses);
        }
    }

    /// A server answered.
    pub(crate) fn answered(&mut self) {
        let Some(lasting) = &mut self.0 else { return };
        lasting.since = None;
        lasting.calm += 1;
        if lasting.calm >= CALM {
            self.0 = None;
        }
    }

    /// When the next request may start, if there is a time before which none may.
    pub(crate) fn not_before(&self) -> Option<Instant> {
        self.0.as_ref().map(|lasting| lasting.not_before)
    }

    /// How many requests may run, of the `most` that may otherwise: one at a time, to see whether it is over.
    pub(crate) const fn most_in_flight(&self, most: usize) -> usize {
        if self.0.is_some() { 1 } else { most }
    }

    fn is_too_long(&self, now: Instant) -> bool {
        let since = self.0.as_ref().and_then(|lasting| lasting.since);
        since.is_some_and(|since| now - since >= MAX_OUTAGE)
    }
}

impl Engine<'_> {
    /// A request, which waits again, failed for a local reason: the crawl pauses, and says so once; after too long it is
    /// interrupted.
    pub(crate) async fn could_not_ask(&mut self, fault: LocalFault) -> Result<(), Interrupt> {
        let (now, begins) = (Instant::now(), self.outage.0.is_none());
        self.outage.failed(now);
        if begins {
            tracing::warn!(%fault, "requests fail for a local reason; the crawl waits");
            let text = format!("the worker cannot fetch: {fault}; the crawl waits and tries again");
            self.ledger.notice(NoticeCode::WorkerFault, text);
        }
        if self.outage.is_too_long(now) {
            self.hand_over().await?;
            return Err(Interrupt::WorkerFault(fault));
        }
        Ok(())
    }
}
