//! Pauses between tries that failed.
//!
//! Pure: the caller brings the chance, a number from 0 to 1, and does the waiting.

use std::time::Duration;

/// Doublings after which no pause of ours would still grow; keeps the arithmetic in range.
const MOST_DOUBLINGS: u32 = 16;

/// Pauses that double with each failure in a row, up to a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doubling {
    /// The pause after the first failure.
    pub first: Duration,
    /// The longest pause.
    pub longest: Duration,
}

impl Doubling {
    /// The pause after `failures` in a row, the last one included.
    #[must_use]
    pub fn after(self, failures: u32) -> Duration {
        let doublings = failures.saturating_sub(1).min(MOST_DOUBLINGS);
        self.first
            .saturating_mul(2_u32.pow(doublings))
            .min(self.longest)
    }

    /// As [`after`](Self::after), [jittered].
    #[must_use]
    pub fn jittered(self, failures: u32, chance: f64) -> Duration {
        jittered(self.after(failures), chance)
    }
}

/// From three to five quarters of `pause`, by `chance` from 0 to 1: tries that failed together do not come back together,
/// and a doubled pause is longer than the one before it all the same.
#[must_use]
pub fn jittered(pause: Duration, chance: f64) -> Duration {
    pause.mul_f64(chance.clamp(0.0, 1.0).mul_add(0.5, 0.75))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PAUSES: Doubling = Doubling {
        first: Duration::from_secs(1),
        longest: Duration::from_secs(60),
    };

    #[test]
    fn pauses_double_up_to_the_longest() {
        let seconds = [1, 2, 3, 4, 7, 8, u32::MAX].map(|failures| PAUSES.after(failures).as_secs());
        assert_eq!(seconds, [1, 2, 4, 8, 60, 60, 60]);
    }

    proptest! {
        #[test]
        fn jitter_stays_within_a_quarter(failures in 1_u32..100, chance in 0.0..1.0_f64) {
            let ideal = PAUSES.after(failures);
            let pause = PAUSES.jittered(failures, chance);
            prop_assert!(pause >= ideal.mul_f64(0.75) && pause <= ideal.mul_f64(1.25));
        }
    }
}
