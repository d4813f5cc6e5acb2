//! Pauses between posts to a webhook that fail.

use std::time::Duration;

use shared::back_off::Doubling;

/// Pauses that failures alone cause.
const PAUSES: Doubling = Doubling {
    first: Duration::from_secs(1),
    longest: Duration::from_secs(600),
};
/// The longest pause that a server may ask for.
const LONGEST_WISH: Duration = Duration::from_secs(3600);
/// A webhook that has failed for so long is given up.
pub(super) const GIVE_UP: Duration = Duration::from_secs(86_400);

/// The pause after `failures` in a row, the last one included, or a longer one that the server has asked for.
pub(super) fn pause(failures: u32, wish: Option<Duration>) -> Duration {
    let pause = PAUSES.jittered(failures, fastrand::f64());
    pause.max(wish.unwrap_or_default().min(LONGEST_WISH))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_may_ask_for_a_longer_pause_but_not_for_any() {
        let wish = Duration::from_secs(30);
        assert_eq!(pause(1, Some(wish)), wish);
        assert_eq!(pause(1, Some(Duration::MAX)), LONGEST_WISH);
        assert!(pause(40, Some(wish)) > wish);
    }
}
