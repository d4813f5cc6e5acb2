//! The time that a client may take over HTTP/1.1, in each thing that it does.
//!
//! It owns the record of one connection's progress and the timer over it. The HTTP server has one limit, which starts
//! with the end of the last answer; here a connection that idles between requests, the head of a request that has
//! begun, and an answer that nobody reads have one each. It refuses to know what is asked or answered.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::answer::Body;
use crate::connection::STALL_WHILE_STOPPING;

/// Limits on one connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct PaceConfig {
    /// From the end of an answer to the first byte of the next request.
    pub(super) idle: Duration,
    /// From the first byte of a request to the end of its head.
    pub(super) head: Duration,
    /// While bytes of an answer wait and the socket takes none.
    pub(super) stall: Duration,
}

/// Progress of one connection. Shared by its [`Paced`] socket, its answers and its timer, all in one task.
pub(super) struct Pace {
    config: PaceConfig,
    progress: Mutex<Progress>,
}

struct Progress {
    phase: Phase,
    /// Set while the socket refuses bytes.
    blocked_since: Option<Instant>,
    stopping: bool,
}

enum Phase {
    Idle { since: Instant },
    Head { since: Instant },
    Answering,
}

/// The limit that a client exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Late {
    /// It asked nothing more.
    Idle,
    /// It began a request and did not end its head.
    Head,
    /// It did not read its answer.
    Stalled,
}

impl Pace {
    pub(super) fn new(config: PaceConfig) -> Arc<Self> {
        let progress = Progress {
            phase: Phase::Idle {
                since: Instant::now(),
            },
            blocked_since: None,
            stopping: false,
        };
        Arc::new(Self {
            config,
            progress: Mutex::new(progress),
        })
    }

    /// Notes that a request's head is whole. The answer is being given until the returned guard is dropped.
    pub(super) fn answering(self: &Arc<Self>) -> Answering {
        self.progress.lock().phase = Phase::Answering;
        Answering(self.clone())
    }

    /// Notes that the worker stops: from now on an answer may be blocked for five seconds at most.
    pub(super) fn stopping(&self) {
        self.progress.lock().stopping = true;
    }

    fn has_read(&self) {
        let mut progress = self.progress.lock();
        if matches!(progress.phase, Phase::Idle { .. }) {
            progress.phase = Phase::Head {
                since: Instant::now(),
            };
        }
    }

    fn has_written(&self, written: bool) {
        let mut progress = self.progress.lock();
        progress.blocked_since = match progress.blocked_since {
            _ if written => None,
            None => Some(Instant::now()),
            since => since,
        };
    }

    fn deadline(&self) -> Option<(Instant, Late)> {
        let progress = self.progress.lock();
        let asking = match progress.phase {
            Phase::Idle { since } => Some((since + self.config.idle, Late::Idle)),
            Phase::Head { since } => Some((since + self.config.head, Late::Head)),
            Phase::Answering => None,
        };
        let stall = match progress.stopping {
            true => self.config.stall.min(STALL_WHILE_STOPPING),
            false => self.config.stall,
        };
        let reading = progress
            .blocked_since
            .map(|since| (since + stall, Late::Stalled));
        asking
            .into_iter()
            .chain(reading)
            .min_by_key(|(at, _late)| *at)
    }
}

/// Held while an answer is given.
pub(super) struct Answering(Arc<Pace>);

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.progress.lock().phase = Phase::Idle {
            since: Instant::now(),
        };
    }
}

/// Fires when a connection's client takes too long. To be polled after each poll of the connection, which is what moves
/// its deadline.
pub(super) struct PaceTimer {
    pace: Arc<Pace>,
    sleep: Pin<Box<Sleep>>,
}

impl PaceTimer {
    pub(super) fn new(pace: Arc<Pace>) -> Self {
        Self {
            pace,
            sleep: Box::pin(sleep_until(Instant::now())),
        }
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Late> {
        let Some((at, late)) = self.pace.deadline() else {
            return Poll::Pending;
        };
        if self.sleep.deadline() != at {
            self.sleep.as_mut().reset(at);
        }
        self.sleep.as_mut().poll(cx).map(|()| late)
    }
}

/// A socket that notes when it is read from, and for how long it refuses bytes.
pub(super) struct Paced<S> {
    socket: S,
    pace: Arc<Pace>,
}

impl<S> Paced<S> {
    pub(super) const fn new(socket: S, pace: Arc<Pace>) -> Self {
        Self { socket, pace }
    }

    pub(super) fn into_inner(self) -> S {
        self.socket
    }

    fn note<T>(&self, wrote: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        self.pace.has_written(wrote.is_ready());
        wrote
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.socket).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            self.pace.has_read();
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.socket).poll_write(cx, bytes);
        self.note(wrote)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.socket).poll_write_vectored(cx, slices);
        self.note(wrote)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}

/// A body that counts as being given until the HTTP server drops it.
pub(super) struct PacedBody {
    body: Body,
    _answering: Answering,
}

impl PacedBody {
    pub(super) const fn new(body: Body, answering: Answering) -> Self {
        Self {
            body,
            _answering: answering,
        }
    }
}

impl hyper::body::Body for PacedBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests;
