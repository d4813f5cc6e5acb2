//! The URLs that wait in the store only.
//!
//! Memory holds the next so many URLs; what is discovered beyond them stays where each step has put it anyway, and is read
//! back in the order of discovery when its turn is near. It owns one number: up to which ordinal memory holds all that
//! waits. Beyond it nothing does, so what is discovered later has to queue behind it.

/// URLs that wait in memory at most: some 300 bytes each.
pub const WINDOW: usize = 50_000;

/// The number of URLs that wait in the store only, and where they begin.
#[derive(Debug)]
pub(crate) struct Backlog {
    window: usize,
    /// The ordinal up to which memory holds every URL that waits.
    horizon: u64,
    /// URLs beyond the horizon.
    waiting: u64,
}

impl Backlog {
    /// An empty backlog. Memory may hold `window` URLs.
    pub(crate) const fn new(window: usize) -> Self {
        Self {
            window,
            horizon: 0,
            waiting: 0,
        }
    }

    /// Goes on with URLs of an earlier attempt, all of which wait in the store only.
    pub(crate) const fn resume(&mut self, waiting: u64) {
        self.horizon = 0;
        self.waiting = waiting;
    }

    /// Returns true if a newly discovered URL has to wait in the store while `held` URLs wait in memory, and counts it then.
    pub(crate) const fn takes(&mut self, ordinal: u64, held: usize) -> bool {
        let takes = self.waiting > 0 || held >= self.window;
        if takes {
            if self.waiting == 0 {
                self.horizon = ordinal - 1;
            }
            self.waiting += 1;
        }
        takes
    }

    /// Notes that a URL beyond the horizon has been read back.
    pub(crate) const fn read_back(&mut self) {
        self.waiting = self.waiting.saturating_sub(1);
    }

    /// Moves the horizon: every URL up to this ordinal has been read back.
    pub(crate) const fn advance(&mut self, ordinal: u64) {
        self.horizon = ordinal;
    }

    /// The ordinal to read on after, and how many URLs to read at most, if `held` in memory leave room for them.
    pub(crate) const fn wants(&self, held: usize) -> Option<(u64, usize)> {
        if self.waiting == 0 || held > self.window / 2 {
            return None;
        }
        Some((self.horizon, self.window - held))
    }

    /// True if no URL waits in the store only.
    pub(crate) const fn is_empty(&self) -> bool {
        self.waiting == 0
    }

    /// Forgets the URLs that wait in the store only.
    pub(crate) const fn clear(&mut self) {
        self.waiting = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_discovered_queues_behind_what_waits() {
        let mut backlog = Backlog::new(2);
        assert!(!backlog.takes(1, 0) && !backlog.takes(2, 1));
        assert!(backlog.takes(3, 2));
        assert!(backlog.takes(4, 0), "although memory has room again");
        assert_eq!(backlog.wants(2), None);
        assert_eq!(backlog.wants(1), Some((2, 1)));
        backlog.read_back();
        backlog.advance(3);
        assert_eq!(backlog.wants(0), Some((3, 2)));
        backlog.read_back();
        assert!(backlog.is_empty() && !backlog.takes(5, 1));
    }
}
