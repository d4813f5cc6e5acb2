//! A job's status with a page of its documents, written while the page is read: however large it is, a piece of it is in memory.

use std::io;

use bytes::Bytes;
use futures_util::stream;
use http::{Response, StatusCode};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use serde_json::Value;
use shared::{ChannelId, EventId};
use store::journal::JournalError;

use super::documents::Documents;
use crate::firecrawl::JobStatus;
use crate::http::answer::{Body, bytes};

/// The URLs of a job's pages of documents.
pub(super) struct PageUrls {
    /// Up to the query.
    pub(super) base: String,
    /// End of each query: the limit and the token of the first request.
    pub(super) rest: String,
}

impl PageUrls {
    fn url(&self, skip: u64, cursor: EventId) -> String {
        let Self { base, rest } = self;
        format!("{base}?skip={skip}&cursor={cursor}{rest}")
    }
}

struct StatusBody {
    channel: ChannelId,
    documents: Documents,
    urls: PageUrls,
    /// Written next; none after the last byte.
    ahead: Option<Bytes>,
    /// True once `ahead` ends the body.
    is_last: bool,
}

/// The answer. `status` has no documents; those of `documents` take their place, and the URL of the page after them follows.
///
/// # Errors
/// Those of the first piece. Later ones break the body off.
pub(super) async fn answer(
    status: &JobStatus,
    channel: ChannelId,
    mut documents: Documents,
    urls: PageUrls,
) -> Result<Response<Body>, JournalError> {
    let first = documents.piece().await?;
    let mut head = serde_json::to_vec(status).expect("a status serialises: it has no maps");
    // Its last field is the empty list of documents.
    head.truncate(head.len() - "]}".len());
    head.extend_from_slice(&first);
    let body = StatusBody {
        channel,
        documents,
        urls,
        ahead: Some(head.into()),
        is_last: false,
    };
    let body = StreamBody::new(stream::unfold(body, StatusBody::piece)).boxed_unsync();
    Ok(bytes(StatusCode::OK, "application/json", Bytes::new()).map(|_empty| body))
}

impl StatusBody {
    async fn piece(mut self) -> Option<(io::Result<Frame<Bytes>>, Self)> {
        let piece = self.ahead.take()?;
        if !self.is_last {
            match self.documents.piece().await {
                Ok(next) if next.is_empty() => {
                    self.is_last = true;
                    self.ahead = Some(self.end());
                }
                Ok(next) => self.ahead = Some(next),
                Err(error) => {
                    // The head is out; that the body breaks off is all that can be said.
                    tracing::error!(channel = %self.channel, %error, "a status broke off");
                    return Some((Err(io::Error::other(error)), self));
                }
            }
        }
        Some((Ok(Frame::data(piece)), self))
    }

    fn end(&self) -> Bytes {
        match self.documents.next() {
            None => Bytes::from_static(b"]}"),
            Some((skip, cursor)) => {
                let next = Value::from(self.urls.url(skip, cursor));
                format!("],\"next\":{next}}}").into()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use shared::event::{Fetched, PageResult, Progress};
    use shared::queue_message::VERSION;
    use shared::{Counts, CrawlRequest, Event, JobMessage, Position, Timestamp};
    use store::journal::{Acquired, EmbeddedConfig, EmbeddedJournal, Journal, LogWriter};
    use store::sqlite::{DataDir, unobserved};

    use super::*;
    use crate::firecrawl::StatusWord;
    use crate::http::firecrawl::documents::{PageLength, Wanted};
    use crate::runtime_clock::runtime_clock;

    const AT: Timestamp = Timestamp::from_millis(0);

    /// A job with the pages `/1` and `/2`.
    async fn job_of_two_pages(journal: &Arc<dyn Journal>) -> ChannelId {
        let channel = ChannelId::mint();
        let job = JobMessage {
            version: VERSION,
            channel_id: channel,
            tenant: "anonymous".into(),
            submitted_at: AT,
            expires_at: AT,
            request: CrawlRequest::parse(br#"{"url":"https://a.example"}"#).unwrap(),
            sealed: None,
        };
        let lease = Duration::from_secs(60);
        let acquired = journal.acquire(&job, "worker", lease).await.unwrap();
        let Acquired::Fresh(lease, _) = acquired else {
            panic!("a new job is fresh: {acquired:?}");
        };
        let page = |number| {
            Event::Progress(Box::new(Progress {
                at: AT,
                url: format!("https://a.example/{number}"),
                depth: 0,
                referrer: None,
                result: PageResult::Fetched(Box::new(Fetched {
                    status: 200,
                    ..Fetched::default()
                })),
                counts: Counts::default(),
                percent: 0,
            }))
        };
        let mut writer = LogWriter::new(journal.clone(), lease, EventId::START);
        let pages = [page(1), page(2)];
        let append = writer.append(&pages, Vec::new(), Vec::new(), Counts::default());
        append.await.unwrap();
        channel
    }

    /// The status of that job, of whose log so much is said to be there.
    async fn read(until: u64) -> (Vec<u8>, bool) {
        let directory = tempfile::tempdir().unwrap();
        let data = DataDir::open(directory.path()).unwrap();
        let config = EmbeddedConfig::default();
        let journal = EmbeddedJournal::open(&data, config, runtime_clock(), unobserved()).unwrap();
        let journal: Arc<dyn Journal> = Arc::new(journal);
        let channel = job_of_two_pages(&journal).await;
        let wanted = Wanted {
            after: EventId::START,
            skip: 0,
            length: PageLength::FIRST,
            until: Position(until),
            total: until,
        };
        let documents = Documents::begin(journal, channel, wanted).await.unwrap();
        let urls = PageUrls {
            base: "https://crawlcast.example/v2/crawl/1".into(),
            rest: String::new(),
        };
        let status = JobStatus::new(StatusWord::Completed, &Counts::default(), AT);
        let answer = answer(&status, channel, documents, urls).await.unwrap();
        let (mut body, mut bytes) = (answer.into_body(), Vec::new());
        while let Some(frame) = body.frame().await {
            match frame {
                Ok(frame) => bytes.extend_from_slice(&frame.into_data().unwrap()),
                Err(_broken) => return (bytes, false),
            }
        }
        (bytes, true)
    }

    #[tokio::test]
    async fn a_whole_status_is_json() {
        let (bytes, is_whole) = read(2).await;
        let status: Value = serde_json::from_slice(&bytes).unwrap();
        assert!(is_whole);
        assert_eq!(status["data"].as_array().unwrap().len(), 2);
        assert_eq!(status.get("next"), None);
    }

    #[tokio::test]
    async fn a_status_whose_record_is_deleted_meanwhile_breaks_off() {
        let (bytes, is_whole) = read(3).await;
        assert!(!is_whole, "three events were promised, and two came");
        assert!(serde_json::from_slice::<Value>(&bytes).is_err());
    }
}
