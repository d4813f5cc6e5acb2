//! Connections that are kept between two requests to the same server.
//!
//! A connection over HTTP/1 is kept as its bare socket: the buffers that reading and writing need are made anew for each request.
//! One over HTTP/2 is shared by requests, and kept as the right to send on it.

use std::collections::{BTreeMap, HashMap};
use std::future::poll_fn;
use std::mem::MaybeUninit;
use std::pin::pin;
use std::sync::{Arc, Weak};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use http_body_util::Full;
use hyper::client::conn::http2::SendRequest;
use hyper::rt::{Read, ReadBuf};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tokio::net::TcpStream;
use tokio::task::unconstrained;
use tokio::time::{Instant, sleep_until};
use tokio_util::task::TaskTracker;

use super::dialer::Stream;

/// Kept connections to one server at most: as many as a crawl uses at once unless it is told otherwise. A fast server answers several
/// requests before the crawl asks again: with four, a third of its pages would need a new connection.
pub(super) const MOST_OF_A_SERVER: usize = 16;
/// Kept connections at most: each is a file descriptor, which watchers need as well.
const MOST: usize = 1024;
/// Time that a connection is kept, from the end of a request; over HTTP/2 from its start.
const IDLE: Duration = Duration::from_secs(15);

/// A connection that waits for its next request.
pub(super) enum Kept {
    /// HTTP/1 without TLS: nothing is under way on it.
    Plain(TokioIo<TcpStream>),
    /// HTTP/1 with TLS, in a box: TLS has much to remember, and most connections of a crawl may be without.
    Encrypted(Box<Stream>),
    /// HTTP/2: others may be using it.
    Shared(SendRequest<Full<Bytes>>),
}

impl Kept {
    /// False once the server has closed it, or has sent what nobody asked for.
    fn is_usable(&mut self) -> bool {
        match self {
            Self::Plain(stream) => is_silent(stream),
            Self::Encrypted(stream) => is_silent(stream.as_mut()),
            Self::Shared(sender) => !sender.is_closed(),
        }
    }
}

impl From<Stream> for Kept {
    fn from(stream: Stream) -> Self {
        match stream {
            Stream::Http(plain) => Self::Plain(plain),
            encrypted @ Stream::Https(_) => Self::Encrypted(Box::new(encrypted)),
        }
    }
}

/// Looks for itself, however much the task has read before.
fn is_silent(stream: impl Read + Unpin) -> bool {
    let mut stream = pin!(stream);
    let looked = unconstrained(poll_fn(|cx| {
        let mut byte = [MaybeUninit::uninit()];
        let mut buffer = ReadBuf::uninit(&mut byte);
        let read = stream.as_mut().poll_read(cx, buffer.unfilled());
        Poll::Ready(read.is_pending())
    }));
    looked.now_or_never().unwrap_or(false)
}

/// Scheme, host and port of a server.
pub(super) type Origin = Arc<str>;

/// The connections that are kept, and a task that closes them as they expire.
#[derive(Default)]
pub(super) struct KeptConnections {
    shelf: Mutex<Shelf<Kept>>,
    tasks: TaskTracker,
}

impl KeptConnections {
    /// Keeps a connection that can be used again; if there are too many, the oldest is closed.
    pub(super) fn keep(self: &Arc<Self>, origin: Origin, mut kept: Kept) {
        // Looking makes the socket forget whose task has waited for it, too.
        if !kept.is_usable() {
            return;
        }
        let mut shelf = self.shelf.lock();
        let removed = shelf.put(origin, kept);
        let is_swept = std::mem::replace(&mut shelf.is_swept, true);
        drop(shelf);
        drop(removed);
        if !is_swept {
            self.tasks.spawn(sweep(Arc::downgrade(self)));
        }
    }

    /// The connection to a server that was used last, if it can be used again.
    pub(super) fn take(&self, origin: &Origin) -> Option<Kept> {
        loop {
            let mut shelf = self.shelf.lock();
            let mut kept = shelf.take(origin)?;
            if let Kept::Shared(sender) = &kept
                && !sender.is_closed()
            {
                shelf.put(origin.clone(), Kept::Shared(sender.clone()));
                return Some(kept);
            }
            drop(shelf);
            if kept.is_usable() {
                return Some(kept);
            }
        }
    }

    /// Answers when the next one expires; nobody waits for that if none is left.
    fn close_expired(&self) -> Option<Instant> {
        let mut shelf = self.shelf.lock();
        let expired = shelf.take_expired();
        let next = shelf.next_expiry();
        shelf.is_swept = next.is_some();
        drop(shelf);
        drop(expired);
        next
    }
}

/// Closes connections as they expire, until none is left.
async fn sweep(connections: Weak<KeptConnections>) {
    while let Some(next) = connections.upgrade().and_then(|kept| kept.close_expired()) {
        sleep_until(next).await;
    }
}

/// A bounded store: the youngest thing of a server is taken out first, the oldest of all makes room.
struct Shelf<K> {
    by_age: BTreeMap<u64, Entry<K>>,
    /// Ages of what is kept of each server, the youngest last; no list is empty.
    of: HashMap<Origin, Vec<u64>>,
    /// Age of what is kept next.
    next: u64,
    /// True while a task waits for the oldest to expire.
    is_swept: bool,
}

struct Entry<K> {
    origin: Origin,
    expires: Instant,
    kept: K,
}

impl<K> Default for Shelf<K> {
    fn default() -> Self {
        Self {
            by_age: BTreeMap::new(),
            of: HashMap::new(),
            next: 0,
            is_swept: false,
        }
    }
}

