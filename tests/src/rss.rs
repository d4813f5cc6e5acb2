//! A process's resident memory.

use std::fmt;

/// Resident memory in KiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rss(pub u64);

impl Rss {
    /// Resident memory of `pid` now.
    ///
    /// # Panics
    /// If there is no such process.
    #[must_use]
    pub fn of(pid: u32) -> Self {
        Self::line(pid, "VmRSS:")
    }

    /// The most resident memory that `pid` has had.
    ///
    /// # Panics
    /// If there is no such process.
    #[must_use]
    pub fn peak(pid: u32) -> Self {
        Self::line(pid, "VmHWM:")
    }

    fn line(pid: u32, name: &str) -> Self {
        let status =
            std::fs::read_to_string(format!("/proc/{pid}/status")).expect("the process runs");
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .expect("a process has memory");
        Self(
            line.trim()
                .trim_end_matches(" kB")
                .parse()
                .expect("memory is a number of kB"),
        )
    }
}

impl fmt::Display for Rss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} KiB", self.0)
    }
}
