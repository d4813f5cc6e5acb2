//! The configurations of `infra/proxies/` as a test uses them: with its own ports and logs, and without TLS.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::exe;

/// The access log's name in a proxy's directory, where it has a file for it.
pub(crate) const ACCESS_LOG: &str = "access.log";
/// The error log's name there.
pub(crate) const ERROR_LOG: &str = "error.log";

/// Directory of Apache's modules in Debian.
const APACHE_MODULES: &str = "/usr/lib/apache2/modules";

/// A proxy's program, its configuration, and how the one is started with the other.
pub(crate) struct Program {
    path: PathBuf,
    conf: String,
    adapt: fn(&str, &Place<'_>) -> String,
    arguments: fn(&Place<'_>) -> Vec<String>,
    file: &'static str,
}

/// Values of a test that replace the configuration's own.
pub(crate) struct Place<'a> {
    dir: &'a Path,
    port: u16,
    worker: u16,
    conf: &'static str,
}

impl Place<'_> {
    fn file(&self, name: &str) -> String {
        self.dir.join(name).display().to_string()
    }

    fn conf(&self) -> String {
        self.file(self.conf)
    }
}

impl Program {
    pub(crate) fn haproxy() -> Self {
        Self {
            path: exe::program("haproxy", "haproxy"),
            conf: shipped("haproxy.cfg"),
            file: "conf",
            adapt: |conf, place| {
                let conf = lines(conf, &["log /dev/log"], "log stdout format raw local0");
                let conf = lines(
                    &conf,
                    &["bind :443"],
                    &format!("bind 127.0.0.1:{}", place.port),
                );
                with_worker(&conf, place)
            },
            arguments: |place| vec!["-db".to_owned(), "-f".to_owned(), place.conf()],
        }
    }

    pub(crate) fn caddy(path: PathBuf) -> Self {
        Self {
            path,
            conf: shipped("Caddyfile"),
            file: "conf",
            adapt: |conf, place| {
                let site = format!("http://:{} {{\nbind 127.0.0.1", place.port);
                let conf = replaced(conf, "crawl.example.com {", &site);
                // The first line that is `{` opens the options for all of Caddy.
                let conf = conf.replacen("\n{\n", "\n{\nadmin off\nauto_https off\n", 1);
                with_worker(&conf, place)
            },
            arguments: |place| {
                let words = ["run", "--adapter", "caddyfile", "--config"].map(str::to_owned);
                words.into_iter().chain([place.conf()]).collect()
            },
        }
    }

    pub(crate) fn apache() -> Self {
        Self {
            path: exe::program("apache2", "apache2"),
            conf: shipped("apache.conf"),
            file: "conf",
            adapt: |conf, place| {
                let conf = replaced(conf, "*:443", &format!("127.0.0.1:{}", place.port));
                let conf = lines(&conf, &["SSL", "Protocols "], "");
                let access = place.file(ACCESS_LOG);
                let conf = replaced(&conf, "/var/log/apache2/crawlcast.log", &access);
                apache_itself(place) + &with_worker(&conf, place)
            },
            // One process, which a test can end for sure.
            arguments: |place| vec!["-X".to_owned(), "-f".to_owned(), place.conf()],
        }
    }

    pub(crate) fn varnish(vcl: String) -> Self {
        Self {
            path: exe::program("varnishd", "varnish"),
            conf: vcl,
            file: "conf",
            adapt: |conf, place| replaced(conf, "\"8080\"", &format!("\"{}\"", place.worker)),
            arguments: |place| {
                let listen = format!("127.0.0.1:{}", place.port);
                let (name, conf) = (place.file("varnish"), place.conf());
                // `-j none`: a test's directory is its owner's alone.
                let words = [
                    "-F",
                    "-j",
                    "none",
                    "-n",
                    &name,
                    "-a",
                    &listen,
                    "-f",
                    &conf,
                    "-s",
                    "malloc,32m",
                ];
                words.map(str::to_owned).to_vec()
            },
        }
    }

    pub(crate) fn lighttpd() -> Self {
        Self {
            path: exe::program("lighttpd", "lighttpd"),
            conf: shipped("lighttpd.conf"),
            file: "conf",
            adapt: |conf, place| {
                let conf = replaced(
                    conf,
                    "crawl.example.com",
                    &format!("127.0.0.1:{}", place.port),
                );
                let worker = format!("\"port\" => {},", place.worker);
                lighttpd_itself(place) + &replaced(&conf, "\"port\" => 8080,", &worker)
            },
            arguments: |place| vec!["-D".to_owned(), "-f".to_owned(), place.conf()],
        }
    }

