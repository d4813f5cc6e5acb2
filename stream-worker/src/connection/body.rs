//! A watcher over HTTP/2: a body that the HTTP server sends, and a task that fills it.
//!
//! Many streams share one socket here, so the server must write them. The task hands over one piece at a time and waits
//! until it is taken; one that is not taken in good time ends the stream.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::stream;
use http_body_util::StreamBody;
use hyper::body::Frame;
use shared::sse;
use tokio::sync::mpsc;
use tokio::time::timeout_at;

use super::subscription::{Delivery, Subscription};
use crate::channel::Close;

/// Pieces that wait between the task and the server at most.
const PIECES: usize = 1;

/// The body of the answer, and the task that fills it.
pub fn split(
    subscription: Subscription,
) -> (
    impl hyper::body::Body<Data = Bytes, Error = Infallible> + Send + 'static,
    impl Future<Output = ()> + Send,
) {
    let (pieces, taken) = mpsc::channel(PIECES);
    let body = stream::unfold(taken, async |mut taken: mpsc::Receiver<Bytes>| {
        let piece = taken.recv().await?;
        Some((Ok(Frame::data(piece)), taken))
    });
    (
        StreamBody::new(body),
        Filler {
            pieces,
            subscription,
        }
        .run(),
    )
}

struct Filler {
    /// Closed by the server when the watcher has left.
    pieces: mpsc::Sender<Bytes>,
    subscription: Subscription,
}

impl Filler {
    async fn run(mut self) {
        let close = loop {
            // Both arms are cancel-safe: `next` moves nothing until it is told what was sent.
            let delivery = tokio::select! {
                delivery = self.subscription.next() => delivery,
                () = self.pieces.closed() => break Close::Left,
            };
            match self.deliver(delivery).await {
                Ok(None) => {}
                Ok(Some(close)) | Err(close) => break close,
            }
        };
        self.subscription.metrics().closed(close);
    }

    async fn deliver(&mut self, delivery: Delivery) -> Result<Option<Close>, Close> {
        match delivery {
            Delivery::Greeting(bytes) => self.hand_over(bytes).await.map(|()| None),
            Delivery::Frames { frames, .. } => {
                for frame in frames {
                    self.hand_over(frame.bytes).await?;
                    self.subscription.metrics().frames.inc();
                    self.subscription.sent(Some(frame.id), 0);
                }
                Ok(None)
            }
            Delivery::Heartbeat => {
                self.subscription.metrics().heartbeats.inc();
                self.hand_over(Bytes::from_static(sse::HEARTBEAT))
                    .await
                    .map(|()| None)
            }
            Delivery::Bye(bytes, close) => self.hand_over(bytes).await.map(|()| Some(close)),
            Delivery::End(close) => Ok(Some(close)),
        }
    }

    async fn hand_over(&mut self, piece: Bytes) -> Result<(), Close> {
        let size = piece.len() as u64;
        match timeout_at(self.subscription.stalls_at(), self.pieces.send(piece)).await {
            Ok(Ok(())) => {
                self.subscription.metrics().bytes.inc_by(size);
                self.subscription.wrote();
                Ok(())
            }
            Ok(Err(_gone)) => Err(Close::Left),
            Err(_elapsed) => Err(Close::Slow),
        }
    }
}
