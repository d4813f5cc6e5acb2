//! Events of a log as lines: one for each that is selected, none for anything else.

use bytes::Bytes;
use serde::Deserialize;
use shared::Event;

use super::csv_row;
use super::selection::Selection;

/// The form of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ResultsFormat {
    /// One JSON object on each line.
    Ndjson,
    /// RFC 4180, with a header line.
    Csv,
}

/// A line for each event that is selected among those with these data, as whole as the journal keeps them.
pub(crate) fn lines<'a>(
    format: ResultsFormat,
    selection: Selection,
    events: impl Iterator<Item = &'a Bytes>,
) -> Bytes {
    let selected = events.filter(|data| selection.holds(data));
    match format {
        ResultsFormat::Ndjson => {
            let mut lines = Vec::new();
            for event in selected {
                lines.extend_from_slice(event);
                lines.push(b'\n');
            }
            lines.into()
        }
        ResultsFormat::Csv => {
            csv_row::lines(selected.filter_map(|event| serde_json::from_slice::<Event>(event).ok()))
        }
    }
}
