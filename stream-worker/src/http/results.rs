//! A job's pages, or a part of its record, as one download, read from the journal a piece at a time.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Response};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use shared::answer::NO_STORE;
use shared::{ChannelId, EventId};
use store::journal::{Journal, JournalError, LogReader, Stored};

use super::answer::Body;
use crate::export::{self, ByteOrderMark, ResultsFormat, Selection};

/// Bytes read from the journal at a time.
const READ_BUDGET: usize = 256 * 1024;

/// Name of the header that says how far a download goes: the cursor for the next one.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// The part of a job's log that a download has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// The event after which the download begins.
    pub(super) after: EventId,
    /// The head when it begins: it ends there, also while the crawl goes on.
    pub(super) until: EventId,
    pub(super) selection: Selection,
    pub(super) format: ResultsFormat,
    pub(super) mark: ByteOrderMark,
}

/// The download of what is wanted.
pub(super) fn download(
    journal: Arc<dyn Journal>,
    channel: ChannelId,
    wanted: Wanted,
) -> Response<Body> {
    let Wanted { until, format, .. } = wanted;
    let reader = Reader {
        log: LogReader::new(journal, channel, READ_BUDGET).after(wanted.after),
        channel,
        wanted,
        begun: false,
    };
    let body = StreamBody::new(stream::unfold(reader, Reader::piece));
    let mut response = Response::new(body.boxed_unsync());
    response.headers_mut().insert(CACHE_CONTROL, NO_STORE);
    if let Ok(until) = HeaderValue::from_str(&until.to_string()) {
        response.headers_mut().insert(LAST_EVENT_ID, until);
    }
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
    log: LogReader,
    channel: ChannelId,
    wanted: Wanted,
    begun: bool,
}

impl Reader {
    async fn piece(mut self) -> Option<(io::Result<Frame<Bytes>>, Self)> {
        if !self.begun {
            self.begun = true;
            if self.wanted.format == ResultsFormat::Csv {
                let header = export::csv_header(self.wanted.mark);
                return Some((Ok(Frame::data(header)), self));
            }
        }
        while self.log.last().position < self.wanted.until.position {
            let stored = match self.events().await {
                Ok(stored) => stored,
                Err(error) => {
                    // The head is out; that the body breaks off is all that can be said.
                    tracing::error!(channel = %self.channel, %error, "a download broke off");
                    return Some((Err(io::Error::other(error)), self));
                }
            };
            if stored.is_empty() {
                let error = io::Error::other("the record was deleted while it was read");
                tracing::warn!(channel = %self.channel, %error, "a download broke off");
                return Some((Err(error), self));
            }
            let lines = self.lines(&stored);
            if !lines.is_empty() {
                return Some((Ok(Frame::data(lines)), self));
            }
        }
        None
    }

    /// The next events: without the formats of pages where no line has any.
    async fn events(&mut self) -> Result<Vec<Stored>, JournalError> {
        if self.wanted.selection.has_formats() {
            self.log.whole_events().await
        } else {
            self.log.gists().await
        }
    }

    fn lines(&self, stored: &[Stored]) -> Bytes {
        let Wanted {
            until,
            selection,
            format,
            ..
        } = self.wanted;
        let promised = stored
            .iter()
            .filter(|event| event.id.position <= until.position);
        export::lines(format, selection, promised.map(|event| &event.data))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use shared::{Attempt, Position};
    use store::journal::{EmbeddedConfig, EmbeddedJournal};
    use store::sqlite::{DataDir, unobserved};

    use super::*;
    use crate::runtime_clock::runtime_clock;

    #[rstest]
    #[case(ResultsFormat::Ndjson)]
    #[case(ResultsFormat::Csv)]
    #[tokio::test]
    async fn a_record_that_is_deleted_while_it_is_read_breaks_the_download_off(
        #[case] format: ResultsFormat,
    ) {
        let directory = tempfile::tempdir().unwrap();
        let data = DataDir::open(directory.path()).unwrap();
        let config = EmbeddedConfig::default();
        let journal = EmbeddedJournal::open(&data, config, runtime_clock(), unobserved()).unwrap();
        let wanted = Wanted {
            after: EventId::START,
            until: EventId::new(Attempt(1), Position(5)),
            selection: Selection::Pages,
            format,
            mark: ByteOrderMark::Absent,
        };

        let journal: Arc<dyn Journal> = Arc::new(journal);
        let answer = download(journal, ChannelId::mint(), wanted);

        let read = answer.into_body().collect().await;
        assert!(read.is_err(), "five events were promised, and none came");
    }
}
