//! HTTP/1.1 or HTTP/2: a client's first bytes say which.

use std::io;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

/// The client preface of HTTP/2 (RFC 9113, section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// From the accept to the first bytes of a client. Without a bound, a silent one would keep its place.
const FIRST_BYTES: Duration = Duration::from_secs(10);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Http1,
    Http2,
}

/// Looks at the first bytes without taking them.
///
/// # Errors
/// The socket's; also when the client closes or stays silent.
pub(super) async fn detect(socket: &TcpStream) -> io::Result<Protocol> {
    timeout(FIRST_BYTES, look(socket))
        .await
        .unwrap_or_else(|_elapsed| Err(io::ErrorKind::TimedOut.into()))
}

async fn look(socket: &TcpStream) -> io::Result<Protocol> {
    let mut seen = [0; PREFACE.len()];
    // Three bytes tell `PRI` from `POST` and `PUT`; no other method begins so.
    const ENOUGH: usize = 3;
    loop {
        match socket.peek(&mut seen).await? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            some if some < ENOUGH && PREFACE.starts_with(&seen[..some]) => {
                // Peeking again would return the same bytes at once: wait until the kernel has more.
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            some if PREFACE.starts_with(&seen[..some]) => return Ok(Protocol::Http2),
            _ => return Ok(Protocol::Http1),
        }
    }
}
