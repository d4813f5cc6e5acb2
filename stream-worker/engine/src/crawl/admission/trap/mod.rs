//! URLs that look like one of endlessly many.
//!
//! It owns the guess, from a URL alone, that a site makes URLs faster than anyone can crawl them: paths that grow or repeat
//! themselves, calendars without end, session IDs, permutations of query parameters. Budgets are per pattern and generous:
//! a shop with a hundred thousand `/item/123` is no trap, its filter form is. What is refused is told once per pattern, with
//! the way to have it crawled after all: the request's `trapExemptions`.

use hashbrown::{HashMap, HashSet};
use jiff::tz::TimeZone;
use shared::Timestamp;
use shared::request::PathPattern;
use url::Url;

use super::patterns::{Patterns, Subject};

use super::date_mask::mask_dates;

/// Deeper paths exist on no site that people navigate.
const MAX_SEGMENTS: usize = 40;
/// A block of segments that follows itself this often is a relative link gone wrong.
const MAX_REPEATS: usize = 3;
/// Longest block of segments that is looked at for repetition.
const MAX_BLOCK: usize = 6;
/// Years that a calendar of interest to people shows.
const YEARS: std::ops::RangeInclusive<u32> = 1900..=2100;
/// Days of one calendar: some five years of them.
const CALENDAR_BUDGET: u32 = 2_000;
/// The same for years beyond these. It is not zero: `/7749-12` may be an article's number.
const FAR_BUDGET: u32 = 120;
/// Copies of one page that differ by a session ID only.
const SESSION_BUDGET: u32 = 5;
/// Variants of one path by its number of query parameters: what one parameter names may be an article; what five name is
/// a filter form.
const QUERY_BUDGETS: [u32; 4] = [100_000, 10_000, 1_000, 200];
/// Different sets of parameter names on one path: beyond them they are permutations.
const NAME_SETS_BUDGET: u32 = 100;
/// Patterns that are counted at most; later ones are not judged by budgets.
const MAX_PATTERNS: usize = 20_000;
/// Patterns that get a notice at most.
const MAX_NOTICES: usize = 100;
/// The text of a notice after the pattern. A later attempt finds the pattern by it.
const ENDLESS: &str = ": there seem to be endlessly many of these; no more are crawled.";

const SESSION_NAMES: [&str; 7] = [
    "jsessionid",
    "phpsessid",
    "sessionid",
    "session_id",
    "sid",
    "aspsessionid",
    "cfid",
];

/// Counts URLs by pattern, and refuses those of a pattern whose budget is used up.
#[derive(Debug)]
pub(crate) struct Traps {
    /// The year in which the crawl began: every attempt judges dates alike.
    present: u32,
    exemptions: Patterns,
    counted: HashMap<String, Count>,
    /// Patterns whose counts have changed since they were last asked for.
    changed: Vec<String>,
    told: HashSet<String>,
}

/// The number of URLs that have one pattern.
#[derive(Debug, Default)]
struct Count {
    urls: u32,
    /// True if the pattern is among those that have changed.
    is_changed: bool,
}

/// The guess about one URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TrapVerdict {
    /// Nothing about the URL is suspicious.
    Ordinary,
    /// The URL looks like one of endlessly many and is refused.
    Trap {
        /// Text of the notice about its pattern: only the first time that the pattern is refused.
        notice: Option<String>,
    },
}

impl Traps {
    /// Nothing is counted yet in a crawl that began at `started_at`.
    pub(crate) fn new(started_at: Timestamp) -> Self {
        let at = jiff::Timestamp::from_millisecond(started_at.millis());
        let year = at.map_or(0, |at| TimeZone::UTC.to_datetime(at).year());
        Self {
            present: u32::try_from(year).unwrap_or(0),
            exemptions: Patterns::new("trapExemptions", &[], Subject::Path),
            counted: HashMap::new(),
            changed: Vec::new(),
            told: HashSet::new(),
        }
    }

    /// Judges all URLs but those whose path matches one of `exemptions`.
    pub(crate) fn except(self, exemptions: &[PathPattern]) -> Self {
        let exemptions = Patterns::new("trapExemptions", exemptions, Subject::Path);
        Self { exemptions, ..self }
    }

    /// Counts a URL that an earlier attempt has judged.
    pub(crate) fn recall(&mut self, url: &Url) {
        if shape(url).is_none() {
            self.spend(url);
        }
    }

    /// Remembers the pattern of a notice that an earlier attempt has recorded.
    pub(crate) fn recall_notice(&mut self, notice: &str) {
        if let Some((pattern, _)) = notice.split_once(ENDLESS) {
            self.told.insert(pattern.to_owned());
        }
    }

    /// Patterns whose counts have changed since they were last asked for, and their counts.
    pub(crate) fn changed(&mut self) -> Vec<(String, u32)> {
        let changed = std::mem::take(&mut self.changed).into_iter();
        let counted = changed.filter_map(|pattern| {
            let count = self.counted.get_mut(&pattern)?;
            count.is_changed = false;
            Some((pattern, count.urls))
        });
        counted.collect()
    }

    /// Takes over the count of a pattern as an earlier attempt had it.
    pub(crate) fn recall_count(&mut self, pattern: String, urls: u32) {
        let is_changed = false;
        self.counted.insert(pattern, Count { urls, is_changed });
    }

    /// Judges a new URL and counts it.
    pub(crate) fn judge(&mut self, url: &Url) -> TrapVerdict {
        if self.exemptions.match_any(url.path()) {
            return TrapVerdict::Ordinary;
        }
        let suspicion = shape(url).or_else(|| self.spend(url));
        match suspicion {
            None => TrapVerdict::Ordinary,
            Some(pattern) => TrapVerdict::Trap {
                notice: self.tell(pattern, url),
            },
        }
    }

