//! A job's pages as one download, read from the journal a piece at a time.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderValue, Response};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use serde::Deserialize;
use shared::event::{PageResult, Progress};
use shared::{ChannelId, Event, Position};

use super::answer::Body;
use crate::journal::{Journal, Stored};

/// Bytes read from the journal at a time.
const READ_BUDGET: usize = 256 * 1024;

/// The form of a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum ResultsFormat {
    /// One JSON object on each line.
    Ndjson,
    /// RFC 4180, with a header line.
    Csv,
}

const COLUMNS: [&str; 17] = [
    "at",
    "url",
    "outcome",
    "status",
    "depth",
    "referrer",
    "contentType",
    "bytes",
    "elapsedMs",
    "title",
    "links",
    "redirectedTo",
    "errorCode",
    "errorMessage",
    "duplicateOf",
    "notModified",
    "sha256",
];

/// The download of all pages up to `until`.
pub(super) fn download(
    journal: Arc<dyn Journal>,
    channel: ChannelId,
    until: Position,
    format: ResultsFormat,
) -> Response<Body> {
    let reader = Reader {
        journal,
        channel,
        until,
        after: Position(0),
        format,
        begun: false,
    };
    let body = StreamBody::new(stream::unfold(reader, Reader::piece));
    let mut response = Response::new(body.boxed_unsync());
    let (media_type, name) = match format {
        ResultsFormat::Ndjson => ("application/x-ndjson", "ndjson"),
        ResultsFormat::Csv => ("text/csv; charset=utf-8; header=present", "csv"),
    };
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    if let Ok(disposition) =
        HeaderValue::from_str(&format!("attachment; filename=\"crawl-{channel}.{name}\""))
    {
        response
            .headers_mut()
            .insert(CONTENT_DISPOSITION, disposition);
    }
    response
}

struct Reader {
    journal: Arc<dyn Journal>,
    channel: ChannelId,
    /// The head when the download began: it ends there, also while the crawl goes on.
    until: Position,
    after: Position,
    format: ResultsFormat,
    begun: bool,
}

impl Reader {
    async fn piece(mut self) -> Option<(io::Result<Frame<Bytes>>, Self)> {
        if !self.begun {
            self.begun = true;
            if self.format == ResultsFormat::Csv {
                let header = csv_lines(std::iter::once(COLUMNS.map(str::to_owned)));
                return Some((Ok(Frame::data(header)), self));
            }
        }
        while self.after < self.until {
            let stored = match self
                .journal
                .read_whole(self.channel, self.after, READ_BUDGET)
                .await
            {
                Ok(stored) => stored,
                Err(error) => {
                    // The head is out; that the body breaks off is all that can be said.
                    tracing::error!(channel = %self.channel, %error, "a download broke off");
                    return Some((Err(io::Error::other(error)), self));
                }
            };
            let Some(last) = stored.last() else {
                let error = io::Error::other("the record was deleted while it was read");
                tracing::warn!(channel = %self.channel, %error, "a download broke off");
                return Some((Err(error), self));
            };
            self.after = last.position;
            let lines = self.lines(&stored);
            if !lines.is_empty() {
                return Some((Ok(Frame::data(lines)), self));
            }
        }
        None
    }

    fn lines(&self, stored: &[Stored]) -> Bytes {
        let pages = stored
            .iter()
            .filter(|event| event.position <= self.until && event.data.starts_with(PAGE));
        match self.format {
            ResultsFormat::Ndjson => {
                let mut lines = Vec::new();
                for page in pages {
                    lines.extend_from_slice(&page.data);
                    lines.push(b'\n');
                }
                lines.into()
            }
            ResultsFormat::Csv => csv_lines(pages.filter_map(|page| match serde_json::from_slice(
                &page.data,
            ) {
                Ok(Event::Progress(progress)) => Some(row(*progress)),
                _ => None,
            })),
        }
    }
}

/// How the data of a page's event begins.
const PAGE: &[u8] = br#"{"type":"progress""#;

fn row(progress: Progress) -> [String; 17] {
    let Progress {
        at,
        url,
        depth,
        referrer,
        result,
        ..
    } = progress;
    let mut row: [String; 17] = std::array::from_fn(|_| String::new());
    row[0] = at.to_string();
    row[1] = url;
    row[4] = depth.to_string();
    row[5] = referrer.unwrap_or_default();
    match result {
        PageResult::Fetched(page) => {
            row[2] = "fetched".to_owned();
            row[3] = page.status.to_string();
            row[6] = page.content_type.unwrap_or_default();
            row[7] = page.bytes.to_string();
            row[8] = page.elapsed_ms.to_string();
            row[9] = page.title.unwrap_or_default();
            row[10] = page.links.to_string();
            row[11] = page.redirected_to.unwrap_or_default();
            row[14] = page.duplicate_of.unwrap_or_default();
            row[15] = page.not_modified.to_string();
            row[16] = page.sha256.unwrap_or_default();
        }
        PageResult::Failed { error } => {
            row[2] = "failed".to_owned();
            row[3] = error
                .status
                .map(|status| status.to_string())
                .unwrap_or_default();
            row[12] = serde_json::to_value(error.code)
                .ok()
                .and_then(|code| code.as_str().map(str::to_owned))
                .unwrap_or_default();
            row[13] = error.message;
        }
    }
    row
}

fn csv_lines(rows: impl Iterator<Item = [String; 17]>) -> Bytes {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for row in rows {
        let cells = row.map(disarm);
        writer
            .write_record(&cells)
            .expect("a vector takes every record, and all have the same length");
    }
    writer
        .into_inner()
        .expect("a vector takes every byte")
        .into()
}

/// A cell that a spreadsheet would run as a formula is marked as text: its content is a stranger's.
fn disarm(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strangers_title_is_neither_a_formula_nor_a_new_row() {
        let mut row: [String; 17] = std::array::from_fn(|_| String::new());
        row[0] = "=1+1".to_owned();
        row[1] = "a,\"b\"\r\nc".to_owned();
        let lines = csv_lines(std::iter::once(row));
        assert_eq!(
            lines,
            Bytes::from("'=1+1,\"a,\"\"b\"\"\r\nc\",,,,,,,,,,,,,,,\r\n")
        );
    }
}
