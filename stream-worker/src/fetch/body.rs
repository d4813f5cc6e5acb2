//! A body as it arrives, within its budget and its deadlines.

use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use tokio::time::{Instant, timeout_at};

use super::FetchError;
use super::failure::{stalled, timed_out, too_large, translate};

type Chunks = Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send>>;

struct Body {
    chunks: Chunks,
    /// Bytes that may still come.
    left: u64,
    limit: u64,
    /// When the whole must be here.
    deadline: Instant,
    /// How long the server may send nothing.
    idle: Duration,
}

/// The decoded body of `response`. It ends after the first error; dropping it ends the request.
pub(super) fn bounded(
    response: reqwest::Response,
    limit: u64,
    deadline: Instant,
    idle: Duration,
) -> BoxStream<'static, Result<Bytes, FetchError>> {
    let body = Body {
        chunks: Box::pin(response.bytes_stream()),
        left: limit,
        limit,
        deadline,
        idle,
    };
    stream::unfold(Some(body), |body| async {
        let mut body = body?;
        match body.next().await {
            None => None,
            Some(Ok(chunk)) => Some((Ok(chunk), Some(body))),
            Some(Err(error)) => Some((Err(error), None)),
        }
    })
    .boxed()
}

impl Body {
    async fn next(&mut self) -> Option<Result<Bytes, FetchError>> {
        let until = self.deadline.min(Instant::now() + self.idle);
        let Ok(chunk) = timeout_at(until, self.chunks.next()).await else {
            let is_late = Instant::now() >= self.deadline;
            return Some(Err(if is_late { timed_out() } else { stalled() }));
        };
        match chunk? {
            Ok(chunk) => Some(self.take(chunk)),
            Err(error) => Some(Err(translate(&error))),
        }
    }

    fn take(&mut self, chunk: Bytes) -> Result<Bytes, FetchError> {
        match self.left.checked_sub(chunk.len() as u64) {
            Some(left) => {
                self.left = left;
                Ok(chunk)
            }
            None => Err(too_large(self.limit)),
        }
    }
}
