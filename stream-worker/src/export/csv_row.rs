//! One page or refused URL of a download in CSV (RFC 4180), and the header line.

use bytes::Bytes;
use csv::{Terminator, Writer, WriterBuilder};
use serde::{Serialize, Serializer};
use shared::event::{ErrorCode, PageResult, Progress, SkipReason, Skipped};
use shared::{Event, Timestamp};

/// Bytes before the header line that make Excel read the file as UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Presence of a byte order mark at the start of a download in CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ByteOrderMark {
    /// With the header line: what every reader of CSV but Excel expects.
    Absent,
    /// With a byte order mark before it.
    Present,
}

/// A row; its fields are the columns, in their order. What a page does not have is an empty cell.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct CsvRow {
    at: Option<Timestamp>,
    url: Cell,
    outcome: &'static str,
    status: Option<u16>,
    depth: Option<u32>,
    referrer: Option<Cell>,
    content_type: Option<Cell>,
    bytes: Option<u64>,
    elapsed_ms: Option<u64>,
    title: Option<Cell>,
    links: Option<u32>,
    redirected_to: Option<Cell>,
    error_code: Option<ErrorCode>,
    error_message: Option<Cell>,
    duplicate_of: Option<Cell>,
    not_modified: Option<bool>,
    sha256: Option<Cell>,
    description: Option<Cell>,
    language: Option<Cell>,
    reason: Option<SkipReason>,
}

/// A text that a stranger wrote. One that a spreadsheet would run as a formula is marked as text with an apostrophe.
#[derive(Debug, Default)]
struct Cell(String);

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.starts_with(['=', '+', '-', '@', '\t', '\r']) {
            serializer.collect_str(&format_args!("'{}", self.0))
        } else {
            serializer.serialize_str(&self.0)
        }
    }
}

impl From<Progress> for CsvRow {
    fn from(progress: Progress) -> Self {
        let row = Self {
            at: Some(progress.at),
            url: Cell(progress.url),
            depth: Some(progress.depth),
            referrer: progress.referrer.map(Cell),
            ..Self::default()
        };
        match progress.result {
            PageResult::Fetched(page) => {
                let metadata = page.formats.metadata.unwrap_or_default();
                Self {
                    description: metadata.description.map(Cell),
                    language: metadata.language.map(Cell),
                    outcome: "fetched",
                    status: Some(page.status),
                    content_type: page.content_type.map(Cell),
                    bytes: Some(page.bytes),
                    elapsed_ms: Some(page.elapsed_ms),
                    title: page.title.map(Cell),
                    links: Some(page.links),
                    redirected_to: page.redirected_to.map(Cell),
                    duplicate_of: page.duplicate_of.map(Cell),
                    not_modified: Some(page.not_modified),
                    sha256: page.sha256.map(Cell),
                    ..row
                }
            }
            PageResult::Failed { error } => Self {
                outcome: "failed",
                status: error.status,
                error_code: Some(error.code),
                error_message: Some(Cell(error.message)),
                ..row
            },
        }
    }
}

impl From<Skipped> for CsvRow {
    fn from(skipped: Skipped) -> Self {
        Self {
            at: Some(skipped.at),
            url: Cell(skipped.url),
            outcome: "skipped",
            duplicate_of: skipped.duplicate_of.map(Cell),
            reason: Some(skipped.reason),
            ..Self::default()
        }
    }
}

/// The header line, which names the columns.
pub(crate) fn header(mark: ByteOrderMark) -> Bytes {
    let mut writer = writer(true);
    write(&mut writer, &CsvRow::default());
    let mut line = finish(writer);
    let end = line.iter().position(|byte| *byte == b'\n');
    line.truncate(end.map_or(0, |end| end + 1));
    match mark {
        ByteOrderMark::Absent => line.into(),
        ByteOrderMark::Present => [BYTE_ORDER_MARK, &line].concat().into(),
    }
}

