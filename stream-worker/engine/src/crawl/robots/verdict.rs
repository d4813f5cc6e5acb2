//! The verdict of a host's robots.txt on URLs.
//!
//! It owns the verdict on a URL. A host whose file cannot be read is not crawled: RFC 9309, section 2.3.1.4, asks for that,
//! since its owner may have had much to say.

use std::time::Duration;

use shared::RobotsState;
use shared::event::SkipReason;
use url::{Position, Url};

use super::rules::Rules;
use crate::crawl::host_name::HostName;
use crate::crawl::politeness::MAX_CRAWL_DELAY;

/// The result of asking for one host's robots.txt.
#[derive(Debug)]
pub(crate) enum RobotsVerdict {
    /// The rules of the file; none if there is no file.
    Rules(Rules),
    /// The reason why it could not be read.
    Unreachable(String),
    /// The host's address is not one that may be dialled.
    Blocked,
}

impl RobotsVerdict {
    /// Reads the rules of a file at `url` for the robot that is called `agent`.
    pub(crate) fn parse(text: &[u8], url: &Url, agent: &str) -> Self {
        Self::Rules(Rules::parse(text, url, agent))
    }

    /// The verdict that allows everything: there is no file, or the caller ignores it.
    pub(crate) fn no_rules() -> Self {
        Self::Rules(Rules::default())
    }

    /// The reason why the URL must not be asked for. `None` if it may be.
    pub(crate) fn objection(&self, url: &Url) -> Option<SkipReason> {
        match self {
            Self::Rules(rules) if rules.allow(url) => None,
            Self::Rules(_) | Self::Unreachable(_) => Some(SkipReason::Robots),
            Self::Blocked => Some(SkipReason::BlockedAddress),
        }
    }

    /// The verdict on the whole of `host`, in a word.
    pub(crate) fn state(&self, host: &HostName) -> RobotsState {
        match self {
            Self::Rules(rules) if !rules.is_file() => RobotsState::None,
            Self::Rules(rules) => match Url::parse(&format!("{host}/")) {
                Ok(home) if !rules.allow(&home) => RobotsState::Disallowed,
                _ => RobotsState::Allowed,
            },
            Self::Unreachable(_) => RobotsState::Unreachable,
            Self::Blocked => RobotsState::Blocked,
        }
    }

    /// The pause that the file asks for, within our cap.
    pub(crate) fn crawl_delay(&self) -> Duration {
        self.wished_delay().min(MAX_CRAWL_DELAY)
    }

    /// The pause that the file asks for.
    pub(crate) fn wished_delay(&self) -> Duration {
        match self {
            Self::Rules(rules) => rules.crawl_delay.unwrap_or_default(),
            Self::Unreachable(_) | Self::Blocked => Duration::ZERO,
        }
    }

    /// Bytes that the rules take in memory, about.
    pub(crate) fn weight(&self) -> usize {
        match self {
            Self::Rules(rules) => rules.weight(),
            Self::Unreachable(reason) => reason.len(),
            Self::Blocked => 0,
        }
    }

    /// The sitemaps that the file names.
    pub(crate) fn sitemaps(&self) -> &[Url] {
        match self {
            Self::Rules(rules) => &rules.sitemaps,
            Self::Unreachable(_) | Self::Blocked => &[],
        }
    }
}

/// The place of the conventional sitemap of the host that `url` is on.
pub(crate) fn default_sitemap(url: &Url) -> Option<Url> {
    Url::parse(&format!("{}/sitemap.xml", &url[..Position::BeforePath])).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wished_delay_is_capped() {
        let url = Url::parse("https://a.example/robots.txt").unwrap();
        let verdict = RobotsVerdict::parse(b"User-agent: *\nCrawl-delay: 3600", &url, "FooBot");
        assert_eq!(verdict.wished_delay(), Duration::from_secs(3600));
        assert_eq!(verdict.crawl_delay(), MAX_CRAWL_DELAY);
    }

    #[test]
    fn what_cannot_be_read_forbids_all() {
        let url = Url::parse("https://a.example/x").unwrap();
        let unreachable = RobotsVerdict::Unreachable(String::new());
        assert_eq!(unreachable.objection(&url), Some(SkipReason::Robots));
        assert_eq!(
            RobotsVerdict::Blocked.objection(&url),
            Some(SkipReason::BlockedAddress)
        );
    }
}
