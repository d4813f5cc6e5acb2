//! The direction from a watcher to the worker: nothing useful comes, but its end and a reset are told apart here.

use std::io;

use tokio::io::Interest;
use tokio::net::TcpStream;

/// Bytes that a client may send on a stream that it only reads, before it is cut off.
const MAX_UNWANTED: usize = 64 * 1024;

/// State of that direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inbound {
    /// It may still send.
    Open,
    /// It has sent its FIN, and may still read.
    Finished,
}

/// A change that the watcher made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InboundEvent {
    /// A FIN: the watcher sends nothing more. It may have left as well, which only a write finds out.
    Finished,
    /// A reset, or more bytes than a watcher has any reason to send.
    Gone,
}

/// Waits for the next event. Bytes that the watcher sends are thrown away, up to 64 KiB.
///
/// # Cancel safety
/// Cancel-safe: only unwanted bytes are taken from the socket.
pub(super) async fn inbound_event(socket: &TcpStream, state: Inbound) -> InboundEvent {
    match state {
        Inbound::Open => discard(socket).await,
        Inbound::Finished => {
            // Readable for ever, since its end is read: only an error is an event.
            let _ready = socket.ready(Interest::ERROR).await;
            InboundEvent::Gone
        }
    }
}

async fn discard(socket: &TcpStream) -> InboundEvent {
    let mut unwanted = 0;
    loop {
        if socket.readable().await.is_err() {
            return InboundEvent::Gone;
        }
        match socket.try_read(&mut [0; 512]) {
            Ok(0) => return InboundEvent::Finished,
            Ok(bytes) => unwanted += bytes,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_gone) => return InboundEvent::Gone,
        }
        if unwanted > MAX_UNWANTED {
            return InboundEvent::Gone;
        }
    }
}
