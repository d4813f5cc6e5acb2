//! A watcher over HTTP/1.1: its socket, taken out of the HTTP server, and one small task.
//!
//! The server's buffers are gone, so that an idle watcher costs little more than its socket. Every byte of the answer is
//! written here. Over HTTP/1.1 the body is chunked, and its last chunk comes only after the terminal event: a client can
//! tell the end of the job from a stream that was cut. After it the socket goes back to the HTTP server, since the client, or
//! the proxy in between, may ask again on it. Over HTTP/1.0, which has no chunks, the body ends with the socket.

use std::io;
use std::net::Shutdown;
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use bytes::Bytes;
use shared::Frame;
use socket2::SockRef;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout, timeout_at};

use super::batch::Batch;
use super::chunks::{Chunks, Delimiter};
use super::inbound::{Inbound, InboundEvent, inbound_event};
use super::subscription::{Delivery, Subscription};
use crate::channel::Close;

/// Longest time that a blocked watcher keeps frames that were read for it alone. After that it reads them again.
const HOLD: Duration = Duration::from_secs(1);

/// Writes `head`, then the subscription's stream, until it ends or the watcher leaves. Returns the socket if more requests may
/// come on it: after the last chunk.
///
/// `delimiter` is what the head promises. `place` is dropped when the socket is closed. Not an `async fn`, which would keep its arguments twice: ten thousand of
/// these wait at the same time.
pub fn run<P: Send>(
    socket: TcpStream,
    head: Bytes,
    delimiter: Delimiter,
    subscription: Subscription,
    place: P,
) -> impl Future<Output = Option<(TcpStream, P)>> + Send {
    forget_former_task(&socket);
    let mut subscription = subscription;
    async move {
        let mut writer = Writer {
            socket: &socket,
            subscription: &mut subscription,
            chunks: Chunks::new(delimiter),
        };
        let begun = writer.write_all(&head).await;
        // It is out, and the stream may last.
        drop(head);
        let close = match begun {
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

impl Writer<'_> {
    async fn stream(&mut self) -> Close {
        // One for the whole stream: it stands in the socket's list of waiters, and need not enter it for each event.
        let mut inbound = pin!(inbound_event(self.socket, Inbound::Open));
        loop {
            // Both arms are cancel-safe: `next` moves nothing until it is told what was sent, and `inbound_event` only
            // discards.
            let delivery = tokio::select! {
                biased;
                delivery = self.subscription.next() => delivery,
                event = &mut inbound => match event {
                    InboundEvent::Finished => {
                        inbound.set(inbound_event(self.socket, Inbound::Finished));
                        if self.subscription.is_amid() {
                            // The rest of the frame finds out as well.
                            continue;
                        }
                        // A client that has left answers this with a reset.
                        Delivery::Heartbeat
                    }
                    InboundEvent::Gone => return Close::Left,
                },
            };
            match self.deliver(delivery).await {
                Ok(None) => {}
                Ok(Some(close)) | Err(close) => return close,
            }
        }
    }

    /// Writes one delivery; answers why the stream ends, if it does.
    async fn deliver(&mut self, delivery: Delivery) -> Result<Option<Close>, Close> {
        match delivery {
            Delivery::Aside(bytes) => {
                let chunk = self.chunks.whole(bytes);
                self.write_all(&chunk).await.map(|()| None)
            }
            Delivery::Frames { frames, skip, held } => {
                self.write_frames(frames, skip, held).await.map(|()| None)
            }
            Delivery::Heartbeat => {
                self.subscription.metrics().heartbeats.inc();
                self.write_all(self.chunks.heartbeat()).await.map(|()| None)
            }
            Delivery::Bye(bytes, close) => {
                let chunk = self.chunks.whole(bytes);
                self.write_all(&chunk).await.map(|()| Some(close))
            }
            Delivery::End(Close::Ended) => {
                self.write_all(self.chunks.last()).await?;
                Ok(Some(Close::Ended))
            }
            Delivery::End(close) => Ok(Some(close)),
        }
    }

    /// Writes bytes that are not in the log, and so cannot be read again: few, and kept until they are out.
    async fn write_all(&mut self, mut bytes: &[u8]) -> Result<(), Close> {
        while !bytes.is_empty() {
            match self.socket.try_write(bytes) {
                Ok(written) => {
                    bytes = &bytes[written..];
                    self.count_bytes(written);
                    self.subscription.wrote();
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let stalls_at = self.subscription.stalls_at();
                    Box::pin(self.writable(stalls_at)).await?;
                }
                Err(_gone) => return Err(Close::Left),
            }
        }
        Ok(())
    }

    /// Writes frames of the log as far as the socket takes them. What it does not take in good time is dropped: the
    /// subscription reads it again.
    async fn write_frames(
        &mut self,
        frames: Vec<Frame>,
        skip: usize,
        held: bool,
    ) -> Result<(), Close> {
        let mut batch = Batch::new(frames, skip);
        while !batch.is_out(&self.chunks) {
            let done = batch.done();
            match batch.try_write(self.socket, &mut self.chunks) {
                Ok(written) => {
                    self.count(batch.done() - done, written);
                    let (whole, part) = batch.progress();
                    self.subscription.sent(whole, part);
                    self.subscription.owes(self.chunks.is_begun());
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    // Boxed, so that a watcher that keeps up does not carry the room for it.
                    match Box::pin(self.wait(batch, held)).await? {
                        Some(kept) => batch = kept,
                        // The line end is in no log: it is not read again.
                        None if self.chunks.needs_line_end() => batch = Batch::default(),
                        None => return Ok(()),
                    }
                }
                Err(_gone) => return Err(Close::Left),
            }
        }
        Ok(())
    }

    /// Waits until the socket takes bytes; gives the batch back if it was kept meanwhile.
    async fn wait(&self, batch: Batch, held: bool) -> Result<Option<Batch>, Close> {
        let stalls_at = self.subscription.stalls_at();
        if !held {
            // Frames of the tail are shared: they are read again for nothing, and keeping them would keep the tail.
            drop(batch);
            return self.writable(stalls_at).await.map(|()| None);
        }
        let kept = self.keep(&batch);
        let hold_until = stalls_at.min(Instant::now() + HOLD);
        if kept.is_some()
            && timeout_at(hold_until, self.writable(stalls_at))
                .await
                .is_ok_and(|ready| ready.is_ok())
        {
            return Ok(Some(batch));
        }
        drop((batch, kept));
        self.writable(stalls_at).await.map(|()| None)
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
            _gone = inbound_event(self.socket, Inbound::Finished) => Err(Close::Left),
            () = self.subscription.overstays() => Err(Close::Drain),
        }
    }

    fn count_bytes(&self, bytes: usize) {
        self.subscription.metrics().bytes.inc_by(bytes as u64);
    }

    fn count(&self, frames: usize, bytes: usize) {
        self.subscription.metrics().frames.inc_by(frames as u64);
        self.count_bytes(bytes);
    }
}
