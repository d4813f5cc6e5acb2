//! A server that follows a script, connection by connection.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;
use url::Url;

/// The next act of the server on a connection. At the end of its acts it closes.
#[derive(Clone)]
pub(super) enum Act {
    /// Reads a request.
    Read,
    /// Writes these bytes.
    Write(Vec<u8>),
    /// Writes these bytes one at a time, with pauses.
    Drip(Vec<u8>, Duration),
    /// Writes these bytes again and again, until nobody reads them.
    Flood(Vec<u8>),
    /// Says nothing until the other side has gone.
    KeepSilent,
    /// Breaks the connection off, as a machine does that has forgotten it.
    Reset,
}

/// A scripted server. It closes when it is dropped.
pub(super) struct Server {
    port: u16,
    _stop: DropGuard,
}

impl Server {
    pub(super) fn url(&self) -> Url {
        self.named("127.0.0.1")
    }

    /// The same page under another name for its host.
    pub(super) fn named(&self, host: &str) -> Url {
        format!("http://{host}:{}/page", self.port).parse().unwrap()
    }
}

/// Each connection that is made gets the next script; later ones are closed at once.
pub(super) async fn serve(scripts: Vec<Vec<Act>>) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    let (stopped, connections) = (stop.clone(), tasks.clone());
    tasks.spawn(async move {
        let mut scripts = scripts.into_iter();
        while let Some(Ok((socket, _))) = stopped.run_until_cancelled(listener.accept()).await {
            let (acts, stopped) = (scripts.next().unwrap_or_default(), stopped.clone());
            connections
                .spawn(async move { stopped.run_until_cancelled(perform(socket, acts)).await });
        }
    });
    Server {
        port,
        _stop: stop.drop_guard(),
    }
}

async fn perform(mut socket: TcpStream, acts: Vec<Act>) {
    let mut request = [0; 4096];
    for act in acts {
        // The other side may leave whenever it likes.
        let done = match act {
            Act::Read => socket.read(&mut request).await.map(drop),
            Act::Write(bytes) => socket.write_all(&bytes).await,
            Act::Drip(bytes, pause) => drip(&mut socket, &bytes, pause).await,
            Act::Flood(bytes) => loop {
                if let Err(error) = socket.write_all(&bytes).await {
                    break Err(error);
                }
            },
            Act::KeepSilent => loop {
                match socket.read(&mut request).await {
                    Ok(0) => break Ok(()),
                    Ok(_) => {}
                    Err(error) => break Err(error),
                }
            },
            Act::Reset => socket2::SockRef::from(&socket).set_linger(Some(Duration::ZERO)),
        };
        if done.is_err() {
            return;
        }
    }
}

async fn drip(socket: &mut TcpStream, bytes: &[u8], pause: Duration) -> std::io::Result<()> {
    let mut drops = tokio::time::interval(pause);
    for byte in bytes {
        drops.tick().await;
        socket.write_all(&[*byte]).await?;
    }
    Ok(())
}
