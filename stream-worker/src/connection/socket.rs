//! A watcher over HTTP/1.1: its socket, taken out of the HTTP server, and one small task.
//!
//! The server's buffers are gone, so that an idle watcher costs little more than its socket. Every byte of the answer is
//! written here. Over HTTP/1.1 the body is chunked, and its last chunk comes only after the terminal event: a client can
//! tell the end of the job from a stream that was cut. After it the socket goes back to the HTTP server, since the client, or
//! the proxy in between, may ask again on it. Over HTTP/1.0, which has no chunks, the body ends with the socket.

use std::future::{poll_fn, ready};
use std::io;
use std::net::Shutdown;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::{Buf, Bytes};
use socket2::SockRef;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout, timeout_at};

use super::batch::Batch;
use super::chunks::{Chunks, Delimiter};
use super::inbound::{Inbound, InboundEvent, reset};
use super::opening::Welcome;
use super::subscription::{Delivery, Found, Subscription};
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
    let begin = Box::new(Sending {
        outgoing: Outgoing::Own([head, &greeting].concat().into()),
        last: None,
    });
    async move {
        let mut writer = Writer {
            socket: &socket,
            subscription: &mut subscription,
            chunks: Chunks::new(delimiter),
        };
        let begun = {
            // Moved out, so that the box is freed before the stream begins.
            let begin = begin;
            writer.begin(*begin)
        };
        let close = match begun.await {
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

/// A wait that is boxed, so that a watcher that keeps up does not carry the room for it.
type Slow<'a> = Pin<Box<dyn Future<Output = Result<(), Close>> + Send + 'a>>;

/// The reason why the loop over events stops: it has to wait for something else, or is over.
enum Interruption {
    /// The next events have left the tail: they are read from the journal.
    Behind,
    /// The socket takes no more for now.
    Blocked(Box<Sending>),
    /// The stream has ended, or the watcher has left.
    Over(Close),
}

/// A delivery on its way to the socket.
struct Sending {
    outgoing: Outgoing,
    /// The reason for which the stream ends after them, if it does.
    last: Option<Close>,
}

/// Bytes on their way to the socket.
enum Outgoing {
    /// In no log, and so kept until they are out: they cannot be read again.
    Own(Bytes),
    /// Frames of the log; `held` is true if they were read for this watcher alone.
    Log { batch: Batch, held: bool },
}

impl<'watcher> Writer<'watcher> {
    /// Writes what comes before the first event.
    fn begin(&mut self, sending: Sending) -> Slow<'_> {
        Box::pin(async move {
            match self.write(sending) {
                None => Ok(()),
                Some(interruption) => self.go_on(interruption, &mut Inbound::new()).await,
            }
        })
    }

    /// Writes events until the stream ends or the watcher leaves.
    async fn stream(&mut self) -> Close {
        let mut inbound = Inbound::new();
        loop {
            let interruption = poll_fn(|cx| self.poll(&mut inbound, cx)).await;
            if let Err(close) = self.go_on(interruption, &mut inbound).await {
                return close;
            }
        }
    }

    /// Does what has interrupted the loop over events.
    fn go_on<'a>(
        &'a mut self,
        interruption: Interruption,
        inbound: &'a mut Inbound<'watcher>,
    ) -> Slow<'a> {
        match interruption {
            Interruption::Behind => Box::pin(self.read_on(inbound)),
            Interruption::Blocked(rest) => Box::pin(self.write_slowly(*rest)),
            Interruption::Over(close) => Box::pin(ready(Err(close))),
        }
    }

    /// Waits for events and writes them, as long as they are in the tail and the socket takes them at once.
    fn poll(
        &mut self,
        inbound: &mut Inbound<'watcher>,
        cx: &mut Context<'_>,
    ) -> Poll<Interruption> {
        loop {
            let delivery = match self.subscription.poll(cx) {
                Poll::Ready(Found::Delivery(delivery)) => delivery,
                Poll::Ready(Found::Behind) => return Poll::Ready(Interruption::Behind),
                Poll::Pending => match self.answer(ready!(inbound.poll(self.socket, cx))) {
                    Ok(Some(delivery)) => delivery,
                    Ok(None) => continue,
                    Err(close) => return Poll::Ready(Interruption::Over(close)),
                },
            };
            if let Some(interruption) = self.deliver(delivery) {
                return Poll::Ready(interruption);
            }
        }
    }

    async fn read_on(&mut self, inbound: &mut Inbound<'watcher>) -> Result<(), Close> {
        let socket = self.socket;
        // Both arms are cancel-safe: a read moves nothing until it is told what was sent, and `inbound` only discards.
        let delivery = tokio::select! {
            biased;
            delivery = self.subscription.read_on() => delivery,
            event = poll_fn(|cx| inbound.poll(socket, cx)) => self.answer(event)?,
        };
        match delivery.and_then(|delivery| self.deliver(delivery)) {
            Some(Interruption::Blocked(rest)) => self.write_slowly(*rest).await,
            Some(Interruption::Over(close)) => Err(close),
            Some(Interruption::Behind) | None => Ok(()),
        }
    }

    fn deliver(&mut self, delivery: Delivery) -> Option<Interruption> {
        let sending = self.sending(delivery);
        self.write(sending)
    }

    /// The frame by which the watcher's end is found out, if it has one.
    fn answer(&mut self, event: InboundEvent) -> Result<Option<Delivery>, Close> {
        self.subscription.look_again();
        match event {
            // The rest of the frame finds out as well.
            InboundEvent::Finished if self.subscription.is_amid() => Ok(None),
            // A client that has left answers this with a reset.
            InboundEvent::Finished => Ok(Some(Delivery::Heartbeat)),
            InboundEvent::Gone => Err(Close::Left),
        }
    }

    fn sending(&self, delivery: Delivery) -> Sending {
        let (outgoing, last) = match delivery {
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
        };
        Sending { outgoing, last }
    }

    /// Writes what the socket takes at once. Nothing if that is all, and the stream goes on.
    fn write(&mut self, mut sending: Sending) -> Option<Interruption> {
        match self.try_write(&mut sending.outgoing) {
            Ok(true) => sending.last.map(Interruption::Over),
            Ok(false) => Some(Interruption::Blocked(Box::new(sending))),
            Err(close) => Some(Interruption::Over(close)),
        }
    }

    /// Waits for the socket with what it did not take.
    async fn write_slowly(&mut self, rest: Sending) -> Result<(), Close> {
        let Sending { mut outgoing, last } = rest;
        while let Some(mut kept) = self.wait(outgoing).await? {
            if self.try_write(&mut kept)? {
                break;
            }
            outgoing = kept;
        }
        last.map_or(Ok(()), Err)
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
