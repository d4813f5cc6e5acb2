//! A real proxy in front of the worker, with the configuration that the project ships for it.

use std::path::Path;
use std::process::Stdio;

use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::proxy_conf::{self, Program};
use crate::{Api, Front, Nginx, eventually, exe, free_port};

/// A proxy that the project ships a configuration for, or two of them in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Product {
    /// nginx with nothing but `proxy_pass`: it speaks HTTP/1.0 to the worker.
    NginxDefaults,
    /// nginx with `infra/nginx/crawlcast.conf`.
    Nginx,
    /// As [`Nginx`](Self::Nginx), behind another nginx that buffers.
    NginxBeforeNginx,
    /// HAProxy.
    Haproxy,
    /// Caddy as Debian 12 has it, 2.6.
    CaddyOfDebian,
    /// Caddy 2.11.
    Caddy,
    /// Apache httpd.
    Apache,
    /// Varnish.
    Varnish,
    /// lighttpd.
    Lighttpd,
    /// Vite's development server.
    Vite,
    /// webpack's development server.
    Webpack,
}

impl Product {
    /// Starts it in front of the worker at this port; it accepts connections when this returns.
    ///
    /// # Panics
    /// If it is not installed or does not start; its log is in the message.
    pub async fn start(self, worker: u16) -> Proxy {
        self.start_with(worker, &[]).await
    }

    /// The same with other texts in place of some of its configuration's.
    ///
    /// # Panics
    /// As [`start`](Self::start).
    pub async fn start_with(self, worker: u16, edits: &[(&str, &str)]) -> Proxy {
        let program = match self {
            Self::NginxDefaults => {
                let plain = Front::plain(worker).edited(edits);
                return Proxy::nginx(vec![plain.start().await]);
            }
            Self::Nginx => {
                return Proxy::nginx(vec![Front::ours(worker).edited(edits).start().await]);
            }
            Self::NginxBeforeNginx => {
                let inner = Front::ours(worker).edited(edits).start().await;
                let outer = Front::plain(inner.port()).directive("proxy_http_version 1.1;");
                return Proxy::nginx(vec![outer.start().await, inner]);
            }
            Self::Haproxy => Program::haproxy(),
            Self::CaddyOfDebian => Program::caddy(exe::program("caddy", "caddy")),
            Self::Caddy => Program::caddy(exe::tool("caddy")),
            Self::Apache => Program::apache(),
            Self::Varnish => Program::varnish(proxy_conf::shipped("varnish.vcl")),
            Self::Lighttpd => Program::lighttpd(),
            Self::Vite => Program::vite(),
            Self::Webpack => Program::webpack(),
        };
        Proxy::of(&program.edited(edits), worker).await
    }
}

/// Varnish with nothing but the name of its backend: it caches what it may.
///
/// # Panics
/// As [`Product::start`].
pub async fn varnish_that_caches(worker: u16) -> Proxy {
    let vcl = "vcl 4.1;\nbackend worker { .host = \"127.0.0.1\"; .port = \"8080\"; }\n";
    Proxy::of(&Program::varnish(vcl.to_owned()), worker).await
}

/// A running proxy. It is killed when this is dropped.
pub struct Proxy {
    running: Running,
    port: u16,
}

enum Running {
    Nginx(Vec<Nginx>),
    Other { _child: Child, dir: TempDir },
}

/// File in a proxy's directory that takes its standard output and error.
const LOG: &str = "log";

impl Proxy {
    /// The outermost is the first, the one next to the worker the last.
    fn nginx(chain: Vec<Nginx>) -> Self {
        Self {
            port: chain[0].port(),
            running: Running::Nginx(chain),
        }
    }

    async fn of(program: &Program, worker: u16) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory can be made");
        let port = free_port();
        let arguments = program.prepare(dir.path(), port, worker);
        let log = std::fs::File::create(dir.path().join(LOG)).expect("a log can be made");
        let mut child = Command::new(program.path())
            .args(arguments)
            .env_clear()
            // Caddy keeps its state in the home directory; Varnish looks for a C compiler.
            .env("HOME", dir.path())
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .current_dir(dir.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a file can be opened twice"))
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .expect("the proxy can be run");
        eventually("the proxy accepts connections", || {
            let ended = child.try_wait().expect("a child can be asked");
            assert!(
                ended.is_none(),
                "the proxy does not take its configuration: {}",
                read(dir.path(), LOG)
            );
            async move { TcpStream::connect(("127.0.0.1", port)).await.ok() }
        })
        .await;
        Self {
            running: Running::Other { _child: child, dir },
            port,
        }
    }

    /// Its port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The API behind it.
    #[must_use]
    pub fn api(&self) -> Api {
        Api::at(&format!("http://127.0.0.1:{}", self.port))
    }

    /// Everything that it has logged so far: accesses and complaints. Of a chain, the part whose configuration is shipped.
    #[must_use]
    pub fn log(&self) -> String {
        match &self.running {
            Running::Nginx(chain) => chain.last().map(Nginx::log).unwrap_or_default(),
            Running::Other { dir, .. } => [LOG, proxy_conf::ACCESS_LOG, proxy_conf::ERROR_LOG]
                .map(|name| read(dir.path(), name))
                .concat(),
        }
    }
}

fn read(dir: &Path, name: &str) -> String {
    std::fs::read_to_string(dir.join(name)).unwrap_or_default()
}
