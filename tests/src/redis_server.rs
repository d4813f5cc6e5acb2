//! A real redis-server on loopback.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::certificate::make_certificate;
use crate::{eventually, exe, free_port, within};

/// Configuration of a sentinel.
const SENTINEL: &str = "sentinel.conf";

/// A server with its data in a directory of its own. It ends when this is dropped.
pub struct RedisServer {
    process: Child,
    port: u16,
    settings: Vec<(String, String)>,
    data: TempDir,
}

impl RedisServer {
    /// Starts a server as one should be: it syncs its append-only file before it answers.
    ///
    /// # Panics
    /// If redis-server is not installed or does not start.
    pub async fn start() -> Self {
        Self::start_with(&[("appendonly", "yes"), ("appendfsync", "always")]).await
    }

    /// Starts a server with these settings of `redis.conf`.
    ///
    /// # Panics
    /// As [`start`](Self::start).
    pub async fn start_with(settings: &[(&str, &str)]) -> Self {
        let data = tempfile::tempdir().expect("a temporary directory can be made");
        Self::start_in(data, settings).await
    }

    async fn start_in(data: TempDir, settings: &[(&str, &str)]) -> Self {
        let port = free_port();
        let settings: Vec<(String, String)> = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let process = run(port, &settings, &data);
        let server = Self {
            process,
            port,
            settings,
            data,
        };
        server.answers().await;
        server
    }

    /// Starts a server that takes TLS connections too.
    ///
    /// # Panics
    /// As [`start`](Self::start), or when openssl is not installed.
    pub async fn start_with_tls() -> Self {
        let data = tempfile::tempdir().expect("a temporary directory can be made");
        make_certificate(data.path()).await;
        let port = free_port().to_string();
        let settings = [
            ("tls-port", port.as_str()),
            ("tls-cert-file", "cert.pem"),
            ("tls-key-file", "key.pem"),
            ("tls-auth-clients", "no"),
        ];
        Self::start_in(data, &settings).await
    }

    /// Starts a sentinel that watches this server under the name `main`, and promotes a replica once it is silent for a second.
    ///
    /// # Panics
    /// As [`start`](Self::start).
    pub async fn start_sentinel(&self) -> Self {
        let data = tempfile::tempdir().expect("a temporary directory can be made");
        // A sentinel writes what it learns into its own configuration.
        let watched = format!(
            "sentinel monitor main 127.0.0.1 {} 1\nsentinel down-after-milliseconds main 1000\n",
            self.port
        );
        std::fs::write(data.path().join(SENTINEL), watched).expect("a file can be written");
        Self::start_in(data, &[]).await
    }

    /// Its address, `redis://127.0.0.1:<port>`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Its address for TLS connections, `rediss://localhost:<port>`.
    ///
    /// # Panics
    /// If it takes none.
    #[must_use]
    pub fn tls_url(&self) -> String {
        let port = self.settings.iter().find(|(name, _)| name == "tls-port");
        format!(
            "rediss://localhost:{}",
            port.expect("it takes TLS connections").1
        )
    }

    /// The certificate that it shows to TLS connections, in PEM.
    ///
    /// # Panics
    /// If it has none.
    #[must_use]
    pub fn certificate(&self) -> Vec<u8> {
        std::fs::read(self.data.path().join("cert.pem")).expect("it takes TLS connections")
    }

    /// Port of 127.0.0.1, the same for all its lives.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Sends a command of words without spaces; answers its line as it came, `+OK` or `:3`, or the text that follows one.
    ///
    /// # Panics
    /// If the server does not answer.
    pub async fn command(&self, words: &str) -> String {
        let asked = within("redis answers", self.try_command(words)).await;
        asked.expect("redis answers")
    }

    /// Its directory, with the file to which it appends every write.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        self.data.path()
    }

    /// Kills it (SIGKILL) and waits for its end.
    ///
    /// # Panics
    /// If it has ended before.
    pub async fn kill(&mut self) {
        self.process.kill().await.expect("redis runs");
    }

    /// Starts it again on the same port, with the data that it has left.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn restart(&mut self) {
        self.process = run(self.port, &self.settings, &self.data);
        self.answers().await;
    }

    /// Stops all its threads (SIGSTOP): connections stay, nothing is answered.
    ///
    /// # Panics
    /// If it does not run.
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets it go on (SIGCONT).
    ///
    /// # Panics
    /// If it does not run.
    pub fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        let id = self.process.id().and_then(|id| i32::try_from(id).ok());
        let pid = id.and_then(Pid::from_raw).expect("redis runs");
        kill_process(pid, signal).expect("a child can be signalled");
    }

    async fn answers(&self) {
        eventually("redis answers", || async {
            let answer = self.try_command("PING").await.ok()?;
            // One with a password answers too, to say so.
            let ready = !answer.is_empty() && !answer.starts_with("-LOADING");
            ready.then_some(())
        })
        .await;
    }

    async fn try_command(&self, words: &str) -> std::io::Result<String> {
        let mut connection = TcpStream::connect(("127.0.0.1", self.port)).await?;
        connection
            .write_all(format!("{words}\r\n").as_bytes())
            .await?;
        // A server that has answered closes what has ended.
        connection.shutdown().await?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer).await?;
        let (line, text) = answer.split_once("\r\n").unwrap_or((&answer, ""));
        Ok(if line.starts_with('$') { text } else { line }.to_owned())
    }
}

/// The server of the system, or the one that `TEST_REDIS_SERVER` names: Valkey, or another version.
fn program() -> PathBuf {
    let named = std::env::var_os("TEST_REDIS_SERVER").map(PathBuf::from);
    named.unwrap_or_else(|| exe::program("redis-server", "redis-server"))
}

fn run(port: u16, settings: &[(String, String)], data: &TempDir) -> Child {
    let mut command = Command::new(program());
    command.current_dir(data.path());
    if data.path().join(SENTINEL).exists() {
        command.args([SENTINEL, "--sentinel"]);
    } else {
        command.args(["--save", ""]);
    }
    command.args(["--port", &port.to_string(), "--bind", "127.0.0.1"]);
    for (name, value) in settings {
        command.args([&format!("--{name}"), value]);
    }
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("redis-server can be run")
}
