//! A real nginx in front of the worker, or serving files.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::certificate::make_certificate;
use crate::{Api, eventually, exe, free_port};

/// The worker's address in the configuration that the project ships.
const WORKER_IN_CONF: &str = "server 127.0.0.1:8080;";

/// Settings of an nginx that has not been started.
#[derive(Debug, Clone)]
pub struct Front {
    kind: Kind,
    http: Vec<String>,
    edits: Vec<(String, String)>,
    tls: bool,
    port: Option<u16>,
}

#[derive(Debug, Clone)]
enum Kind {
    Plain {
        worker: u16,
    },
    Ours {
        workers: Vec<u16>,
        without: Option<String>,
    },
    Composed {
        workers: Vec<u16>,
    },
    Files {
        root: PathBuf,
    },
}

impl Front {
    /// The configuration of somebody who has read nothing: `proxy_pass` and every default of nginx, buffering on, HTTP/1.0
    /// upstream.
    #[must_use]
    pub const fn plain(worker: u16) -> Self {
        Self::of(Kind::Plain { worker })
    }

    /// The configuration that the project ships, `infra/nginx/crawlcast.conf`, with the ports of this test.
    #[must_use]
    pub fn ours(worker: u16) -> Self {
        Self::ours_before(vec![worker])
    }

    /// The same configuration before several workers, which take turns.
    #[must_use]
    pub const fn ours_before(workers: Vec<u16>) -> Self {
        Self::of(Kind::Ours {
            workers,
            without: None,
        })
    }

    /// The configuration of the compose file for many workers, `infra/many-workers/nginx.conf`, with the ports of this test.
    #[must_use]
    pub const fn composed(workers: Vec<u16>) -> Self {
        Self::of(Kind::Composed { workers })
    }

    /// A web server of static files.
    #[must_use]
    pub fn files(root: &Path) -> Self {
        Self::of(Kind::Files {
            root: root.to_owned(),
        })
    }

    const fn of(kind: Kind) -> Self {
        Self {
            kind,
            http: Vec::new(),
            edits: Vec::new(),
            tls: false,
            port: None,
        }
    }

    /// On this port of 127.0.0.1 instead of any.
    #[must_use]
    pub const fn on(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// One more directive for all of HTTP.
    #[must_use]
    pub fn directive(mut self, line: &str) -> Self {
        self.http.push(line.to_owned());
        self
    }

    /// Other texts in place of some of the configuration's.
    #[must_use]
    pub fn edited(mut self, edits: &[(&str, &str)]) -> Self {
        let owned = edits
            .iter()
            .map(|(from, to)| ((*from).to_owned(), (*to).to_owned()));
        self.edits.extend(owned);
        self
    }

    /// The shipped configuration without its lines that begin with `directive`.
    ///
    /// # Panics
    /// If this is no front with that configuration.
    #[must_use]
    pub fn without(mut self, directive: &str) -> Self {
        let Kind::Ours { without, .. } = &mut self.kind else {
            panic!("only the shipped configuration has lines to leave out");
        };
        *without = Some(directive.to_owned());
        self
    }

    /// Compresses whatever it can.
    #[must_use]
    pub fn gzip_everything(self) -> Self {
        self.directive("gzip on;")
            .directive("gzip_types *;")
            .directive("gzip_min_length 0;")
            .directive("gzip_proxied any;")
    }

    /// Keeps every answer for ten minutes that does not forbid it.
    #[must_use]
    pub fn caches_everything(self) -> Self {
        self.directive("proxy_cache_path cache keys_zone=all:1m;")
            .directive("proxy_cache all;")
            .directive("proxy_cache_valid 200 10m;")
    }

    /// Speaks TLS, and HTTP/2 to those who can, with a certificate made for this test.
    #[must_use]
    pub const fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// Starts nginx; it accepts connections when this returns.
    ///
    /// # Panics
    /// If it is not installed or does not start.
    pub async fn start(self) -> Nginx {
        let prefix = tempfile::tempdir().expect("a temporary directory can be made");
        let port = self.port.unwrap_or_else(free_port);
        if self.tls {
            make_certificate(prefix.path()).await;
        }
        let conf = prefix.path().join("nginx.conf");
        std::fs::write(&conf, self.conf(prefix.path(), port))
            .expect("the configuration can be written");
        let child = Command::new(exe::program("nginx", "nginx-light"))
            .args(["-e", "stderr", "-p"])
            .arg(prefix.path())
            .arg("-c")
            .arg(&conf)
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("nginx can be run");
        let mut nginx = Nginx {
            child,
            prefix,
            port,
            tls: self.tls,
        };
        eventually("nginx accepts connections", || async {
            TcpStream::connect(("127.0.0.1", port)).await.ok()
        })
        .await;
        let ended = nginx.child.try_wait().expect("a child can be asked");
        assert!(
            ended.is_none(),
            "nginx does not take its configuration: {ended:?}"
        );
        nginx
    }

    fn conf(&self, prefix: &Path, port: u16) -> String {
        let dir = prefix.display();
        let user = if rustix::process::geteuid().is_root() {
            "user root;\n"
        } else {
            ""
        };
        let mut conf = format!(
            "daemon off;\nmaster_process off;\n{user}pid {dir}/nginx.pid;\nerror_log {dir}/error.log warn;\n\
             events {{ worker_connections 8192; }}\nhttp {{\n\
             log_format e2e '$status $request_uri';\naccess_log {dir}/access.log e2e;\n\
             types {{ text/html html htm; text/css css; application/javascript js; text/plain txt; image/png png; image/svg+xml svg; }}\n\
             default_type application/octet-stream;\n"
        );
        for part in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] {
            let _ = writeln!(conf, "{part}_temp_path {dir}/{part};");
        }
        for line in &self.http {
            let _ = writeln!(conf, "{line}");
        }
        let listen = self.listen(prefix, port);
        conf.push_str(&match &self.kind {
            Kind::Plain { worker } => {
                format!("server {{\n{listen}\nlocation / {{ proxy_pass http://127.0.0.1:{worker}; }}\n}}\n")
            }
            Kind::Files { root } => format!("server {{\n{listen}\nroot {};\nindex index.html;\n}}\n", root.display()),
            Kind::Composed { workers } => composed(workers, &listen),
            Kind::Ours { workers, without } => {
                let conf = ours(workers, without.as_deref(), &listen);
                conf.replace("/var/log/nginx", &dir.to_string())
            }
        });
        conf.push_str("}\n");
        for (from, to) in &self.edits {
            assert!(
                conf.contains(from),
                "the configuration has `{from}`: {conf}"
            );
            conf = conf.replace(from, to);
        }
        conf
    }

