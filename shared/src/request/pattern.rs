//! A caller's regular expression on paths.

use regex::bytes::{Regex, RegexBuilder};
use serde::{Serialize, Serializer};

use super::limits::{MAX_COMPILED_PATTERN, MAX_PATTERN_CHARS};

/// A regular expression that takes linear time on any input, whoever wrote it. Its classes are ASCII: `\w` is a letter of English,
/// a digit or `_`. A character beyond ASCII is its bytes in UTF-8, so that `.` matches one of them.
#[derive(Debug, Clone)]
pub struct PathPattern(Regex);

impl PathPattern {
    /// Compiles `text`.
    ///
    /// # Errors
    /// Says, as the end of a sentence, what is wrong with the pattern.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > MAX_PATTERN_CHARS {
            return Err(format!(
                "must be at most {MAX_PATTERN_CHARS} characters long"
            ));
        }
        RegexBuilder::new(text)
            .unicode(false)
            .size_limit(MAX_COMPILED_PATTERN)
            .build()
            .map(Self)
            .map_err(|error| {
                let reason = error.to_string();
                let reason = reason
                    .lines()
                    .last()
                    .unwrap_or_default()
                    .trim_start_matches("error: ");
                format!(
                    "must be a regular expression (no look-around, no back-references): {reason}"
                )
            })
    }

    /// True if any part of `path` matches.
    #[must_use]
    pub fn matches(&self, path: &[u8]) -> bool {
        self.0.is_match(path)
    }

    /// The pattern as the caller wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl PartialEq for PathPattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Serialize for PathPattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_str())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(r"^/docs/\w+/\d{4}\b", "/docs/news_1/2026/", true)]
    #[case(r"(?i)^/DOCS", "/docs", true)]
    #[case("^/.$", "/a", true)]
    #[case(r"\s", "/a%20b", false)]
    #[case("^/%C3%BC", "/%C3%BC", true)]
    #[case("ü", "/%C3%BC", false)]
    fn a_pattern_is_held_against_the_path_as_the_url_has_it(
        #[case] pattern: &str,
        #[case] path: &str,
        #[case] matches: bool,
    ) {
        assert_eq!(
            PathPattern::parse(pattern)
                .unwrap()
                .matches(path.as_bytes()),
            matches
        );
    }

    #[rstest]
    #[case("(", "unclosed group")]
    #[case("(?=a)", "look-around")]
    #[case(r"\p{Greek}", "Unicode")]
    #[case("(a{9999}){9999}", "size limit")]
    fn what_is_wrong_with_a_pattern_is_said(#[case] pattern: &str, #[case] said: &str) {
        let fault = PathPattern::parse(pattern).unwrap_err();
        assert!(fault.contains(said), "{fault}");
    }
}
