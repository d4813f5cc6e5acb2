//! A caller's patterns on paths, and which of them have ever matched.
//!
//! A pattern is held against the path as the URL has it (`/%C3%BCber`) and, where that differs, against the path with its escapes
//! decoded (`/über`): people write the one and copy the other.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use shared::request::PathPattern;
use url::Url;

/// Patterns that are named in a notice.
const MAX_NAMED: usize = 5;

/// The part of a URL that patterns are matched against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// The URL's path.
    Path,
    /// All of the URL that is asked for.
    Url,
}

impl Subject {
    /// The subject of a URL that is asked for as `requested`.
    pub(crate) fn of<'a>(self, url: &'a Url, requested: &'a str) -> &'a str {
        match self {
            Self::Path => url.path(),
            Self::Url => requested,
        }
    }
}

/// The patterns of one field of a request.
#[derive(Debug)]
pub(crate) struct Patterns {
    field: &'static str,
    subject: Subject,
    patterns: Vec<Tracked>,
    /// Patterns that have matched nothing yet.
    unmatched: usize,
    has_been_asked: bool,
}

#[derive(Debug)]
struct Tracked {
    pattern: PathPattern,
    has_matched: bool,
}

impl Patterns {
    /// The patterns of the field that the request calls `field`.
    pub(crate) fn new(field: &'static str, patterns: &[PathPattern], subject: Subject) -> Self {
        let tracked = |pattern: &PathPattern| Tracked {
            pattern: pattern.clone(),
            has_matched: false,
        };
        Self {
            field,
            subject,
            patterns: patterns.iter().map(tracked).collect(),
            unmatched: patterns.len(),
            has_been_asked: false,
        }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// True if any pattern matches any part of `text`, the path of a URL or all of it.
    pub(crate) fn match_any(&mut self, text: &str) -> bool {
        if self.patterns.is_empty() {
            return false;
        }
        self.has_been_asked = true;
        let decoded: Cow<'_, [u8]> = percent_decode_str(text).into();
        let is_escaped = matches!(decoded, Cow::Owned(_));
        let matches = |pattern: &PathPattern| {
            pattern.matches(text.as_bytes()) || (is_escaped && pattern.matches(&decoded))
        };
        let mut is_match = false;
        for tracked in &mut self.patterns {
            if (is_match && tracked.has_matched) || !matches(&tracked.pattern) {
                continue;
            }
            is_match = true;
            if !tracked.has_matched {
                tracked.has_matched = true;
                self.unmatched -= 1;
            }
            if self.unmatched == 0 {
                break;
            }
        }
        is_match
    }

    /// Text of a notice about the patterns that have matched none of the URLs that were found.
    pub(crate) fn complaint(&self) -> Option<String> {
        if self.unmatched == 0 || !self.has_been_asked {
            return None;
        }
        let unmatched = self.patterns.iter().filter(|tracked| !tracked.has_matched);
        let named: Vec<String> = unmatched
            .take(MAX_NAMED)
            .map(|tracked| format!("{:?}", tracked.pattern.as_str()))
            .collect();
        let more = match self.unmatched - named.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let nothing = match self.subject {
            Subject::Path => {
                "matched the path of no URL that was found. A path begins with a slash; host and query are no part of it."
            }
            Subject::Url => "matched no URL that was found.",
        };
        let (field, named) = (self.field, named.join(", "));
        Some(format!("{field}: {named}{more} {nothing}"))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn patterns(texts: &[&str]) -> Patterns {
        let patterns: Vec<_> = texts
            .iter()
            .map(|text| PathPattern::parse(text).unwrap())
            .collect();
        Patterns::new("includePaths", &patterns, Subject::Path)
    }

    #[rstest]
    #[case("^/über", "/%C3%BCber/eins", true)]
    #[case("^/my docs/", "/my%20docs/a", true)]
    #[case("^/%C3%BCber", "/%C3%BCber", true)]
    #[case("^/a/b", "/a%2Fb", true)]
    #[case("^/b", "/a", false)]
    fn a_pattern_is_held_against_the_path_written_and_decoded(
        #[case] pattern: &str,
        #[case] path: &str,
        #[case] is_match: bool,
    ) {
        assert_eq!(patterns(&[pattern]).match_any(path), is_match);
    }

    #[test]
    fn patterns_that_matched_nothing_are_named() {
        let mut patterns = patterns(&["^/a", "page=", "^/a/b"]);
        assert_eq!(patterns.complaint(), None, "nothing was found");
        assert!(patterns.match_any("/a/b"));
        let complaint = patterns.complaint().unwrap();
        assert!(
            complaint.starts_with("includePaths: \"page=\" matched"),
            "{complaint}"
        );
    }

    #[test]
    fn five_patterns_are_named_and_the_others_counted() {
        let mut patterns = patterns(&["1", "2", "3", "4", "5", "6", "7"]);
        patterns.match_any("/");
        let complaint = patterns.complaint().unwrap();
        assert!(
            complaint.contains("\"5\" and 2 more matched"),
            "{complaint}"
        );
    }
}