impl<K> Shelf<K> {
    /// Answers what had to make room.
    fn put(&mut self, origin: Origin, kept: K) -> Option<K> {
        let of_it = self.of.entry(origin.clone()).or_default();
        let too_old = if of_it.len() >= MOST_OF_A_SERVER {
            of_it.first().copied()
        } else if self.by_age.len() >= MOST {
            self.by_age.first_key_value().map(|(age, _)| *age)
        } else {
            None
        };
        let age = self.next;
        self.next += 1;
        of_it.push(age);
        let entry = Entry {
            origin,
            expires: Instant::now() + IDLE,
            kept,
        };
        self.by_age.insert(age, entry);
        self.remove(too_old?)
    }

    /// The youngest of a server.
    fn take(&mut self, origin: &Origin) -> Option<K> {
        let youngest = *self.of.get(origin)?.last()?;
        self.remove(youngest)
    }

    fn remove(&mut self, age: u64) -> Option<K> {
        let entry = self.by_age.remove(&age)?;
        let of_it = self.of.get_mut(&entry.origin)?;
        of_it.retain(|other| *other != age);
        if of_it.is_empty() {
            self.of.remove(&entry.origin);
        }
        Some(entry.kept)
    }

    fn next_expiry(&self) -> Option<Instant> {
        let (_, oldest) = self.by_age.first_key_value()?;
        Some(oldest.expires)
    }

    fn take_expired(&mut self) -> Vec<K> {
        let now = Instant::now();
        let is_over = |(age, entry): (&u64, &Entry<K>)| (entry.expires <= now).then_some(*age);
        let over: Vec<u64> = self.by_age.iter().map_while(is_over).collect();
        over.into_iter()
            .filter_map(|age| self.remove(age))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Wake, Waker};

    use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio::task::consume_budget;

    use super::*;

    fn origin(number: usize) -> Origin {
        format!("http://{number}.example").into()
    }

    /// Both ends of a connection.
    async fn connected() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let ours = TcpStream::connect(listener.local_addr().unwrap()).await;
        (ours.unwrap(), listener.accept().await.unwrap().0)
    }

    fn alone(socket: TcpStream) -> Kept {
        Kept::Plain(TokioIo::new(socket))
    }

    #[tokio::test]
    async fn the_youngest_of_a_server_is_taken() {
        let mut shelf = Shelf::default();
        for number in 0..3 {
            shelf.put(origin(1), number);
            shelf.put(origin(2), 10 + number);
        }
        let taken = [1, 1, 2, 1, 1].map(|server| shelf.take(&origin(server)));
        assert_eq!(taken, [Some(2), Some(1), Some(12), Some(0), None]);
        assert_eq!(shelf.of.len(), 1, "servers of which nothing is kept");
    }

    #[tokio::test]
    async fn what_is_kept_is_bounded_for_a_server_and_for_all() {
        let mut shelf = Shelf::default();
        for number in 0..MOST_OF_A_SERVER {
            assert_eq!(shelf.put(origin(0), number), None);
        }
        assert_eq!(shelf.put(origin(0), 99), Some(0));
        for number in MOST_OF_A_SERVER..MOST {
            assert_eq!(shelf.put(origin(number), number), None);
        }
        assert_eq!(shelf.put(origin(MOST), 99), Some(1), "the oldest of all");
        assert_eq!(shelf.by_age.len(), MOST);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_nobody_uses_is_closed() {
        let connections = Arc::new(KeptConnections::default());
        for _ in 0..2 {
            let (ours, mut theirs) = connected().await;
            connections.keep(origin(1), alone(ours));
            assert_eq!(theirs.read(&mut [0]).await.unwrap(), 0);
            assert!(connections.take(&origin(1)).is_none());
        }
    }

    #[tokio::test]
    async fn a_connection_is_used_again_only_if_the_server_has_kept_silent() {
        let (ours, _theirs) = connected().await;
        assert!(alone(ours).is_usable());
        let (ours, theirs) = connected().await;
        drop(theirs);
        ours.readable().await.unwrap();
        assert!(!alone(ours).is_usable(), "closed");
        let (ours, mut theirs) = connected().await;
        theirs.write_all(b"HTTP/1.1 200 OK").await.unwrap();
        ours.readable().await.unwrap();
        assert!(!alone(ours).is_usable(), "an answer without a request");
    }

    #[tokio::test]
    async fn a_task_that_has_read_much_finds_what_a_server_has_sent_all_the_same() {
        let (ours, mut theirs) = connected().await;
        theirs.write_all(b"HTTP/1.1 200 OK").await.unwrap();
        ours.readable().await.unwrap();
        while consume_budget().now_or_never().is_some() {}
        assert!(!alone(ours).is_usable());
    }

    struct Task;

    impl Wake for Task {
        fn wake(self: Arc<Self>) {}
    }

    #[tokio::test]
    async fn a_connection_that_is_kept_forgets_the_task_that_has_waited_for_it() {
        let (mut ours, _theirs) = connected().await;
        let task = Arc::new(Task);
        let waker = Waker::from(task.clone());
        let mut buffer = [0];
        let read = pin!(&mut ours).poll_read(
            &mut Context::from_waker(&waker),
            &mut tokio::io::ReadBuf::new(&mut buffer),
        );
        assert!(read.is_pending());
        drop(waker);
        let connections = Arc::new(KeptConnections::default());
        connections.keep(origin(1), alone(ours));
        assert_eq!(Arc::strong_count(&task), 1);
    }
}