/// A line for each page and each refused URL.
pub(crate) fn lines(events: impl Iterator<Item = Event>) -> Bytes {
    let mut writer = writer(false);
    for event in events {
        match event {
            Event::Progress(page) => write(&mut writer, &CsvRow::from(*page)),
            Event::Skipped(skipped) => write(&mut writer, &CsvRow::from(skipped)),
            Event::Started(_)
            | Event::Notice(_)
            | Event::Resumed(_)
            | Event::Done(_)
            | Event::Cancelled(_)
            | Event::Failed(_) => {}
        }
    }
    finish(writer).into()
}

fn writer(has_headers: bool) -> Writer<Vec<u8>> {
    WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .has_headers(has_headers)
        .from_writer(Vec::new())
}

fn write(writer: &mut Writer<Vec<u8>>, row: &CsvRow) {
    writer
        .serialize(row)
        .expect("a vector takes every row, and all have the same fields");
}

fn finish(writer: Writer<Vec<u8>>) -> Vec<u8> {
    writer.into_inner().expect("a vector takes every byte")
}

#[cfg(test)]
mod tests {
    use shared::Counts;
    use shared::event::{FetchFailure, Fetched, PageFormats, PageMetadata};

    use super::*;

    fn page(url: &str, result: PageResult) -> Event {
        Event::Progress(Box::new(Progress {
            at: Timestamp::from_millis(0),
            url: url.to_owned(),
            depth: 2,
            referrer: None,
            result,
            counts: Counts::default(),
            percent: 0,
        }))
    }

    fn text(bytes: &Bytes) -> &str {
        std::str::from_utf8(bytes).unwrap()
    }

    #[test]
    fn the_header_names_each_column_of_a_row() {
        const COLUMNS: &str = "at,url,outcome,status,depth,referrer,contentType,bytes,elapsedMs,title,links,redirectedTo,\
                               errorCode,errorMessage,duplicateOf,notModified,sha256,description,language,reason\r\n";
        assert_eq!(text(&header(ByteOrderMark::Absent)), COLUMNS);
        assert_eq!(
            text(&header(ByteOrderMark::Present)),
            format!("\u{feff}{COLUMNS}")
        );
    }

    #[test]
    fn a_strangers_title_is_neither_a_formula_nor_a_new_row() {
        let fetched = Fetched {
            status: 200,
            title: Some("=1+1".to_owned()),
            content_type: Some("a,\"b\"\r\nc".to_owned()),
            formats: PageFormats {
                metadata: Some(PageMetadata {
                    description: Some("@d".to_owned()),
                    language: Some("de".to_owned()),
                    ..PageMetadata::default()
                }),
                ..PageFormats::default()
            },
            ..Fetched::default()
        };
        let pages = [page(
            "https://a.example/",
            PageResult::Fetched(Box::new(fetched)),
        )];
        assert_eq!(
            text(&lines(pages.into_iter())),
            "1970-01-01T00:00:00.000Z,https://a.example/,fetched,200,2,,\"a,\"\"b\"\"\r\nc\",0,0,'=1+1,0,,,,,false,,'@d,de,\r\n"
        );
    }

    #[test]
    fn a_page_that_failed_has_its_error_and_no_numbers() {
        let error = FetchFailure {
            code: ErrorCode::TooLarge,
            message: "the body is too large".to_owned(),
            status: Some(200),
        };
        let pages = [page("https://a.example/", PageResult::Failed { error })];
        assert_eq!(
            text(&lines(pages.into_iter())),
            "1970-01-01T00:00:00.000Z,https://a.example/,failed,200,2,,,,,,,,tooLarge,the body is too large,,,,,,\r\n"
        );
    }

    #[test]
    fn a_refused_url_has_its_reason() {
        let skipped = Skipped {
            at: Timestamp::from_millis(0),
            url: "https://a.example/x".to_owned(),
            reason: SkipReason::MetaRobots,
            duplicate_of: None,
        };
        assert_eq!(
            text(&lines([Event::Skipped(skipped)].into_iter())),
            "1970-01-01T00:00:00.000Z,https://a.example/x,skipped,,,,,,,,,,,,,,,,,metaRobots\r\n"
        );
    }
}
