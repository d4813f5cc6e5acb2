//! A way to a server that breaks at chosen places: in the middle of a line, if a test wants it so.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use memchr::memmem;
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::within;

/// Passes TCP connections on to a port of loopback, byte by byte. It closes when this is dropped.
pub struct Relay {
    address: SocketAddr,
    state: Arc<State>,
    _stop: DropGuard,
}

struct State {
    /// The server's port. Without one, new connections wait.
    port: watch::Sender<Option<u16>>,
    /// Connections accepted so far: the number of the next.
    accepted: AtomicUsize,
    /// Bytes of answers after which a connection breaks, each once and in this order.
    places: Mutex<VecDeque<Vec<u8>>>,
    /// Bytes after which every connection with a lower number breaks.
    place_for_all: Mutex<Option<(usize, Vec<u8>)>>,
    cuts: watch::Sender<usize>,
    /// Sent to when every open connection is to break at once.
    all: watch::Sender<()>,
}

impl Relay {
    /// A relay that leads nowhere yet: its address may be needed to start the server.
    ///
    /// # Panics
    /// If no port is free.
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("a port is free");
        let address = listener
            .local_addr()
            .expect("a bound socket has an address");
        let state = Arc::new(State {
            port: watch::Sender::new(None),
            accepted: AtomicUsize::new(0),
            places: Mutex::default(),
            place_for_all: Mutex::default(),
            cuts: watch::Sender::new(0),
            all: watch::Sender::new(()),
        });
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        tasks.spawn(accept(listener, state.clone(), tasks.clone(), stop.clone()));
        Self {
            address,
            state,
            _stop: stop.drop_guard(),
        }
    }

    /// A relay to this port.
    pub async fn to(port: u16) -> Self {
        let relay = Self::start().await;
        relay.lead_to(port);
        relay
    }

    /// Leads new connections to this port, and those that wait.
    pub fn lead_to(&self, port: u16) {
        self.state.port.send_replace(Some(port));
    }

    /// Lets new connections wait from now on, until it leads somewhere again. Those that are open stay.
    pub fn lead_nowhere(&self) {
        self.state.port.send_replace(None);
    }

    /// Its own port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.address.port()
    }

    /// The start of its URLs.
    #[must_use]
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Breaks the connection whose answer holds `bytes`, right after them and once. The next place counts from then on.
    pub fn cut_after(&self, bytes: &str) {
        self.state
            .places
            .lock()
            .push_back(bytes.as_bytes().to_vec());
    }

    /// Breaks every connection that is open now, right after the next `bytes` of its answer.
    pub fn cut_all_after(&self, bytes: &str) {
        let later = self.state.accepted.load(Ordering::Relaxed);
        *self.state.place_for_all.lock() = Some((later, bytes.as_bytes().to_vec()));
    }

    /// Breaks every connection that is open now, at once.
    pub fn cut_all(&self) {
        self.state.all.send_replace(());
    }

    /// Waits until that many connections have been cut.
    ///
    /// # Panics
    /// If they never are.
    pub async fn has_cut(&self, count: usize) {
        let mut cuts = self.state.cuts.subscribe();
        let enough = cuts.wait_for(|cuts| *cuts >= count);
        within(&format!("{count} connections are cut"), enough)
            .await
            .expect("the relay lives");
    }
}

async fn accept(
    listener: TcpListener,
    state: Arc<State>,
    tasks: TaskTracker,
    stop: CancellationToken,
) {
    while let Some(Ok((near, _))) = stop.run_until_cancelled(listener.accept()).await {
        let (state, stop) = (state.clone(), stop.clone());
        tasks.spawn(async move {
            stop.run_until_cancelled(pass(near, state)).await;
        });
    }
}

/// Passes one connection on until either side ends or it is cut. Then both sockets are closed.
async fn pass(near: TcpStream, state: Arc<State>) {
    let number = state.accepted.fetch_add(1, Ordering::Relaxed);
    let (mut port, mut all) = (state.port.subscribe(), state.all.subscribe());
    let Ok(Some(port)) = port.wait_for(Option::is_some).await.map(|port| *port) else {
        return;
    };
    // A server that is down: the caller sees its connection end, as behind any relay.
    let Ok(far) = TcpStream::connect(("127.0.0.1", port)).await else {
        return;
    };
    let ((mut near_read, near_write), (far_read, mut far_write)) =
        (near.into_split(), far.into_split());
    let up = async {
        // A caller that leaves ends the connection; there is nothing to report.
        let _left = tokio::io::copy(&mut near_read, &mut far_write).await;
    };
    tokio::select! {
        () = up => {}
        () = answer(far_read, near_write, number, &state) => {}
        _ = all.changed() => state.cuts.send_modify(|cuts| *cuts += 1),
    }
}

async fn answer(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, number: usize, state: &State) {
    let mut piece = vec![0; 16 * 1024];
    // The end of what was passed on: a place may begin in one piece and end in the next.
    let mut passed = Vec::new();
    while let Ok(read @ 1..) = from.read(&mut piece).await {
        let cut = state.cut(number, &passed, &piece[..read]);
        let length = cut.unwrap_or(read);
        if to.write_all(&piece[..length]).await.is_err() || cut.is_some() {
            break;
        }
        passed.extend_from_slice(&piece[..read]);
        passed.drain(..passed.len().saturating_sub(1024));
    }
}

impl State {
    /// Bytes of `piece` that still pass, if this connection's next place ends in it.
    fn cut(&self, number: usize, passed: &[u8], piece: &[u8]) -> Option<usize> {
        let bytes = [passed, piece].concat();
        let end_of = |place: &[u8]| {
            let ends = memmem::find_iter(&bytes, place).map(|at| at + place.len());
            ends.into_iter().find(|end| *end > passed.len())
        };
        let end = self.end_for_all(number, end_of).or_else(|| {
            let mut places = self.places.lock();
            let end = end_of(places.front()?)?;
            places.pop_front();
            Some(end)
        })?;
        self.cuts.send_modify(|cuts| *cuts += 1);
        Some(end - passed.len())
    }

    fn end_for_all(&self, number: usize, end_of: impl Fn(&[u8]) -> Option<usize>) -> Option<usize> {
        let place = self.place_for_all.lock();
        let (later, place) = place.as_ref()?;
        (number < *later).then(|| end_of(place)).flatten()
    }
}
