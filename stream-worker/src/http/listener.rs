//! The listener: accepts everyone's sockets and serves HTTP on them.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::HttpState;
use super::pace::PaceConfig;
use super::peer::Peer;
use super::place::{PeerContext, Place};
use super::refusals::Refusals;
use super::router::Router;

/// Wait after a refused accept. Without it the task would spin until another connection gives a descriptor back.
const AFTER_REFUSAL: Duration = Duration::from_millis(50);

/// Settings of the listener.
#[derive(Debug, Clone)]
pub struct ListenerConfig {
    /// Sockets at most; more wait in the kernel's backlog.
    pub max_sockets: usize,
    /// From the first byte of a request to the end of its head.
    pub head_timeout: Duration,
    /// From the end of an answer to the first byte of the next request.
    pub idle_timeout: Duration,
}

/// A bound socket and what serves it.
pub struct Listener {
    socket: TcpListener,
    config: ListenerConfig,
    router: Arc<Router>,
    tasks: TaskTracker,
    /// One for each socket; taken before it is accepted.
    places: Arc<Semaphore>,
}

impl Listener {
    /// Serves `socket`; the state's task tracker owns what runs for each connection.
    #[must_use]
    pub fn new(socket: TcpListener, config: ListenerConfig, state: Arc<HttpState>) -> Self {
        let places = Arc::new(Semaphore::new(config.max_sockets));
        let tasks = state.tasks.clone();
        Self {
            socket,
            config,
            router: Arc::new(Router::new(state)),
            tasks,
            places,
        }
    }

    /// Accepts until `stop`; then connections finish what they are at and close.
    pub async fn run(self, stop: CancellationToken) {
        let mut refusals = Refusals::default();
        let context = Arc::new(PeerContext {
            router: self.router.clone(),
            pace: self.pace(),
            tasks: self.tasks.clone(),
            stop: stop.clone(),
        });
        while let Some(accepted) = stop.run_until_cancelled(self.accept()).await {
            match accepted {
                Ok((socket, place)) => {
                    let peer = Peer {
                        place: Place::new(place, context.clone()),
                    };
                    self.tasks.spawn(peer.run(socket));
                }
                Err(error) => {
                    refusals.refused(&error);
                    tokio::time::sleep(AFTER_REFUSAL).await;
                }
            }
        }
    }

    fn pace(&self) -> PaceConfig {
        PaceConfig {
            idle: self.config.idle_timeout,
            head: self.config.head_timeout,
            stall: self.router.state().connection.stall,
        }
    }

    /// Cancel-safe: `acquire` and `accept` are, and a permit without a socket is given back.
    async fn accept(&self) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
        let place = self
            .places
            .clone()
            .acquire_owned()
            .await
            .map_err(io::Error::other)?;
        let (socket, _peer): (TcpStream, SocketAddr) = self.socket.accept().await?;
        Ok((socket, place))
    }
}
