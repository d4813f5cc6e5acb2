//! When a webhook that could not be told is told again.

use std::time::Duration;

/// The first pause after a failure; each further one is twice as long.
const FIRST: Duration = Duration::from_secs(1);
/// The longest pause that failures alone cause.
const LONGEST: Duration = Duration::from_secs(600);
/// The longest pause that a server may ask for.
const LONGEST_WISH: Duration = Duration::from_secs(3600);
/// A webhook that has failed for so long is given up.
pub(super) const GIVE_UP: Duration = Duration::from_secs(86_400);

/// The pause after so many failures in a row, this one included; with jitter, so that many do not come back together.
pub(super) fn pause(failures: u32, wish: Option<Duration>) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    let pause = (FIRST * 2_u32.pow(doublings)).min(LONGEST);
    let pause = pause.mul_f64(fastrand::f64().mul_add(0.5, 0.75));
    pause.max(wish.unwrap_or_default().min(LONGEST_WISH))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_bound_and_follow_a_wish() {
        for failures in 1..40 {
            let ideal = (FIRST * 2_u32.pow((failures - 1).min(16))).min(LONGEST);
            let pause = pause(failures, None);
            assert!(pause >= ideal.mul_f64(0.75) && pause <= ideal.mul_f64(1.25));
        }
        let wish = Duration::from_secs(30);
        assert_eq!(pause(1, Some(wish)), wish);
        assert_eq!(pause(1, Some(Duration::MAX)), LONGEST_WISH);
    }
}
