//! The rules of a robots.txt that concern one robot.
//!
//! Groups for one product token are one group, wherever they stand; if there is any for ours, everyone's is not read.
//! Lines that are neither agents nor rules end no group (RFC 9309, sections 2.1 and 2.2.1).

use std::time::Duration;

use url::Url;

use super::line::{Line, lines};
use super::pattern::{Pattern, Subject};
use crate::fetch::escape_non_utf8;

/// Sitemaps of one file that are kept: as many as one crawl reads.
const MAX_SITEMAPS: usize = 1_000;

/// The rules of one file for one robot.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    list: Vec<Rule>,
    /// The pause between requests that the file asks for.
    pub(crate) crawl_delay: Option<Duration>,
    /// The sitemaps that it names, for all robots.
    pub(crate) sitemaps: Vec<Url>,
    /// False if there is no file.
    is_file: bool,
}

#[derive(Debug)]
struct Rule {
    pattern: Pattern,
    allows: bool,
}

/// One file while it is read: the rules of our group and of everyone's, and the groups that a line now belongs to.
#[derive(Default)]
struct Reading {
    ours: Group,
    everyones: Group,
    sitemaps: Vec<Url>,
    /// True once the current group has a rule: the next agent line begins another group.
    has_rules: bool,
}

#[derive(Default)]
struct Group {
    is_open: bool,
    /// True if there is such a group at all: one without rules allows everything.
    exists: bool,
    list: Vec<Rule>,
    crawl_delay: Option<Duration>,
}

impl Rules {
    /// Reads the rules of `file`, found at `url`, for the robot that is called `agent`.
    pub(crate) fn parse(file: &[u8], url: &Url, agent: &str) -> Self {
        let mut reading = Reading::default();
        for line in lines(file) {
            reading.take(line, url, agent);
        }
        let group = if reading.ours.exists {
            reading.ours
        } else {
            reading.everyones
        };
        Self {
            list: group.list,
            crawl_delay: group.crawl_delay,
            sitemaps: reading.sitemaps,
            is_file: true,
        }
    }

    /// True if there is a file.
    pub(crate) const fn is_file(&self) -> bool {
        self.is_file
    }

    /// True if the URL may be asked for. The file itself always may.
    pub(crate) fn allow(&self, url: &Url) -> bool {
        url.path() == "/robots.txt" || self.allow_path(&Subject::of(url))
    }

    /// True if the path may be asked for. The longest rule that matches decides; between two of one length the one that
    /// allows.
    pub(crate) fn allow_path(&self, subject: &Subject<'_>) -> bool {
        let matching = self
            .list
            .iter()
            .filter(|rule| rule.pattern.matches(subject));
        let longest = matching.max_by_key(|rule| (rule.pattern.length(), rule.allows));
        longest.is_none_or(|rule| rule.allows)
    }

    /// Bytes that the rules take in memory, about.
    pub(crate) fn weight(&self) -> usize {
        let rules: usize = self.list.iter().map(|rule| rule.pattern.length()).sum();
        rules + self.list.len() * size_of::<Rule>() + self.sitemaps.len() * size_of::<Url>()
    }
}

impl Reading {
    fn take(&mut self, line: Line<'_>, url: &Url, agent: &str) {
        match line {
            Line::Agent(token) => self.begin(token.eq_ignore_ascii_case(agent.as_bytes()), false),
            Line::Everyone => self.begin(false, true),
            Line::Allow(value) => self.rule(value, true),
            Line::Disallow(value) => self.rule(value, false),
            Line::CrawlDelay(value) => self.delay(value),
            Line::Sitemap(value) => self.sitemap(value, url),
        }
    }

    fn begin(&mut self, is_ours: bool, is_everyones: bool) {
        if std::mem::take(&mut self.has_rules) {
            self.ours.is_open = false;
            self.everyones.is_open = false;
        }
        if is_ours {
            self.ours.open();
        }
        if is_everyones {
            self.everyones.open();
        }
    }

    fn rule(&mut self, value: &[u8], allows: bool) {
        self.has_rules = true;
        // An empty pattern matches nothing: it only says that there is a group.
        if value.is_empty() {
            return;
        }
        for group in self.open_groups() {
            let pattern = Pattern::new(value);
            let directory = pattern.of_directory().filter(|_| allows);
            let patterns = std::iter::once(pattern).chain(directory);
            group
                .list
                .extend(patterns.map(|pattern| Rule { pattern, allows }));
        }
    }

    fn delay(&mut self, value: &[u8]) {
        let seconds = std::str::from_utf8(value)
            .ok()
            .and_then(|text| text.parse::<f64>().ok());
        let delay = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        for group in self.open_groups() {
            group.crawl_delay = group.crawl_delay.max(delay);
        }
    }

    /// Adds the sitemap that a line names. The protocol asks for whole URLs; many files have a path.
    fn sitemap(&mut self, value: &[u8], base: &Url) {
        let text = escape_non_utf8(value);
        let url = (!text.is_empty()).then(|| base.join(&text).ok()).flatten();
        if self.sitemaps.len() < MAX_SITEMAPS {
            self.sitemaps.extend(url);
        }
    }

    fn open_groups(&mut self) -> impl Iterator<Item = &mut Group> {
        [&mut self.ours, &mut self.everyones]
            .into_iter()
            .filter(|group| group.is_open)
    }
}

impl Group {
    const fn open(&mut self) {
        self.is_open = true;
        self.exists = true;
    }
}
