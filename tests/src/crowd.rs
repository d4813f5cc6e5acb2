//! Thousands of watchers on bare sockets.

use futures_util::stream::{self, StreamExt, TryStreamExt};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::within;

/// Sockets that are opened at the same time.
const AT_ONCE: usize = 200;
/// Files that the test needs besides.
const OTHERS: u64 = 200;

/// Watchers that have their `hello` and read nothing more. Dropped, they vanish.
pub struct Crowd(Vec<TcpStream>);

impl Crowd {
    /// Opens `count` streams of `path` at `port`; each has received its `hello` when this returns.
    ///
    /// # Panics
    /// If one is refused, or the system allows too few open files.
    pub async fn gather(count: usize, port: u16, path: &str) -> Self {
        allow_files(count as u64 + OTHERS);
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/event-stream\r\n\r\n"
        );
        let streams = stream::iter(0..count)
            .map(|_| greeted(port, &request))
            .buffer_unordered(AT_ONCE)
            .try_collect();
        Self(
            within("the crowd gathers", streams)
                .await
                .expect("every watcher is greeted"),
        )
    }

    /// Number of watchers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True if there are no watchers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

async fn greeted(port: u16, request: &str) -> std::io::Result<TcpStream> {
    let mut socket = TcpStream::connect(("127.0.0.1", port)).await?;
    socket.write_all(request.as_bytes()).await?;
    let mut head = Vec::with_capacity(1024);
    while !String::from_utf8_lossy(&head).contains("event:hello") {
        if socket.read_buf(&mut head).await? == 0 {
            return Err(std::io::Error::other(
                String::from_utf8_lossy(&head).into_owned(),
            ));
        }
    }
    Ok(socket)
}

fn allow_files(wanted: u64) {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|current| current >= wanted) {
        return;
    }
    let raised = setrlimit(
        Resource::Nofile,
        Rlimit {
            current: Some(wanted),
            maximum,
        },
    );
    assert!(
        raised.is_ok(),
        "this test needs {wanted} open files; the system allows {maximum:?} (ulimit -Hn)"
    );
}