    /// Text of a notice about exemptions that have matched nothing.
    pub(crate) fn complaint(&self) -> Option<String> {
        self.exemptions.complaint()
    }

    /// Takes the URL out of the budgets of its patterns. Returns the pattern whose budget is used up, if there is one.
    fn spend(&mut self, url: &Url) -> Option<String> {
        let mut spent = None;
        for (pattern, budget) in patterns(url, self.present) {
            if self.count(&pattern) > budget {
                spent = spent.or(Some(pattern));
            }
        }
        spent.or_else(|| self.spend_name_set(url))
    }

    fn spend_name_set(&mut self, url: &Url) -> Option<String> {
        let set = format!("{} by names {}", place(url), name_set(url)?);
        let is_new = !self.counted.contains_key(&set);
        let sets = format!("{} with ever other parameters", place(url));
        (is_new && self.count(&set) == 1 && self.count(&sets) > NAME_SETS_BUDGET).then_some(sets)
    }

    fn count(&mut self, pattern: &str) -> u32 {
        if let Some(count) = self.counted.get_mut(pattern) {
            count.urls = count.urls.saturating_add(1);
            if !std::mem::replace(&mut count.is_changed, true) {
                self.changed.push(pattern.to_owned());
            }
            return count.urls;
        }
        if self.counted.len() < MAX_PATTERNS {
            let is_changed = true;
            self.counted.insert(
                pattern.to_owned(),
                Count {
                    urls: 1,
                    is_changed,
                },
            );
            self.changed.push(pattern.to_owned());
            return 1;
        }
        0
    }

    fn tell(&mut self, pattern: String, url: &Url) -> Option<String> {
        if self.told.len() >= MAX_NOTICES || self.told.contains(&pattern) {
            return None;
        }
        let exemption = exemption(url);
        let notice = format!(
            "{pattern}{ENDLESS} To crawl them all the same, submit the job with \"trapExemptions\": [\"{exemption}\"]"
        );
        self.told.insert(pattern);
        Some(notice)
    }
}

/// A pattern, as it is written in JSON, that exempts the URL and its neighbours: its path's first segment.
fn exemption(url: &Url) -> String {
    let path = url.path();
    let end = path[1..].find('/').map_or(path.len(), |slash| slash + 1);
    format!("^{}", regex::escape(&path[..end])).replace('\\', "\\\\")
}

/// The reason to suspect the URL by itself, before anything is counted.
fn shape(url: &Url) -> Option<String> {
    let segments: Vec<&str> = url
        .path()
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    let site = site(url);
    if segments.len() > MAX_SEGMENTS {
        return Some(format!(
            "{site}: paths of more than {MAX_SEGMENTS} segments"
        ));
    }
    repeated_block(&segments)
        .map(|block| format!("{site}: paths that repeat /{}/", block.join("/")))
}

/// A block of segments that follows itself too often. Numbers alone (`/1/1/1`) are no names.
fn repeated_block<'a>(segments: &'a [&'a str]) -> Option<&'a [&'a str]> {
    (1..=MAX_BLOCK).find_map(|width| {
        segments.windows(width * MAX_REPEATS).find_map(|window| {
            let block = &window[..width];
            let repeats = window.chunks(width).all(|chunk| chunk == block);
            let is_named = block
                .iter()
                .any(|part| !part.bytes().all(|b| b.is_ascii_digit()));
            (repeats && is_named).then_some(block)
        })
    })
}

/// The patterns that a URL is counted under, each with its budget.
fn patterns(url: &Url, present: u32) -> Vec<(String, u32)> {
    let mut patterns = Vec::new();
    match mask_dates(url.as_str(), present) {
        (masked, Some(year)) if YEARS.contains(&year) => patterns.push((masked, CALENDAR_BUDGET)),
        (masked, Some(_)) => patterns.push((format!("{masked} beyond our times"), FAR_BUDGET)),
        (_, None) => {}
    }
    if let Some(masked) = without_session(url) {
        patterns.push((masked, SESSION_BUDGET));
    }
    if let Some(query) = url.query() {
        let parameters = query.split('&').count();
        let budget = QUERY_BUDGETS[parameters.clamp(1, QUERY_BUDGETS.len()) - 1];
        let pattern = format!("{}?… with {parameters} parameters", place(url));
        patterns.push((pattern, budget));
    }
    patterns
}

/// The URL without its session ID, if it has one.
fn without_session(url: &Url) -> Option<String> {
    let text = url.as_str();
    let lower = text.to_ascii_lowercase();
    let at = lower.find(";jsessionid=").or_else(|| {
        let query = lower.find('?')? + 1;
        let mut start = query;
        for parameter in lower[query..].split('&') {
            let name = parameter.split('=').next().unwrap_or_default();
            if SESSION_NAMES.contains(&name) {
                return Some(start);
            }
            start += parameter.len() + 1;
        }
        None
    })?;
    let rest = text[at + 1..]
        .find(['&', '?', '/'])
        .map_or("", |end| &text[at + 1 + end..]);
    Some(format!("{}(session){rest}", &text[..at]))
}

fn name_set(url: &Url) -> Option<String> {
    let names: Vec<&str> = url
        .query()?
        .split('&')
        .map(|parameter| parameter.split('=').next().unwrap_or_default())
        .collect();
    Some(names.join(","))
}

fn site(url: &Url) -> &str {
    &url[..url::Position::BeforePath]
}

fn place(url: &Url) -> &str {
    &url[..url::Position::AfterPath]
}

#[cfg(test)]
mod tests;
