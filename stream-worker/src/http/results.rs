//! A job's pages as one download, read from the journal a piece at a time.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderValue, Response};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use shared::answer::NO_STORE;
use shared::{ChannelId, Position};
use store::journal::{Journal, LogReader, Stored};

use super::answer::Body;
use crate::export::{self, ByteOrderMark, ResultsFormat};

/// Bytes read from the journal at a time.
const READ_BUDGET: usize = 256 * 1024;

/// The download of all pages up to `until`.
pub(super) fn download(
    journal: Arc<dyn Journal>,
    channel: ChannelId,
    until: Position,
    format: ResultsFormat,
    mark: ByteOrderMark,
) -> Response<Body> {
    let reader = Reader {
        log: LogReader::new(journal, channel, READ_BUDGET),
        channel,
        until,
        format,
        mark,
        begun: false,
    };
    let body = StreamBody::new(stream::unfold(reader, Reader::piece));
    let mut response = Response::new(body.boxed_unsync());
    response.headers_mut().insert(CACHE_CONTROL, NO_STORE);
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
    /// The head when the download began: it ends there, also while the crawl goes on.
    until: Position,
    format: ResultsFormat,
    mark: ByteOrderMark,
    begun: bool,
}

impl Reader {
    async fn piece(mut self) -> Option<(io::Result<Frame<Bytes>>, Self)> {
        if !self.begun {
            self.begun = true;
            if self.format == ResultsFormat::Csv {
                let header = export::csv_header(self.mark);
                return Some((Ok(Frame::data(header)), self));
            }
        }
        while self.log.last().position < self.until {
            let stored = match self.log.whole_events().await {
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

    fn lines(&self, stored: &[Stored]) -> Bytes {
        let promised = stored
            .iter()
            .filter(|event| event.id.position <= self.until);
        export::lines(self.format, promised.map(|event| &event.data))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
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
        let (channel, until) = (ChannelId::mint(), Position(5));

        let journal: Arc<dyn Journal> = Arc::new(journal);
        let answer = download(journal, channel, until, format, ByteOrderMark::Absent);

        let read = answer.into_body().collect().await;
        assert!(read.is_err(), "five events were promised, and none came");
    }
}
