//! A watcher over HTTP/1.1: its socket, taken out of the HTTP server, and one small task.
//!
//! The server's buffers are gone, so that an idle watcher costs little more than its socket. Every byte of the answer is
//! written here. Over HTTP/1.1 the body is chunked, and its last chunk comes only after the terminal event: a client can
//! tell the end of the job from a stream that was cut. After it the socket goes back to the HTTP server, since the client, or
//! the proxy in between, may ask again on it. Over HTTP/1.0, which has no chunks, the body ends with the socket.

use std::future::{poll_fn, ready};
use std::io;
use std::net::Shutdown;
use std::task::{Context, Waker};
use std::time::Duration;

use bytes::{Buf, Bytes};
use futures_util::future::Either;
use socket2::SockRef;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout, timeout_at};

use super::batch::Batch;
use super::chunks::{Chunks, Delimiter};
use super::inbound::{Inbound, InboundEvent, reset};
use super::opening::Welcome;
use super::subscription::{Delivery, Subscription};
use crate::channel::Close;

/// Longest time that a blocked watcher keeps frames that were read for it alone. After that it reads them again.
const HOLD: Duration = Duration::from_secs(1);

/// Writes `head` and the greeting, then the subscription's stream, until it ends or the watcher leaves. Returns the socket if
/// more requests may come on it: after the last chunk.
///
/// `delimiter` is what the head promises. `place` is dropped when the socket is closed. Not an `async fn`, which would keep
/// its arguments twice: ten thousand of these wait at the same time.
pub fn run<P: Send>(
    socket: TcpStream,
    head: &[u8],
    delimiter: Delimiter,
    welcome: Welcome,
    place: P,
) -> impl Future<Output = Option<(TcpStream, P)>> + Send + use<P> {
    forget_former_task(&socket);
    let Welcome {
        greeting,
        mut subscription,
    } = welcome;
    let greeting = Chunks::new(delimiter).whole(greeting);
    // Boxed, so that the stream does not carry the room for it to its end.
    let begin = Box::new(Outgoing::Own([head, &greeting].concat().into()));
    async move {
        let mut writer = Writer {
            socket: &socket,
            subscription: &mut subscription,
            chunks: Chunks::new(delimiter),
        };
        let close = match writer.write(*begin).await {
            Ok(()) => writer.stream().await,
            Err(close) => close,
        };
        subscription.metrics().closed(close);
        // The watcher's place in its channel is given back by dropping the subscription.
        drop(subscription);
        if close == Close::Ended && delimiter == Delimiter::LastChunk {
            return Some((socket, place));
        }
        // Fails only if the watcher has just left.
        let _shut = SockRef::from(&socket).shutdown(Shutdown::Write);
        drop(socket);
        drop(place);
        None
    }
}

/// Writes `head` and one `bye`, and closes: the watcher cannot stay, and sees that this was not the end of its job.
///
/// `stall` is how long it may take for it; `place` is dropped when the socket is closed.
pub async fn turn_away(
    mut socket: TcpStream,
    head: Bytes,
    delimiter: Delimiter,
    bye: Bytes,
    stall: Duration,
    place: impl Send,
) {
    let bytes = [head, Chunks::new(delimiter).whole(bye)].concat();
    // Fails if the watcher leaves meanwhile, or does not read.
    let _written = timeout(stall, socket.write_all(&bytes)).await;
    let _shut = SockRef::from(&socket).shutdown(Shutdown::Write);
    drop(socket);
    drop(place);
}

/// The socket still holds the waker of the task that read the request, and with it that task's memory.
fn forget_former_task(socket: &TcpStream) {
    // The readiness itself is of no interest here.
    let _readiness = socket.poll_read_ready(&mut Context::from_waker(Waker::noop()));
}

struct Writer<'a> {
    socket: &'a TcpStream,
    subscription: &'a mut Subscription,
    chunks: Chunks,
}

/// Bytes on their way to the socket.
enum Outgoing {
    /// In no log, and so kept until they are out: they cannot be read again.
    Own(Bytes),
    /// Frames of the log; `held` is true if they were read for this watcher alone.
    Log { batch: Batch, held: bool },
}

impl<'watcher> Writer<'watcher> {
    async fn stream(&mut self) -> Close {
        let mut inbound = Inbound::new();
        let socket: &'watcher TcpStream = self.socket;
        loop {
            // Both arms are cancel-safe: `next` moves nothing until it is told what was sent, and `inbound` only discards.
            let delivery = tokio::select! {
                biased;
                delivery = self.subscription.next() => delivery,
                event = poll_fn(|cx| inbound.poll(socket, cx)) => match event {
                    // The rest of the frame finds out as well.
                    InboundEvent::Finished if self.subscription.is_amid() => continue,
                    // A client that has left answers this with a reset.
                    InboundEvent::Finished => Delivery::Heartbeat,
                    InboundEvent::Gone => return Close::Left,
                },
            };
            let (outgoing, last) = self.outgoing(delivery);
            if let Some(close) = self.write(outgoing).await.err().or(last) {
                return close;
            }
        }
    }

