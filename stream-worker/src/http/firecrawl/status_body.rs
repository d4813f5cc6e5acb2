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
