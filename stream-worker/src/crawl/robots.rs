//! What a host's robots.txt allows (RFC 9309).
//!
//! It owns the verdict on a URL. The parser is `robotxt`'s; agent lines are cleaned before, since it would not take
//! `FooBot/1.2` for `FooBot`. A host whose file cannot be read is not crawled: section 2.3.1.4 asks for that, since its owner
//! may have had much to say.

use std::time::Duration;

use robotxt::Robots;
use shared::event::SkipReason;
use url::{Position, Url};

use super::politeness::MAX_CRAWL_DELAY;

/// What one host's robots.txt says.
#[derive(Debug)]
pub(super) enum RobotsVerdict {
    /// It was read, or there is none.
    Rules(Box<Robots>),
    /// It could not be read, for this reason.
    Unreachable(String),
    /// The host's address is not one that may be dialled.
    Blocked,
}

impl RobotsVerdict {
    /// What a file says to `agent`.
    pub(super) fn parse(text: &[u8], agent: &str) -> Self {
        Self::Rules(Box::new(Robots::parse(&clean(text), agent)))
    }

    /// There is no file, or the caller does not want to know.
    pub(super) fn no_rules() -> Self {
        Self::Rules(Box::new(Robots::allow_all()))
    }

    /// Why the URL must not be asked for, if so.
    pub(super) fn objection(&self, url: &Url) -> Option<SkipReason> {
        match self {
            Self::Rules(rules) if rules.is_url_allowed(url) => None,
            Self::Rules(_) | Self::Unreachable(_) => Some(SkipReason::Robots),
            Self::Blocked => Some(SkipReason::BlockedAddress),
        }
    }

    /// The pause that the file asks for, within our cap.
    pub(super) fn crawl_delay(&self) -> Duration {
        self.wished_delay().min(MAX_CRAWL_DELAY)
    }

    /// The pause that the file asks for.
    pub(super) fn wished_delay(&self) -> Duration {
        match self {
            Self::Rules(rules) => rules.crawl_delay().unwrap_or_default(),
            Self::Unreachable(_) | Self::Blocked => Duration::ZERO,
        }
    }

    /// The sitemaps that the file names.
    pub(super) fn sitemaps(&self) -> &[Url] {
        match self {
            Self::Rules(rules) => rules.sitemaps(),
            Self::Unreachable(_) | Self::Blocked => &[],
        }
    }
}

/// Cuts each agent line to the product token, as section 2.2.1 has it matched.
fn clean(text: &[u8]) -> Vec<u8> {
    let mut cleaned = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|byte| matches!(byte, b'\n' | b'\r')) {
        match agent_token(line) {
            Some(length) => {
                cleaned.extend_from_slice(&line[..length]);
                cleaned.push(b'\n');
            }
            None => cleaned.extend_from_slice(line),
        }
    }
    cleaned
}

/// The length of an agent line up to the end of its product token, if it is one and goes on with a version.
fn agent_token(line: &[u8]) -> Option<usize> {
    let colon = line.iter().position(|&byte| byte == b':')?;
    let key = line[..colon].trim_ascii();
    let key = key.strip_prefix(b"\xef\xbb\xbf").unwrap_or(key);
    if !key.eq_ignore_ascii_case(b"user-agent") {
        return None;
    }
    let value = &line[colon + 1..];
    let slash = value.iter().position(|&byte| byte == b'/')?;
    let token = value[..slash].trim_ascii();
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (!token.is_empty() && token.iter().all(is_token)).then_some(colon + 1 + slash)
}

/// The place of the conventional sitemap of the host that `url` is on.
pub(super) fn custom_sitemap(url: &Url) -> Option<Url> {
    Url::parse(&format!("{}/sitemap.xml", &url[..Position::BeforePath])).ok()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const OURS: &str = "https://a.example";

    fn allows(text: &str, path: &str) -> bool {
        let verdict = RobotsVerdict::parse(text.as_bytes(), "FooBot");
        let url = Url::parse(&format!("{OURS}{path}")).unwrap();
        verdict.objection(&url).is_none()
    }

    #[rstest]
    #[case::none("", "/x", true)]
    #[case::everyone("User-agent: *\nDisallow: /x", "/x/y", false)]
    #[case::empty_rule("User-agent: *\nDisallow:", "/x", true)]
    #[case::ours_replaces_everyones(
        "User-agent: *\nDisallow: /\n\nUser-agent: foobot\nDisallow: /x",
        "/y",
        true
    )]
    #[case::groups_merge(
        "User-agent: foobot\nDisallow: /x\nUser-agent: *\nDisallow: /\nUser-agent: FooBot\nDisallow: /y",
        "/y",
        false
    )]
    #[case::shared_group("User-agent: other\nUser-agent: foobot\nDisallow: /x", "/x", false)]
    #[case::version("User-agent: FooBot/1.2 (x)\nDisallow: /x", "/x", false)]
    #[case::version_behind_a_bom("\u{feff}User-agent: FooBot/1.2\nDisallow: /x", "/x", false)]
    #[case::other_bot("User-agent: FooBotNews\nDisallow: /x", "/x", true)]
    #[case::longest_match("User-agent: *\nAllow: /x/y\nDisallow: /x", "/x/y", true)]
    #[case::longest_match_forbids("User-agent: *\nAllow: /x\nDisallow: /x/y", "/x/y/z", false)]
    #[case::allow_wins_ties("User-agent: *\nDisallow: /x\nAllow: /x", "/x", true)]
    #[case::star("User-agent: *\nDisallow: /*.php", "/a/b.php?q", false)]
    #[case::end("User-agent: *\nDisallow: /*.php$", "/a/b.php?q", true)]
    #[case::query("User-agent: *\nDisallow: /*?print=", "/a?print=1", false)]
    #[case::escapes("User-agent: *\nDisallow: /a%3cd", "/a%3Cd", false)]
    #[case::plain_for_escaped("User-agent: *\nDisallow: /~joe", "/%7Ejoe", false)]
    #[case::unicode("User-agent: *\nDisallow: /é", "/%C3%A9", false)]
    #[case::other_lines(
        "User-agent: foobot\nSitemap: https://a.example/s\nUnknown: x\nDisallow: /x",
        "/x",
        false
    )]
    #[case::carriage_returns("User-agent: *\rDisallow: /x\r\n", "/x", false)]
    #[case::comments("User-agent: * # all\nDisallow: /x # not this", "/x", false)]
    #[case::the_file_itself("User-agent: *\nDisallow: /", "/robots.txt", true)]
    fn rules_are_read_as_the_rfc_has_them(
        #[case] text: &str,
        #[case] path: &str,
        #[case] expected: bool,
    ) {
        assert_eq!(allows(text, path), expected);
    }

    #[test]
    fn a_wished_delay_is_capped() {
        let verdict = RobotsVerdict::parse(b"User-agent: *\nCrawl-delay: 3600", "FooBot");
        assert_eq!(verdict.wished_delay(), Duration::from_secs(3600));
        assert_eq!(verdict.crawl_delay(), MAX_CRAWL_DELAY);
    }
}
