//! A caller's regular expression on paths.

use regex::{Regex, RegexBuilder};
use serde::{Serialize, Serializer};

use super::limits::{MAX_COMPILED_PATTERN, MAX_PATTERN_CHARS};

/// A regular expression that takes linear time on any input, whoever wrote it.
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

    /// Whether any part of `path` matches.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        self.0.is_match(path)
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
