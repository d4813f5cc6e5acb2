//! The rate of one tenant's submissions: GCRA, the algorithm of a leaky bucket without a timer.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

type Limiter = RateLimiter<NotKeyed, InMemoryState, DefaultClock, StateInformationMiddleware>;

/// A rate of submissions a minute, of which a minute's worth may come at once.
#[derive(Debug)]
pub(super) struct Rate {
    limiter: Limiter,
    clock: DefaultClock,
    limit: NonZeroU32,
}

impl Rate {
    pub(super) fn a_minute(limit: NonZeroU32) -> Self {
        let clock = DefaultClock::default();
        let limiter = RateLimiter::direct_with_clock(Quota::per_minute(limit), clock.clone());
        Self {
            limiter: limiter.with_middleware(),
            clock,
            limit,
        }
    }

    /// Takes one; answers how many are left, or how long until the next.
    pub(super) fn take(&self) -> Result<u32, Duration> {
        match self.limiter.check() {
            Ok(state) => Ok(state.remaining_burst_capacity()),
            Err(not_until) => Err(not_until.wait_time_from(self.clock.now())),
        }
    }

    /// Seconds until one more may come.
    pub(super) const fn seconds_for_one(&self) -> u64 {
        60_u64.div_ceil(self.limit.get() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minutes_worth_may_come_at_once_and_the_next_one_is_told_when() {
        let rate = Rate::a_minute(NonZeroU32::new(3).unwrap());
        let left: Vec<u32> = (0..3).map(|_| rate.take().unwrap()).collect();
        assert_eq!(left, [2, 1, 0]);
        let wait = rate.take().unwrap_err();
        assert!(wait <= Duration::from_secs(20), "{wait:?}");
    }
}
