//! A stream as HTTP/1.1 frames it: a client that sees how a body ends, which the usual ones hide.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::within;

/// An open stream, and what has come of it.
pub struct RawStream {
    socket: TcpStream,
    bytes: Vec<u8>,
}

/// How the body of an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyEnd {
    /// With the last chunk: the answer is whole.
    LastChunk,
    /// With its socket, before the last chunk: the answer has been cut.
    Cut,
    /// With its socket, and nothing else was announced: whole or cut, nobody knows.
    Unframed,
}

impl RawStream {
    /// Asks for `path` at `port`.
    ///
    /// # Panics
    /// When nobody listens.
    pub async fn open(port: u16, path: &str) -> Self {
        let mut socket = TcpStream::connect(("127.0.0.1", port))
            .await
            .expect("somebody listens");
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/event-stream\r\n\r\n"
        );
        within("the request is sent", socket.write_all(request.as_bytes()))
            .await
            .expect("the socket takes a request");
        Self {
            socket,
            bytes: Vec::new(),
        }
    }

    /// Everything that has come so far.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// Waits until `words` have come.
    ///
    /// # Panics
    /// When the answer ends before.
    pub async fn until(&mut self, words: &str) {
        within(&format!("`{words}` in the stream"), async {
            while !self.text().contains(words) {
                assert!(self.more().await, "no `{words}` in {}", self.text());
            }
        })
        .await;
    }

    /// Reads to the end of the answer.
    pub async fn end(&mut self) -> BodyEnd {
        within("the answer ends", async {
            while !self.bytes.ends_with(b"\r\n0\r\n\r\n") {
                if !self.more().await {
                    let text = self.text().to_ascii_lowercase();
                    let chunked = text.contains("\r\ntransfer-encoding: chunked\r\n");
                    return if chunked {
                        BodyEnd::Cut
                    } else {
                        BodyEnd::Unframed
                    };
                }
            }
            BodyEnd::LastChunk
        })
        .await
    }

    /// Reads once; false at the socket's end, however it came.
    async fn more(&mut self) -> bool {
        match self.socket.read_buf(&mut self.bytes).await {
            Ok(read) => read > 0,
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => false,
            Err(error) => panic!("the socket fails: {error}"),
        }
    }
}
