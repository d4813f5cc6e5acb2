//! Rate limits of the doctor, by caller and in all, and the number of its open streams.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Requests of one caller a second, in the long run. An examination makes about sixty.
const BY_CALLER: NonZeroU32 = NonZeroU32::new(10).expect("ten is not zero");
/// Requests of one caller that may come at once.
const BURST_BY_CALLER: NonZeroU32 = NonZeroU32::new(300).expect("it is not zero");
/// Requests of all callers a second, in the long run.
const IN_ALL: NonZeroU32 = NonZeroU32::new(50).expect("fifty is not zero");
/// Requests of all callers that may come at once.
const BURST_IN_ALL: NonZeroU32 = NonZeroU32::new(1_000).expect("it is not zero");
/// Callers that are told apart; more share what is left for all.
const MAX_CALLERS: usize = 1_000;
/// Streams at the same time.
const MAX_STREAMS: usize = 128;

/// A caller has asked too often, or there are too many streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) struct Refused {
    /// Time after which to come back.
    pub(in crate::http) wait: Duration,
}

/// A stream's place; given back when it is dropped.
pub(in crate::http) struct StreamPlace {
    _permit: OwnedSemaphorePermit,
}

pub(super) struct Limits {
    clock: DefaultClock,
    by_caller: DefaultKeyedRateLimiter<String>,
    in_all: DefaultDirectRateLimiter,
    streams: Arc<Semaphore>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            clock: DefaultClock::default(),
            by_caller: RateLimiter::keyed(
                Quota::per_second(BY_CALLER).allow_burst(BURST_BY_CALLER),
            ),
            in_all: RateLimiter::direct(Quota::per_second(IN_ALL).allow_burst(BURST_IN_ALL)),
            streams: Arc::new(Semaphore::new(MAX_STREAMS)),
        }
    }
}

impl Limits {
    pub(super) fn admit(&self, caller: &str) -> Result<(), Refused> {
        if self.by_caller.len() > MAX_CALLERS {
            self.by_caller.retain_recent();
        }
        let caller = match self.by_caller.len() > MAX_CALLERS {
            true => String::new(),
            false => caller.to_owned(),
        };
        let refused = |wait| Refused { wait };
        self.by_caller
            .check_key(&caller)
            .map_err(|until| refused(until.wait_time_from(self.clock.now())))?;
        self.in_all
            .check()
            .map_err(|until| refused(until.wait_time_from(self.clock.now())))
    }

    pub(super) fn place(&self) -> Result<StreamPlace, Refused> {
        let permit = self.streams.clone().try_acquire_owned();
        permit
            .map(|permit| StreamPlace { _permit: permit })
            .map_err(|_full| Refused {
                wait: Duration::from_secs(5),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_caller_does_not_use_up_what_is_for_others() {
        let limits = Limits::default();
        let taken = (0..400).filter(|_| limits.admit("a").is_ok()).count();
        assert!((300..400).contains(&taken), "{taken}");
        assert_eq!(limits.admit("b"), Ok(()));
    }

    #[test]
    fn all_together_have_a_limit_and_callers_without_number_take_no_memory() {
        let limits = Limits::default();
        let taken = (0..3_000)
            .filter(|caller| limits.admit(&caller.to_string()).is_ok())
            .count();
        assert!((1_000..2_000).contains(&taken), "{taken}");
        assert!(limits.by_caller.len() <= MAX_CALLERS + 2);
    }

    #[test]
    fn streams_have_places() {
        let limits = Limits::default();
        let held: Vec<_> = (0..MAX_STREAMS).map(|_| limits.place().ok()).collect();
        assert!(limits.place().is_err());
        drop(held);
        assert!(limits.place().is_ok());
    }
}
