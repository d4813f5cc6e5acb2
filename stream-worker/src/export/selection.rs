//! The choice of the events of a log that become lines.
//!
//! They are told apart by their first bytes: most of a page's data is its formats, which nobody needs to parse for that. Within a
//! text of JSON every quotation mark is escaped, so that no page can look like another.

use std::str::FromStr;

/// First bytes of the data of a page's event, and of a refused URL's.
const PAGE: &[u8] = br#"{"type":"progress""#;
const SKIPPED: &[u8] = br#"{"type":"skipped""#;
/// The text right before the name of a page's outcome; only the URL, its depth and its referrer are before it.
const OUTCOME: &[u8] = br#""result":{"outcome":""#;

/// The events that become lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Selection {
    /// Pages, fetched and failed.
    Pages,
    /// Pages that were fetched.
    Fetched,
    /// Pages that could not be fetched.
    Failed,
    /// URLs that were refused.
    Skipped,
}

impl FromStr for Selection {
    type Err = ();

    /// Reads the name of a state.
    fn from_str(name: &str) -> Result<Self, ()> {
        match name {
            "fetched" => Ok(Self::Fetched),
            "failed" => Ok(Self::Failed),
            "skipped" => Ok(Self::Skipped),
            _ => Err(()),
        }
    }
}

impl Selection {
    /// True if an event with these data becomes a line.
    pub(super) fn holds(self, data: &[u8]) -> bool {
        match self {
            Self::Pages => data.starts_with(PAGE),
            Self::Fetched => outcome(data).is_some_and(|outcome| outcome.starts_with(b"fetched\"")),
            Self::Failed => outcome(data).is_some_and(|outcome| outcome.starts_with(b"failed\"")),
            Self::Skipped => data.starts_with(SKIPPED),
        }
    }

    /// True if lines may hold formats of pages.
    pub(crate) const fn has_formats(self) -> bool {
        match self {
            Self::Pages | Self::Fetched => true,
            Self::Failed | Self::Skipped => false,
        }
    }
}

/// The data of a page from the name of its outcome on.
fn outcome(data: &[u8]) -> Option<&[u8]> {
    if !data.starts_with(PAGE) {
        return None;
    }
    let place = data.windows(OUTCOME.len()).position(|at| at == OUTCOME)?;
    data.get(place + OUTCOME.len()..)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const FAILED: &str = r#"{"type":"progress","url":"https://a.example/?\"result\":{\"outcome\":\"fetched\"","result":{"outcome":"failed","error":{}}}"#;
    const FETCHED: &str = r#"{"type":"progress","url":"u","result":{"outcome":"fetched","title":"\"outcome\":\"failed\""}}"#;
    const REFUSED: &str = r#"{"type":"skipped","url":"u","reason":"robots"}"#;
    const NOTICE: &str = r#"{"type":"notice","text":"\"type\":\"progress\""}"#;

    #[rstest]
    #[case(Selection::Pages, [true, true, false, false])]
    #[case(Selection::Fetched, [false, true, false, false])]
    #[case(Selection::Failed, [true, false, false, false])]
    #[case(Selection::Skipped, [false, false, true, false])]
    fn events_are_told_apart(#[case] selection: Selection, #[case] expected: [bool; 4]) {
        let events = [FAILED, FETCHED, REFUSED, NOTICE];
        assert_eq!(
            events.map(|data| selection.holds(data.as_bytes())),
            expected
        );
    }
}