    /// The bytes of one delivery, and why the stream ends after them, if it does.
    fn outgoing(&self, delivery: Delivery) -> (Outgoing, Option<Close>) {
        match delivery {
            Delivery::Aside(bytes) => (Outgoing::Own(self.chunks.whole(bytes)), None),
            Delivery::Frames { frames, skip, held } => {
                let batch = Batch::new(frames, skip);
                (Outgoing::Log { batch, held }, None)
            }
            Delivery::Heartbeat => {
                self.subscription.metrics().heartbeats.inc();
                let heartbeat = Bytes::from_static(self.chunks.heartbeat());
                (Outgoing::Own(heartbeat), None)
            }
            Delivery::Bye(bytes, close) => (Outgoing::Own(self.chunks.whole(bytes)), Some(close)),
            Delivery::End(Close::Ended) => {
                let last = Bytes::from_static(self.chunks.last());
                (Outgoing::Own(last), Some(Close::Ended))
            }
            Delivery::End(close) => (Outgoing::Own(Bytes::new()), Some(close)),
        }
    }

    /// Writes what the socket takes at once, and then waits for it with the rest. Boxed from there on, so that a watcher that
    /// keeps up does not carry the room for it.
    fn write(&mut self, mut outgoing: Outgoing) -> impl Future<Output = Result<(), Close>> {
        match self.try_write(&mut outgoing) {
            Ok(true) => Either::Left(ready(Ok(()))),
            Ok(false) => Either::Right(Box::pin(self.write_slowly(outgoing))),
            Err(close) => Either::Left(ready(Err(close))),
        }
    }

    async fn write_slowly(&mut self, mut outgoing: Outgoing) -> Result<(), Close> {
        while let Some(mut kept) = self.wait(outgoing).await? {
            if self.try_write(&mut kept)? {
                break;
            }
            outgoing = kept;
        }
        Ok(())
    }

    /// Writes until the socket takes no more; true once everything is out.
    fn try_write(&mut self, outgoing: &mut Outgoing) -> Result<bool, Close> {
        loop {
            let written = match outgoing {
                Outgoing::Own(bytes) if bytes.is_empty() => return Ok(true),
                Outgoing::Own(bytes) => self.try_write_own(bytes),
                Outgoing::Log { batch, .. } if batch.is_out(&self.chunks) => return Ok(true),
                Outgoing::Log { batch, .. } => self.try_write_log(batch),
            };
            match written {
                Ok(bytes) => {
                    self.subscription.metrics().bytes.inc_by(bytes as u64);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(_gone) => return Err(Close::Left),
            }
        }
    }

    fn try_write_own(&mut self, bytes: &mut Bytes) -> io::Result<usize> {
        let written = self.socket.try_write(bytes)?;
        bytes.advance(written);
        self.subscription.wrote();
        Ok(written)
    }

    fn try_write_log(&mut self, batch: &mut Batch) -> io::Result<usize> {
        let done = batch.done();
        let written = batch.try_write(self.socket, &mut self.chunks)?;
        let frames = batch.done() - done;
        self.subscription.metrics().frames.inc_by(frames as u64);
        let (whole, part) = batch.progress();
        self.subscription.sent(whole, part);
        self.subscription.owes(self.chunks.is_begun());
        Ok(written)
    }

    /// Waits until the socket takes bytes; gives back what was kept meanwhile. Frames that it does not take in good time are
    /// dropped: the subscription reads them again.
    async fn wait(&self, outgoing: Outgoing) -> Result<Option<Outgoing>, Close> {
        let stalls_at = self.subscription.stalls_at();
        match outgoing {
            Outgoing::Own(_) => {
                self.writable(stalls_at).await?;
                return Ok(Some(outgoing));
            }
            // Frames of the tail are shared: they are read again for nothing, and keeping them would keep the tail.
            Outgoing::Log { held: false, .. } => drop(outgoing),
            Outgoing::Log {
                ref batch,
                held: true,
            } => {
                let kept = self.keep(batch);
                let hold_until = stalls_at.min(Instant::now() + HOLD);
                if kept.is_some()
                    && timeout_at(hold_until, self.writable(stalls_at))
                        .await
                        .is_ok_and(|ready| ready.is_ok())
                {
                    return Ok(Some(outgoing));
                }
                drop((outgoing, kept));
            }
        }
        self.writable(stalls_at).await?;
        // The line end is in no log: it is not read again.
        Ok(self.chunks.needs_line_end().then(|| Outgoing::Log {
            batch: Batch::default(),
            held: false,
        }))
    }

    /// The right to keep a batch in memory, within what all blocked watchers may keep together.
    fn keep(&self, batch: &Batch) -> Option<OwnedSemaphorePermit> {
        let bytes = u32::try_from(batch.left()).ok()?;
        self.subscription
            .config()
            .held
            .clone()
            .try_acquire_many_owned(bytes)
            .ok()
    }

    async fn writable(&self, stalls_at: Instant) -> Result<(), Close> {
        // All arms are cancel-safe: they wait for readiness, a time or a flag.
        tokio::select! {
            ready = timeout_at(stalls_at, self.socket.writable()) => match ready {
                Ok(Ok(())) => Ok(()),
                Ok(Err(_gone)) => Err(Close::Left),
                Err(_elapsed) => Err(Close::Slow),
            },
            () = reset(self.socket) => Err(Close::Left),
            () = self.subscription.overstays() => Err(Close::Drain),
        }
    }
}
