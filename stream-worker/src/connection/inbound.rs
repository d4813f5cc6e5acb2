//! The direction from a watcher to the worker: nothing useful comes, but its end and a reset are told apart here.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::Interest;
use tokio::net::TcpStream;

/// Bytes that a client may send on a stream that it only reads, before it is cut off.
const MAX_UNWANTED: usize = 64 * 1024;

/// State of that direction. It is polled instead of awaited, so that a watcher that waits for events carries no future for it.
pub(super) enum Inbound<'socket> {
    /// It may still send; it has sent so many bytes already.
    Open { unwanted: usize },
    /// It has sent its FIN, and may still read. Holds the wait for a reset.
    Finished(Pin<Box<dyn Future<Output = ()> + Send + 'socket>>),
}

/// A change that the watcher made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InboundEvent {
    /// A FIN: the watcher sends nothing more. It may have left as well, which only a write finds out.
    Finished,
    /// A reset, or more bytes than a watcher has any reason to send.
    Gone,
}

impl<'socket> Inbound<'socket> {
    /// Of a watcher that has only sent its request.
    pub(super) const fn new() -> Self {
        Self::Open { unwanted: 0 }
    }

    /// Polls for the next event. Bytes that the watcher sends are thrown away, up to 64 KiB.
    pub(super) fn poll(
        &mut self,
        socket: &'socket TcpStream,
        cx: &mut Context<'_>,
    ) -> Poll<InboundEvent> {
        let event = match self {
            Self::Open { unwanted } => ready!(discard(socket, unwanted, cx)),
            Self::Finished(reset) => {
                ready!(reset.as_mut().poll(cx));
                InboundEvent::Gone
            }
        };
        if event == InboundEvent::Finished {
            *self = Self::Finished(Box::pin(reset(socket)));
        }
        Poll::Ready(event)
    }
}

fn discard(socket: &TcpStream, unwanted: &mut usize, cx: &mut Context<'_>) -> Poll<InboundEvent> {
    loop {
        if ready!(socket.poll_read_ready(cx)).is_err() {
            return Poll::Ready(InboundEvent::Gone);
        }
        match socket.try_read(&mut [0; 512]) {
            Ok(0) => return Poll::Ready(InboundEvent::Finished),
            Ok(bytes) => *unwanted += bytes,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_gone) => return Poll::Ready(InboundEvent::Gone),
        }
        if *unwanted > MAX_UNWANTED {
            return Poll::Ready(InboundEvent::Gone);
        }
    }
}

/// Waits for a reset, whether or not the watcher has sent its FIN: a socket whose end was read is readable for ever.
///
/// # Cancel safety
/// Cancel-safe: it takes nothing from the socket.
pub(super) async fn reset(socket: &TcpStream) {
    // An error of the wait itself says the same.
    let _ready = socket.ready(Interest::ERROR).await;
}