    fn listen(&self, prefix: &Path, port: u16) -> String {
        if self.tls {
            let dir = prefix.display();
            format!(
                "listen 127.0.0.1:{port} ssl http2;\nssl_certificate {dir}/cert.pem;\nssl_certificate_key {dir}/key.pem;"
            )
        } else {
            format!("listen 127.0.0.1:{port};")
        }
    }
}

/// The shipped configuration, with this test's ports and certificate in place of its own.
fn ours(workers: &[u16], without: Option<&str>, listen: &str) -> String {
    let path = exe::workspace().join("infra/nginx/crawlcast.conf");
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(
        text.contains(WORKER_IN_CONF),
        "{} names the worker as `{WORKER_IN_CONF}`",
        path.display()
    );
    let mut listen = Some(listen);
    let own = [
        "listen ",
        "ssl_certificate ",
        "ssl_certificate_key ",
        "http2 ",
    ];
    let servers = workers
        .iter()
        .map(|worker| format!("server 127.0.0.1:{worker};"));
    let lines = text.replace(WORKER_IN_CONF, &servers.collect::<Vec<_>>().join("\n"));
    let lines = lines.lines().filter_map(|line| {
        if without.is_some_and(|without| line.trim_start().starts_with(without)) {
            return None;
        }
        if !own.iter().any(|own| line.trim_start().starts_with(own)) {
            return Some(line.to_owned());
        }
        // The first `listen` makes way for the test's own; the others, and what belongs to them, go.
        if line.trim_start().starts_with("listen ") {
            listen.take().map(str::to_owned)
        } else {
            None
        }
    });
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

/// The compose file's configuration, with this test's ports in place of its own.
fn composed(workers: &[u16], listen: &str) -> String {
    let path = exe::workspace().join("infra/many-workers/nginx.conf");
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut conf = text.replace("listen 8080;", listen);
    for (number, port) in (1..).zip(workers) {
        let name = format!("server worker-{number}:8080 ");
        assert!(conf.contains(&name), "{} has no `{name}`", path.display());
        conf = conf.replace(&name, &format!("server 127.0.0.1:{port} "));
    }
    conf
}

/// A running nginx. It is killed when this is dropped.
pub struct Nginx {
    child: Child,
    prefix: TempDir,
    port: u16,
    tls: bool,
}

/// A failed test shows what nginx has complained about.
impl Drop for Nginx {
    fn drop(&mut self) {
        if std::thread::panicking()
            && let Ok(log) = std::fs::read_to_string(self.prefix.path().join("error.log"))
        {
            let lines: Vec<&str> = log.lines().collect();
            let last = &lines[lines.len().saturating_sub(40)..];
            eprintln!("nginx complained:\n{}", last.join("\n"));
        }
    }
}

/// One line of the access log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessLine {
    /// Status of the answer.
    pub status: u16,
    /// The path that was asked for.
    pub path: String,
}

impl Nginx {
    /// Its certificate, where it has one.
    #[must_use]
    pub fn certificate(&self) -> PathBuf {
        self.prefix.path().join("cert.pem")
    }

    /// The API behind it.
    #[must_use]
    pub fn api(&self) -> Api {
        Api::at(&self.base())
    }

    /// Its port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Everything that it has logged: accesses and complaints.
    #[must_use]
    pub fn log(&self) -> String {
        let mut log = String::new();
        for entry in std::fs::read_dir(self.prefix.path()).expect("its directory is there") {
            let path = entry.expect("the directory can be read").path();
            if path.extension().is_some_and(|extension| extension == "log") {
                log += &std::fs::read_to_string(&path).expect("a log can be read");
            }
        }
        log
    }

    /// Start of its URLs, without a slash at the end.
    #[must_use]
    pub fn base(&self) -> String {
        format!(
            "{}://127.0.0.1:{}",
            if self.tls { "https" } else { "http" },
            self.port
        )
    }

    /// The requests that it has answered. nginx writes a line when an answer has ended.
    ///
    /// # Panics
    /// If a line of the log is not a status and a path.
    #[must_use]
    pub fn accesses(&self) -> Vec<AccessLine> {
        let log = std::fs::read_to_string(self.prefix.path().join("access.log"))
            .expect("nginx writes its log");
        let line = |line: &str| {
            let (status, path) = line.split_once(' ').expect("status and path");
            AccessLine {
                status: status.parse().expect("a status is a number"),
                path: path.to_owned(),
            }
        };
        log.lines().map(line).collect()
    }
}
