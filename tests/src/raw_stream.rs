//! A stream as bytes on a bare socket: what proxies and plain clients make their decisions from.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::within;

/// A stream that is read byte by byte.
pub struct RawStream {
    socket: TcpStream,
    bytes: Vec<u8>,
}

/// The end of an answer, as HTTP/1.1 frames it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamEnd {
    /// With the last chunk: the answer is whole.
    LastChunk,
    /// With its socket, before the last chunk: the answer has been cut.
    Cut,
    /// With its socket, and nothing else was announced: whole or cut, nobody knows.
    Unframed,
}

/// A chunked body as far as it came (RFC 9112, section 7.1).
#[derive(Debug, PartialEq, Eq)]
pub struct ChunkedBody {
    /// The data of each chunk that is whole.
    pub chunks: Vec<String>,
    /// True if the last chunk came.
    pub ended: bool,
}

impl ChunkedBody {
    /// The data of all chunks.
    #[must_use]
    pub fn data(&self) -> String {
        self.chunks.concat()
    }
}

impl RawStream {
    /// Asks for `path` in `version`, such as `HTTP/1.1`.
    ///
    /// # Panics
    /// If nobody listens.
    pub async fn open(port: u16, path: &str, version: &str) -> Self {
        let mut socket = TcpStream::connect(("127.0.0.1", port))
            .await
            .expect("the worker listens");
        let request = format!("GET {path} {version}\r\nHost: 127.0.0.1\r\n\r\n");
        socket
            .write_all(request.as_bytes())
            .await
            .expect("the worker takes a request");
        Self {
            socket,
            bytes: Vec::new(),
        }
    }

    /// Says that nothing more will be asked, and goes on reading.
    ///
    /// # Panics
    /// If the socket is closed already.
    pub async fn finish_asking(&mut self) {
        self.socket
            .shutdown()
            .await
            .expect("the socket is still open");
    }

    /// Reads until `words` have come.
    ///
    /// # Panics
    /// If the stream ends before.
    pub async fn until(&mut self, words: &str) {
        within(&format!("`{words}` comes"), async {
            while !self.text().contains(words) {
                assert!(
                    self.read().await,
                    "the stream ended before `{words}`: {}",
                    self.text()
                );
            }
        })
        .await;
    }

    /// Reads until the socket ends.
    pub async fn to_end(&mut self) {
        within("the socket ends", async { while self.read().await {} }).await;
    }

    /// Reads to the end of the answer: its last chunk, or else its socket's end.
    pub async fn end(&mut self) -> StreamEnd {
        within("the answer ends", async {
            while !self.bytes.ends_with(b"\r\n0\r\n\r\n") {
                if !self.read().await {
                    let is_chunked = self.head().contains("\r\ntransfer-encoding: chunked");
                    return if is_chunked {
                        StreamEnd::Cut
                    } else {
                        StreamEnd::Unframed
                    };
                }
            }
            StreamEnd::LastChunk
        })
        .await
    }

    async fn read(&mut self) -> bool {
        self.socket
            .read_buf(&mut self.bytes)
            .await
            .is_ok_and(|read| read > 0)
    }

    /// Everything that has come so far.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The head of the answer, in lower case.
    #[must_use]
    pub fn head(&self) -> String {
        self.split().0.to_lowercase()
    }

    /// The body as it came.
    #[must_use]
    pub fn body(&self) -> String {
        self.split().1
    }

    fn split(&self) -> (String, String) {
        let text = self.text();
        match text.split_once("\r\n\r\n") {
            Some((head, body)) => (head.to_owned(), body.to_owned()),
            None => (text, String::new()),
        }
    }

    /// The body as chunks. One that is not whole is left out, as a client leaves it out.
    ///
    /// # Panics
    /// If the body is not made of chunks.
    #[must_use]
    pub fn chunked(&self) -> ChunkedBody {
        let body = self.body();
        let (mut rest, mut chunks) = (body.as_str(), Vec::new());
        while let Some((size, after)) = rest.split_once("\r\n") {
            let size = usize::from_str_radix(size, 16)
                .unwrap_or_else(|error| panic!("{error} in the size of a chunk: {size:?}"));
            let Some(data) = after.get(..size) else { break };
            let Some(next) = after.get(size..).filter(|end| end.len() >= 2) else {
                break;
            };
            let next = next
                .strip_prefix("\r\n")
                .unwrap_or_else(|| panic!("a chunk ends with its line: {next:?}"));
            if size == 0 {
                assert_eq!(next, "", "nothing follows the last chunk");
                return ChunkedBody {
                    chunks,
                    ended: true,
                };
            }
            chunks.push(data.to_owned());
            rest = next;
        }
        ChunkedBody {
            chunks,
            ended: false,
        }
    }
}
