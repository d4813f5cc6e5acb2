//! Faults of the settings, all of them.

use std::fmt;

/// Every fault of the settings, in the order in which they are documented.
#[derive(Debug, Default, thiserror::Error)]
pub struct ConfigFaults(Vec<ConfigFault>);

/// One setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFault {
    /// The flag; the environment variable is named after it.
    pub flag: &'static str,
    /// The fault, and what would be right.
    pub detail: String,
}

impl ConfigFault {
    /// The environment variable that says the same as the flag.
    #[must_use]
    pub fn variable(&self) -> String {
        let name = self
            .flag
            .trim_start_matches('-')
            .replace('-', "_")
            .to_uppercase();
        format!("CRAWLCAST_{name}")
    }
}

impl ConfigFaults {
    /// Notes a fault and goes on with a placeholder, so that later settings are judged as well.
    pub(super) fn take<T: Placeholder>(
        &mut self,
        flag: &'static str,
        parsed: Result<T, String>,
    ) -> T {
        parsed.unwrap_or_else(|detail| {
            self.0.push(ConfigFault { flag, detail });
            T::placeholder()
        })
    }

    /// As [`take_optional`](Self::take_optional), for a setting that means something when it is not set.
    pub(super) fn take_or_default<T: Default>(
        &mut self,
        flag: &'static str,
        text: Option<&str>,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> T {
        self.take_optional(flag, text, parse).unwrap_or_default()
    }

    /// As [`take`](Self::take), of a setting that may be left out; an empty text counts as left out.
    pub(super) fn take_optional<T>(
        &mut self,
        flag: &'static str,
        text: Option<&str>,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let set = text.map(str::trim).filter(|text| !text.is_empty());
        self.take(flag, set.map(parse).transpose())
    }

    /// Notes a fault.
    pub(super) fn refuse(&mut self, flag: &'static str, detail: &str) {
        self.0.push(ConfigFault {
            flag,
            detail: detail.to_owned(),
        });
    }

    /// True if there is no fault.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The faults.
    #[must_use]
    pub fn faults(&self) -> &[ConfigFault] {
        &self.0
    }
}

impl fmt::Display for ConfigFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the settings are not usable:")?;
        for fault in &self.0 {
            write!(
                f,
                "\n  {} ({}): {}",
                fault.flag,
                fault.variable(),
                fault.detail
            )?;
        }
        Ok(())
    }
}

/// A value in place of one that could not be parsed. It is never used: a config with a fault is not handed out.
pub(super) trait Placeholder {
    fn placeholder() -> Self;
}

impl<T> Placeholder for Option<T> {
    fn placeholder() -> Self {
        None
    }
}

impl Placeholder for std::net::SocketAddr {
    fn placeholder() -> Self {
        Self::from(([127, 0, 0, 1], 0))
    }
}

impl Placeholder for std::time::Duration {
    fn placeholder() -> Self {
        Self::ZERO
    }
}

impl Placeholder for usize {
    fn placeholder() -> Self {
        0
    }
}

impl Placeholder for u64 {
    fn placeholder() -> Self {
        0
    }
}

impl Placeholder for u32 {
    fn placeholder() -> Self {
        0
    }
}

impl Placeholder for bool {
    fn placeholder() -> Self {
        false
    }
}

impl Placeholder for String {
    fn placeholder() -> Self {
        Self::new()
    }
}

impl Placeholder for super::Role {
    fn placeholder() -> Self {
        Self::Both
    }
}

impl Placeholder for super::LogFormat {
    fn placeholder() -> Self {
        Self::Human
    }
}
