//! A watcher over HTTP/2: a body that the HTTP server sends, and a task that fills it.
//!
//! Many streams share one socket here, so the server must write them. The task hands over one piece at a time and waits
//! until it is taken; one that is not taken in good time ends the stream. Only the end of a job ends the body; every
//! other stream breaks off (`RST_STREAM`), also when the task itself fails.

use std::io;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::stream;
use http_body_util::StreamBody;
use hyper::body::Frame;
use shared::sse;
use tokio::sync::mpsc;
use tokio::time::{timeout, timeout_at};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::opening::Welcome;
use super::subscription::{Delivery, Subscription};
use crate::channel::Close;

/// Pieces that wait between the task and the server at most.
const PIECES: usize = 1;

enum Piece {
    /// More of the stream.
    More(Bytes),
    /// The last frame of a stream that has not ended.
    Bye(Bytes),
    /// The job has ended.
    End,
}

/// The body of the answer, and the task that fills it.
pub fn split(
    welcome: Welcome,
) -> (
    impl hyper::body::Body<Data = Bytes, Error = io::Error> + Send + 'static,
    impl Future<Output = ()> + Send,
) {
    let Welcome {
        greeting,
        subscription,
    } = welcome;
    let (pieces, taken) = mpsc::channel(PIECES);
    let stall = subscription.config().stall;
    let body = stream::unfold(Filled::Open { taken, stall }, Filled::next);
    (
        StreamBody::new(body),
        Filler {
            pieces,
            subscription,
        }
        .run(greeting),
    )
}

/// A body of one `bye`, which breaks off after it: its reader must come back.
///
/// `stall` is how long the reader may take for it.
pub fn bye(
    bytes: Bytes,
    stall: Duration,
) -> impl hyper::body::Body<Data = Bytes, Error = io::Error> + Send + 'static {
    StreamBody::new(stream::unfold(Filled::Bye { bytes, stall }, Filled::next))
}

/// A body as the server sees it.
enum Filled {
    Open {
        taken: mpsc::Receiver<Piece>,
        stall: Duration,
    },
    Bye {
        bytes: Bytes,
        stall: Duration,
    },
    /// `bye` is on its way.
    Parting {
        written: CancellationToken,
        stall: Duration,
    },
    Over,
}

impl Filled {
    async fn next(self) -> Option<(io::Result<Frame<Bytes>>, Self)> {
        match self {
            Self::Open { mut taken, stall } => match taken.recv().await {
                Some(Piece::More(bytes)) => {
                    Some((Ok(Frame::data(bytes)), Self::Open { taken, stall }))
                }
                Some(Piece::Bye(bytes)) => Some(Self::part(bytes, stall)),
                Some(Piece::End) => None,
                None => Some((Err(cut()), Self::Over)),
            },
            Self::Bye { bytes, stall } => Some(Self::part(bytes, stall)),
            Self::Parting { written, stall } => {
                // A reset overtakes what still waits to be written. One that takes nothing loses the frame: it is
                // advice only.
                let _written = timeout(stall, written.cancelled()).await;
                Some((Err(cut()), Self::Over))
            }
            Self::Over => None,
        }
    }

    fn part(bytes: Bytes, stall: Duration) -> (io::Result<Frame<Bytes>>, Self) {
        let written = CancellationToken::new();
        let watched = Bytes::from_owner(Watched {
            bytes,
            _written: written.clone().drop_guard(),
        });
        (Ok(Frame::data(watched)), Self::Parting { written, stall })
    }
}

/// Bytes that tell when the server has written them: it drops them then.
struct Watched {
    bytes: Bytes,
    _written: DropGuard,
}

impl AsRef<[u8]> for Watched {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Makes the server reset the stream.
fn cut() -> io::Error {
    io::Error::other("the stream breaks off before the end of its job")
}

struct Filler {
    /// Closed by the server when the watcher has left.
    pieces: mpsc::Sender<Piece>,
    subscription: Subscription,
}

impl Filler {
    async fn run(mut self, greeting: Bytes) {
        let close = match self.more(greeting).await {
            Ok(()) => self.stream().await,
            Err(close) => close,
        };
        self.subscription.metrics().closed(close);
    }

    async fn stream(&mut self) -> Close {
        loop {
            // Both arms are cancel-safe: `next` moves nothing until it is told what was sent.
            let delivery = tokio::select! {
                delivery = self.subscription.next() => delivery,
                () = self.pieces.closed() => return Close::Left,
            };
            match self.deliver(delivery).await {
                Ok(None) => {}
                Ok(Some(close)) | Err(close) => return close,
            }
        }
    }

    async fn deliver(&mut self, delivery: Delivery) -> Result<Option<Close>, Close> {
        match delivery {
            Delivery::Aside(bytes) => self.more(bytes).await.map(|()| None),
            Delivery::Frames { frames, .. } => {
                let (last, count) = (frames.last().map(|frame| frame.id), frames.len());
                self.more(joined(frames)).await?;
                self.subscription.metrics().frames.inc_by(count as u64);
                self.subscription.sent(last, 0);
                Ok(None)
            }
            Delivery::Heartbeat => {
                self.subscription.metrics().heartbeats.inc();
                self.more(Bytes::from_static(sse::HEARTBEAT))
                    .await
                    .map(|()| None)
            }
            Delivery::Bye(bytes, close) => {
                let size = bytes.len();
                self.hand_over(Piece::Bye(bytes), size)
                    .await
                    .map(|()| Some(close))
            }
            Delivery::End(Close::Ended) => self
                .hand_over(Piece::End, 0)
                .await
                .map(|()| Some(Close::Ended)),
            Delivery::End(close) => Ok(Some(close)),
        }
    }

    async fn more(&mut self, bytes: Bytes) -> Result<(), Close> {
        let size = bytes.len();
        self.hand_over(Piece::More(bytes), size).await
    }

    async fn hand_over(&mut self, piece: Piece, size: usize) -> Result<(), Close> {
        match timeout_at(self.subscription.stalls_at(), self.pieces.send(piece)).await {
            Ok(Ok(())) => {
                self.subscription.metrics().bytes.inc_by(size as u64);
                self.subscription.wrote();
                Ok(())
            }
            Ok(Err(_gone)) => Err(Close::Left),
            Err(_elapsed) => Err(Close::Slow),
        }
    }
}

/// All frames of one read as one piece: handing each over would cost more than copying them. A single frame stays shared.
fn joined(mut frames: Vec<shared::Frame>) -> Bytes {
    if let [only] = frames.as_mut_slice() {
        return std::mem::take(&mut only.bytes);
    }
    let size = frames.iter().map(|frame| frame.bytes.len()).sum();
    let mut piece = BytesMut::with_capacity(size);
    for frame in &frames {
        piece.extend_from_slice(&frame.bytes);
    }
    piece.freeze()
}
