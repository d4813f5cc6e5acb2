//! Many watchers on raw sockets: they count frames and read the time in each.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context;
use parking_lot::Mutex;
use shared::token::{Scope, TokenKeys};
use shared::{ChannelId, Timestamp};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio_util::task::TaskTracker;

use crate::server::{CHANNEL, TOKEN_KEYS, now_nanos};

/// Totals of what the watchers of a crowd have received.
#[derive(Default)]
pub(crate) struct Received {
    frames: AtomicU64,
    nanos: Mutex<Vec<u64>>,
    grown: Notify,
}

/// Watchers that read until they are dropped.
pub(crate) struct Crowd {
    pub(crate) received: Arc<Received>,
    tasks: tokio::task::JoinSet<()>,
}

impl Crowd {
    /// Connects `number` watchers; each has its greeting when this returns.
    pub(crate) async fn connect(address: SocketAddr, number: usize) -> anyhow::Result<Self> {
        let received = Arc::new(Received::default());
        let request = Arc::new(request()?);
        let mut tasks = tokio::task::JoinSet::new();
        let greeted = TaskTracker::new();
        for _ in 0..number {
            let socket = connect(address, &request).await?;
            tasks.spawn(read(socket, received.clone(), greeted.token()));
        }
        greeted.close();
        greeted.wait().await;
        received.frames.store(0, Ordering::Relaxed);
        received.nanos.lock().clear();
        Ok(Self { received, tasks })
    }

    /// Number of watchers.
    pub(crate) fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Waits until they have received `frames` together.
    pub(crate) async fn receive(&self, frames: u64) {
        loop {
            let grown = self.received.grown.notified();
            if self.received.frames.load(Ordering::Relaxed) >= frames {
                return;
            }
            grown.await;
        }
    }

    /// The time from before the commit to the watcher at two quantiles, in milliseconds.
    pub(crate) fn quantiles(&self) -> (f64, f64) {
        let mut nanos = std::mem::take(&mut *self.received.nanos.lock());
        nanos.sort_unstable();
        #[expect(
            clippy::cast_precision_loss,
            reason = "latencies are far below 2^52 ns"
        )]
        let at = |per_cent: usize| {
            nanos
                .get(nanos.len() * per_cent / 100)
                .map_or(f64::NAN, |nanos| *nanos as f64 / 1e6)
        };
        (at(50), at(99))
    }
}

/// The request of a watcher of the one channel.
pub(crate) fn request() -> anyhow::Result<String> {
    let keys: TokenKeys = TOKEN_KEYS.parse()?;
    let channel: ChannelId = CHANNEL.parse().ok().context("the channel is a UUID")?;
    let token = keys.sign(
        channel,
        Scope::Watch,
        Timestamp::from_millis(4_000_000_000_000),
    );
    Ok(format!(
        "GET /v1/channels/{channel}/events?token={token} HTTP/1.1\r\nHost: localhost\r\n\r\n"
    ))
}

pub(crate) async fn connect(address: SocketAddr, request: &str) -> anyhow::Result<TcpStream> {
    let mut socket = TcpStream::connect(address).await?;
    socket.write_all(request.as_bytes()).await?;
    Ok(socket)
}

async fn read(
    mut socket: TcpStream,
    received: Arc<Received>,
    greeted: tokio_util::task::task_tracker::TaskTrackerToken,
) {
    let mut greeted = Some(greeted);
    let mut chunk = vec![0; 8 * 1024];
    // Bytes of a time that the read before ended in.
    let mut kept = 0;
    while let Ok(length @ 1..) = socket.read(&mut chunk[kept..]).await {
        let now = now_nanos();
        let bytes = &chunk[..kept + length];
        if memchr::memmem::find(bytes, b"event:hello").is_some() {
            greeted = None;
        }
        let mut frames = 0;
        for at in memchr::memchr_iter(b'@', bytes) {
            let sent = bytes
                .get(at + 1..at + 21)
                .and_then(|digits| std::str::from_utf8(digits).ok()?.parse::<u64>().ok());
            if let Some(sent) = sent {
                frames += 1;
                received.nanos.lock().push(now.saturating_sub(sent));
            }
        }
        if frames > 0 {
            received.frames.fetch_add(frames, Ordering::Relaxed);
            received.grown.notify_waiters();
        }
        let last = memchr::memrchr(b'@', bytes).filter(|at| bytes.len() - at < 21);
        let rest = last.unwrap_or(bytes.len())..bytes.len();
        kept = rest.len();
        chunk.copy_within(rest, 0);
    }
    drop(greeted);
}
