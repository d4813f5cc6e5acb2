//! A body as it arrives, within its deadlines and its budget.

use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};
use tokio::task::yield_now;
use tokio::time::{Instant, timeout_at};

use super::FetchError;
use super::exchange::AnswerBody;
use super::failure::{stalled, timed_out, too_large, translate_body};

/// A body in pieces. It ends after the first error; dropping it ends the request.
pub(super) type Chunks = BoxStream<'static, Result<Bytes, FetchError>>;

/// Bytes of a decoded chunk at most: what a bomb may burst into at once.
pub(super) const DECODED_CHUNK: usize = 16 * 1024;

/// Bytes after which others get their turn: a decoder can go on for long without waiting for the network.
const TURN: usize = 64 * 1024;

/// The body as the server sends it, while it is never silent for `idle` and until `deadline`.
pub(super) fn punctual(body: AnswerBody, deadline: Instant, idle: Duration) -> Chunks {
    stream::try_unfold(body, move |mut body| async move {
        let until = deadline.min(Instant::now() + idle);
        match timeout_at(until, body.try_next()).await {
            Ok(Ok(chunk)) => Ok(chunk.map(|chunk| (chunk, body))),
            Ok(Err(error)) => Err(translate_body(&error)),
            Err(_elapsed) if until == deadline => Err(timed_out()),
            Err(_elapsed) => Err(stalled()),
        }
    })
    .boxed()
}

/// A body of `limit` bytes at most: one that goes on is an error.
pub(super) fn bounded(chunks: Chunks, limit: u64) -> Chunks {
    let body = Body {
        chunks,
        limit,
        left: limit,
        turn: 0,
    };
    stream::try_unfold(body, |mut body| async move {
        let chunk = body.next().await?;
        Ok(chunk.map(|chunk| (chunk, body)))
    })
    .boxed()
}

struct Body {
    chunks: Chunks,
    limit: u64,
    /// Bytes that may still come.
    left: u64,
    /// Bytes since others had their turn.
    turn: usize,
}

impl Body {
    async fn next(&mut self) -> Result<Option<Bytes>, FetchError> {
        if self.turn >= TURN {
            self.turn = 0;
            yield_now().await;
        }
        let Some(chunk) = self.chunks.try_next().await? else {
            return Ok(None);
        };
        self.turn += chunk.len();
        let left = self.left.checked_sub(chunk.len() as u64);
        self.left = left.ok_or_else(|| too_large(self.limit))?;
        Ok(Some(chunk))
    }
}
