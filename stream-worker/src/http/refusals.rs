//! Log lines about connections that could not be accepted.

use std::io;
use std::time::Duration;

use tokio::time::Instant;

/// Between two log lines at least. A listener that is out of descriptors is refused twenty times a second.
const QUIET: Duration = Duration::from_secs(5);

/// Refused accepts since the last log line.
#[derive(Debug, Default)]
pub(super) struct Refusals {
    last_line: Option<Instant>,
    untold: u64,
}

impl Refusals {
    /// Logs the first refusal at once, and then all that have come meanwhile, at most once in five seconds.
    pub(super) fn refused(&mut self, error: &io::Error) {
        if let Some(times) = self.count() {
            // Out of descriptors, most likely: the kernel's backlog holds who comes meanwhile.
            tracing::warn!(%error, times, "could not accept a connection");
        }
    }

    /// Counts a refusal; answers how many the line that is due is about.
    fn count(&mut self) -> Option<u64> {
        self.untold += 1;
        let now = Instant::now();
        if self.last_line.is_some_and(|last| now - last < QUIET) {
            return None;
        }
        self.last_line = Some(now);
        Some(std::mem::take(&mut self.untold))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_row_of_refusals_is_a_line_at_once_and_one_in_five_seconds() {
        let mut refusals = Refusals::default();
        let mut lines = Vec::new();
        for _ in 0..300 {
            lines.extend(refusals.count());
            tokio::time::advance(Duration::from_millis(50)).await;
        }
        assert_eq!(lines, [1, 100, 100]);
    }
}
