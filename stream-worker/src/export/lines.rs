//! Events of a log as lines: one for each page, none for anything else.

use bytes::Bytes;
use serde::Deserialize;
use shared::Event;

use super::csv_row;

/// The form of a page's line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ResultsFormat {
    /// One JSON object on each line.
    Ndjson,
    /// RFC 4180, with a header line.
    Csv,
}

/// First bytes of the data of a page's event.
const PAGE: &[u8] = br#"{"type":"progress""#;

/// True if this is the data of a page's event.
fn is_page(data: &[u8]) -> bool {
    data.starts_with(PAGE)
}

/// A line for each page among the events with these data, as whole as the journal keeps them.
pub(crate) fn lines<'a>(format: ResultsFormat, events: impl Iterator<Item = &'a Bytes>) -> Bytes {
    let pages = events.filter(|data| is_page(data));
    match format {
        ResultsFormat::Ndjson => {
            let mut lines = Vec::new();
            for page in pages {
                lines.extend_from_slice(page);
                lines.push(b'\n');
            }
            lines.into()
        }
        ResultsFormat::Csv => {
            csv_row::lines(pages.filter_map(|page| match serde_json::from_slice(page) {
                Ok(Event::Progress(progress)) => Some(*progress),
                _ => None,
            }))
        }
    }
}
