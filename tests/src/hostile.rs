//! A host that does whatever hosts do to crawlers, one page for each way.

use std::fmt::Write;
use std::io::Write as _;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

/// The pages that fail, each with the code that its event has to have.
const FAILURES: [(&str, &str); 14] = [
    ("/no-answer", "timeout"),
    ("/drops", "timeout"),
    ("/hints-without-end", "timeout"),
    ("/body-without-end", "tooLarge"),
    ("/bomb", "tooLarge"),
    ("/cut", "truncated"),
    ("/reset", "reset"),
    ("/no-http", "protocol"),
    ("/two-lengths", "protocol"),
    ("/headers", "headers"),
    ("/stacked", "encoding"),
    ("/circle", "redirects"),
    ("/hop/1", "redirects"),
    ("/gone", "status"),
];
/// Those that are refused.
const REFUSALS: [(&str, &str); 2] = [("/inside", "blockedAddress"), ("/mapped", "blockedAddress")];

/// A hostile host. It closes when this is dropped.
pub struct HostileHost {
    port: u16,
    _stop: DropGuard,
}

impl HostileHost {
    /// Starts one whose home page leads to all the others.
    ///
    /// # Panics
    /// If no port is free.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port is free");
        let port = listener
            .local_addr()
            .expect("a bound socket has an address")
            .port();
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let (stopped, connections) = (stop.clone(), tasks.clone());
        let bomb = Arc::new(bomb());
        tasks.spawn(async move {
            while let Some(Ok((socket, _))) = stopped.run_until_cancelled(listener.accept()).await {
                let (stopped, bomb) = (stopped.clone(), bomb.clone());
                connections.spawn(async move {
                    stopped.run_until_cancelled(mistreat(socket, bomb)).await
                });
            }
        });
        Self {
            port,
            _stop: stop.drop_guard(),
        }
    }

    /// The URL of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The outcome that each page must have: an error's code, or the reason of a refusal.
    pub fn outcomes() -> impl Iterator<Item = (&'static str, &'static str)> {
        FAILURES.into_iter().chain(REFUSALS)
    }
}

/// Answers one request in the way that its path asks for, and closes.
async fn mistreat(mut socket: TcpStream, bomb: Arc<Vec<u8>>) {
    let mut request = vec![0; 8192];
    let Ok(length) = socket.read(&mut request).await else {
        return;
    };
    let request = String::from_utf8_lossy(&request[..length]).into_owned();
    let path = request.split(' ').nth(1).unwrap_or("/");
    // The crawler leaves when it has seen enough.
    let _left = answer(&mut socket, path, &bomb).await;
}

async fn answer(socket: &mut TcpStream, path: &str, bomb: &[u8]) -> std::io::Result<()> {
    match path {
        "/no-answer" => wait(socket).await,
        "/drops" => drops(socket).await,
        "/hints-without-end" => {
            flood(socket, b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n").await
        }
        "/body-without-end" => {
            socket
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
                .await?;
            flood(socket, "<p>and so on".repeat(2_000).as_bytes()).await
        }
        "/reset" => {
            socket
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this")
                .await?;
            socket2::SockRef::from(&*socket).set_linger(Some(std::time::Duration::ZERO))
        }
        path => socket.write_all(&page(path, bomb)).await,
    }
}

fn page(path: &str, bomb: &[u8]) -> Vec<u8> {
    let redirect = |to: &str| {
        format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n").into_bytes()
    };
    match path {
        "/" => html(&home()),
        "/good" => html("<title>Good</title>"),
        "/bomb" => encoded("gzip", bomb),
        "/stacked" => encoded("gzip, gzip", b"x"),
        "/cut" => b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this".to_vec(),
        "/no-http" => b"220 mail.example.com ESMTP\r\n".to_vec(),
        "/two-lengths" => {
            b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx".to_vec()
        }
        "/headers" => format!("HTTP/1.1 200 OK\r\n{}\r\n", "X: y\r\n".repeat(10_000)).into_bytes(),
        "/circle" => redirect("/circle/again"),
        "/circle/again" => redirect("/circle"),
        "/inside" => redirect("http://169.254.169.254/latest/meta-data/"),
        "/mapped" => redirect("http://[::ffff:10.0.0.1]/"),
        path => match path
            .strip_prefix("/hop/")
            .and_then(|number| number.parse::<u32>().ok())
        {
            Some(number) => redirect(&format!("/hop/{}", number + 1)),
            None => b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec(),
        },
    }
}

fn home() -> String {
    let mut home = "<title>Home</title>".to_owned();
    for (path, _) in HostileHost::outcomes().chain([("/good", "")]) {
        let _infallible = write!(home, "<a href={path}>{path}</a>");
    }
    home
}

fn html(body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\n\r\n{body}")
        .into_bytes()
}

fn encoded(name: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: {name}\r\nContent-Length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// A hundred megabytes in one tenth of one.
fn bomb() -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![0; 1024 * 1024];
    for _ in 0..100 {
        encoder.write_all(&zeros).expect("memory takes it");
    }
    encoder.finish().expect("memory takes it")
}

async fn wait(socket: &mut TcpStream) -> std::io::Result<()> {
    let mut nothing = [0; 16];
    while socket.read(&mut nothing).await? > 0 {}
    Ok(())
}

async fn flood(socket: &mut TcpStream, bytes: &[u8]) -> std::io::Result<()> {
    loop {
        socket.write_all(bytes).await?;
    }
}

async fn drops(socket: &mut TcpStream) -> std::io::Result<()> {
    let mut pauses = tokio::time::interval(std::time::Duration::from_millis(50));
    socket
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        .await?;
    loop {
        pauses.tick().await;
        socket.write_all(b"x").await?;
    }
}