    pub(crate) fn vite() -> Self {
        Self {
            path: exe::program("node", "nodejs"),
            conf: shipped("vite.config.js"),
            file: "vite.config.mjs",
            adapt: with_worker,
            arguments: |place| {
                let port = place.port.to_string();
                let words = ["--port", &port, "--strictPort", "--host", "127.0.0.1"];
                dev_server("vite/bin/vite.js", &words)
            },
        }
    }

    pub(crate) fn webpack() -> Self {
        Self {
            path: exe::program("node", "nodejs"),
            conf: shipped("webpack.config.js"),
            file: "webpack.config.cjs",
            adapt: |conf, place| {
                // Nothing is built: the server is there for its proxy.
                let conf = replaced(
                    conf,
                    "mode: \"development\",",
                    "mode: \"development\", entry: {},",
                );
                with_worker(&conf, place)
            },
            arguments: |place| {
                let port = place.port.to_string();
                let words = ["serve", "--port", &port, "--host", "127.0.0.1"];
                dev_server("webpack/bin/webpack.js", &words)
            },
        }
    }

    /// The same with other texts in place of some of its configuration's.
    pub(crate) fn edited(self, edits: &[(&str, &str)]) -> Self {
        let edit = |conf: String, (from, to): &(&str, &str)| replaced(&conf, from, to);
        Self {
            conf: edits.iter().fold(self.conf, edit),
            ..self
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the configuration into `dir`; answers the arguments that make the program use it.
    pub(crate) fn prepare(&self, dir: &Path, port: u16, worker: u16) -> Vec<OsString> {
        let place = Place {
            dir,
            port,
            worker,
            conf: self.file,
        };
        std::fs::write(place.conf(), (self.adapt)(&self.conf, &place))
            .expect("the configuration can be written");
        (self.arguments)(&place)
            .into_iter()
            .map(OsString::from)
            .collect()
    }
}

/// A file of `infra/proxies/`.
pub(crate) fn shipped(name: &str) -> String {
    let path = exe::workspace().join("infra/proxies").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A program of the packages from npm.
fn dev_server(script: &str, words: &[&str]) -> Vec<String> {
    let script = exe::packages("dev_servers")
        .join(script)
        .display()
        .to_string();
    let words = words.iter().map(|word| (*word).to_owned());
    std::iter::once(script).chain(words).collect()
}

/// The directives that Debian's own files put around a site of Apache.
fn apache_itself(place: &Place<'_>) -> String {
    let modules = [
        "mpm_event",
        "authz_core",
        "alias",
        "headers",
        "proxy",
        "proxy_http",
        "buffer",
        "cache",
        "cache_disk",
        "deflate",
        "filter",
        "env",
        "rewrite",
    ];
    let load = |module| format!("LoadModule {module}_module {APACHE_MODULES}/mod_{module}.so\n");
    let (dir, port) = (place.dir.display(), place.port);
    format!(
        "{}ServerRoot {dir}\nDocumentRoot {dir}\nPidFile {dir}/pid\nErrorLog {dir}/{ERROR_LOG}\n\
         CacheRoot {dir}\nDefaultRuntimeDir {dir}\nUser www-data\nGroup www-data\nListen 127.0.0.1:{port}\n",
        modules.map(load).concat()
    )
}

/// The settings that Debian's own files put around a host of lighttpd.
fn lighttpd_itself(place: &Place<'_>) -> String {
    let (dir, port) = (place.dir.display(), place.port);
    format!(
        "server.modules = (\"mod_rewrite\", \"mod_setenv\", \"mod_proxy\", \"mod_accesslog\")\nserver.document-root = \"{dir}\"\nserver.bind = \"127.0.0.1\"\n\
         server.port = {port}\naccesslog.filename = \"{dir}/{ACCESS_LOG}\"\n"
    )
}

fn with_worker(conf: &str, place: &Place<'_>) -> String {
    replaced(
        conf,
        "127.0.0.1:8080",
        &format!("127.0.0.1:{}", place.worker),
    )
}

fn replaced(conf: &str, from: &str, to: &str) -> String {
    assert!(
        conf.contains(from),
        "the configuration has `{from}`: {conf}"
    );
    conf.replace(from, to)
}

/// The text with other lines in place of those that begin with one of `starts`.
fn lines(conf: &str, starts: &[&str], to: &str) -> String {
    let mut found = false;
    let lines = conf.lines().map(|line| {
        let own = starts
            .iter()
            .any(|start| line.trim_start().starts_with(start));
        found |= own;
        if own { to } else { line }
    });
    let lines = lines.collect::<Vec<_>>().join("\n") + "\n";
    assert!(
        found,
        "the configuration has lines that begin with {starts:?}"
    );
    lines
}
