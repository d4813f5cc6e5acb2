//! moto's server, which speaks as Amazon's services do, as a process.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Mutex;

use crate::{Api, eventually, exe, free_port, within};

/// The region that everything is in.
pub(crate) const REGION: &str = "eu-central-1";

/// A server on loopback. It ends when this is dropped.
pub(crate) struct Moto {
    _process: Child,
    port: u16,
    endpoint: Api,
    clock: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
}

impl Moto {
    pub(crate) async fn start() -> Self {
        let port = free_port();
        let mut process = Command::new(exe::tools())
            .arg(exe::workspace().join("tests/src/moto_server.py"))
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("moto can be run");
        let stdin = process.stdin.take().expect("stdin is piped");
        let stdout = process.stdout.take().expect("stdout is piped");
        let endpoint = Api::at(&format!("http://127.0.0.1:{port}"));
        eventually("moto answers", || async {
            let asked = endpoint.http().get(endpoint.url("/moto-api/"));
            asked.send().await.ok()
        })
        .await;
        Self {
            _process: process,
            port,
            endpoint,
            clock: Mutex::new((stdin, BufReader::new(stdout))),
        }
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    pub(crate) const fn endpoint(&self) -> &Api {
        &self.endpoint
    }

    /// Environment variables, beside the endpoint, that a process needs to use this server instead of Amazon's.
    pub(crate) fn account() -> [(&'static str, &'static str); 4] {
        [
            ("AWS_REGION", REGION),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ]
    }

    /// Turns the server's clock forward.
    pub(crate) async fn pass(&self, span: Duration) {
        let (turn, turned) = &mut *self.clock.lock().await;
        let line = format!("{}\n", span.as_secs_f64());
        turn.write_all(line.as_bytes())
            .await
            .expect("moto is there");
        let mut echo = String::new();
        // The server announces itself on the same pipe.
        while echo != line {
            echo.clear();
            let read = within("moto's clock turns", turned.read_line(&mut echo)).await;
            assert!(read.expect("stdout can be read") > 0, "moto has ended");
        }
    }
}
