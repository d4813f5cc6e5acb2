//! A site whose every page is in memory: generated ones of an ordinary size, or a directory's.
//!
//! It counts which pages were fetched, so that nobody has to take a crawler's word for it.

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;
use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use bytes::Bytes;
use http_body_util::Full;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::TaskTracker;

/// The pages, by path, and which of them were fetched.
pub(crate) struct Site {
    pages: HashMap<String, Bytes>,
    fetched: Mutex<HashSet<String>>,
    /// Content of every page under `/leaf/`, on a [growing](Site::growing) site.
    leaf: Option<Bytes>,
}

/// Links of one page of a [growing](Site::growing) site: as many as are followed from one.
pub(crate) const LINKS: usize = 10_000;

/// Pages of each host of a site of [many hosts](Site::of_hosts).
const PAGES_OF_HOST: usize = 10;

/// Serves so many generated pages (`500`), so many with many links (`linked:500`), so many hosts of ten pages (`hosts:500`), or a
/// directory, to whom it may concern; `count` on stdin asks how many different pages were fetched since it was last asked.
pub(crate) async fn run(what: &str) -> anyhow::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let mut listeners = vec![listener];
    let site = match what.split_once(':') {
        Some(("linked", pages)) => Site::linked(pages.parse()?),
        Some(("hosts", hosts)) => {
            let hosts: Vec<SocketAddr> = (0..hosts.parse()?)
                .map(|host| SocketAddr::new(host_address(host), address.port()))
                .collect();
            for host in &hosts {
                listeners.push(TcpListener::bind(host).await?);
            }
            Site::of_hosts(&hosts)
        }
        _ => match what.parse() {
            Ok(pages) => Site::generated(pages),
            Err(_) => Site::directory(Path::new(what))?,
        },
    };
    let (site, tasks) = (Arc::new(site), TaskTracker::new());
    for listener in listeners {
        site.clone().accept_all(listener, &tasks);
    }
    println!("listening on http://{address}\npages {}", site.pages.len());
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while lines.next_line().await?.is_some() {
        println!("{}", std::mem::take(&mut *site.fetched.lock()).len());
    }
    Ok(())
}

impl Site {
    /// `pages` pages of about 14 KB, each of which leads to twenty others; `/` is the first.
    pub(crate) fn generated(pages: usize) -> Self {
        let path = |number: usize| match number {
            0 => "/".to_owned(),
            number => format!("/page/{number}"),
        };
        Self::of((0..pages).map(|number| (path(number), page(number, pages, path).into())))
    }

    /// `pages` pages of about 26 KB with 130 links each, as a manual has them: the same navigation on each, neighbours, and places
    /// within pages; relative, from the root, and with fragments.
    pub(crate) fn linked(pages: usize) -> Self {
        Self::of((0..pages).map(|number| (linked_path(number), linked_page(number, pages).into())))
    }

    /// A home page that leads to the first page of each host, which leads to that host's others. Every host would serve all of
    /// them.
    fn of_hosts(hosts: &[SocketAddr]) -> Self {
        let text = "A paragraph of ordinary length, as a page about nothing in particular has it. ";
        let page = |links: &mut dyn Iterator<Item = String>| -> Bytes {
            let links =
                links.map(|link| format!("<p>{}<a href=\"{link}\">x</a></p>", text.repeat(18)));
            links.collect::<String>().into()
        };
        let first = |(number, host): (usize, &SocketAddr)| format!("http://{host}/host{number}/0");
        let home = page(&mut hosts.iter().enumerate().map(first));
        let pages =
            (0..hosts.len()).flat_map(|number| (0..PAGES_OF_HOST).map(move |page| (number, page)));
        let pages = pages.map(|(number, of_host)| {
            let links = &mut (0..PAGES_OF_HOST).map(|other| format!("/host{number}/{other}"));
            (format!("/host{number}/{of_host}"), page(links))
        });
        Self::of([("/".to_owned(), home)].into_iter().chain(pages))
    }

    /// A home page that leads to so many others, each of which leads to ten thousand of its own.
    pub(crate) fn growing(hubs: usize) -> Self {
        let page = |links: &mut dyn Iterator<Item = String>| -> Bytes {
            let links = links.map(|link| format!("<a href=\"{link}\">x</a>"));
            links.collect::<String>().into()
        };
        let home = page(&mut (0..hubs).map(|hub| format!("/hub/{hub}")));
        let hub = |hub: usize| {
            let leaves = &mut (0..LINKS).map(|leaf| format!("/leaf/{hub}/{leaf}"));
            (format!("/hub/{hub}"), page(leaves))
        };
        let mut site = Self::of((0..hubs).map(hub).chain([("/".to_owned(), home)]));
        site.leaf = Some("<p>A paragraph of ordinary length. ".repeat(30).into());
        site
    }

    /// The HTML files of a directory and of those in it; `index.html` is `/` too.
    fn directory(root: &Path) -> anyhow::Result<Self> {
        let mut pages = Vec::new();
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            let entries = std::fs::read_dir(&folder);
            for entry in entries.with_context(|| format!("no site in {folder:?}"))? {
                let path = entry?.path();
                // A package links to folders of others, which are no part of this site.
                if path.is_dir() && !path.is_symlink() {
                    folders.push(path);
                } else if path
                    .extension()
                    .is_some_and(|extension| extension == "html")
                {
                    let name = path.strip_prefix(root)?.to_string_lossy().into_owned();
                    pages.push((format!("/{name}"), std::fs::read(&path)?.into()));
                }
            }
        }
        let mut site = Self::of(pages);
        let home = site.pages.remove("/index.html").context("no index.html")?;
        site.pages.insert("/".to_owned(), home);
        Ok(site)
    }

    fn of(pages: impl IntoIterator<Item = (String, Bytes)>) -> Self {
        Self {
            pages: pages.into_iter().collect(),
            fetched: Mutex::default(),
            leaf: None,
        }
    }

    /// Serves it on a port of its own.
    pub(crate) async fn serve(self: Arc<Self>, tasks: &TaskTracker) -> anyhow::Result<SocketAddr> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        self.accept_all(listener, tasks);
        Ok(address)
    }

    fn accept_all(self: Arc<Self>, listener: TcpListener, tasks: &TaskTracker) {
        let connections = tasks.clone();
        tasks.spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                connections.spawn(self.clone().answer_all(socket));
            }
        });
    }

    async fn answer_all(self: Arc<Self>, socket: TcpStream) {
        // Without it a response in two packets would wait for the other side's acknowledgement.
        let _without = socket.set_nodelay(true);
        let service = service_fn(move |request| {
            let response = self.answer(&request);
            async { Ok::<_, Infallible>(response) }
        });
        let _ended = http1::Builder::new()
            .serve_connection(TokioIo::new(socket), service)
            .await;
    }

    fn answer<B>(&self, request: &Request<B>) -> Response<Full<Bytes>> {
        let path = match request.uri().path() {
            "/index.html" => "/",
            path => path,
        };
        let leaf = || self.leaf.clone().filter(|_| path.starts_with("/leaf/"));
        let page = self.pages.get(path).cloned().or_else(leaf);
        let status = if page.is_some() { 200 } else { 404 };
        if page.is_some() {
            self.fetched.lock().insert(path.to_owned());
        }
        Response::builder()
            .status(status)
            .header("content-type", "text/html; charset=utf-8")
            .body(Full::new(page.unwrap_or_default()))
            .expect("the head is valid")
    }
}

/// The address of a host on this machine: 127.0.1.0 is the first.
fn host_address(host: u32) -> IpAddr {
    let first = u32::from(Ipv4Addr::new(127, 0, 1, 0));
    Ipv4Addr::from(first + host).into()
}

fn page(number: usize, pages: usize, path: impl Fn(usize) -> String) -> String {
    let mut html =
        format!("<!doctype html><html lang=en><head><title>Page {number}</title></head><body>");
    for link in 1..=20 {
        let to = (number * 20 + link) % pages;
        let _ = write!(
            html,
            "<p>Some words before <a href=\"{}\">page {to}</a> and some after it. ",
            path(to)
        );
        for _ in 0..8 {
            html.push_str(
                "A paragraph of ordinary length, as a page about nothing in particular has it.",
            );
        }
        html.push_str("</p>");
    }
    html.push_str("</body></html>");
    html
}

/// A hundred pages to a directory.
fn linked_path(number: usize) -> String {
    match number {
        0 => "/".to_owned(),
        number => format!("/part{}/page{number}.html", number / 100),
    }
}

fn linked_page(number: usize, pages: usize) -> String {
    let mut html = format!(
        "<!doctype html><html lang=en><head><title>Page {number}</title></head><body><nav><ul>"
    );
    let up = if number == 0 { "" } else { "../" };
    let parts = pages.div_ceil(100);
    for entry in 0..60 {
        let part = entry * parts / 60;
        let first = (part * 100).max(1).min(pages - 1);
        let _ = write!(
            html,
            "<li><a href=\"{up}part{}/page{first}.html\">Part {part}</a></li>",
            first / 100
        );
    }
    html.push_str("</ul></nav><main>");
    for step in 0..35 {
        // Neighbours first, then ever further ones, so that every page is linked.
        let near = (number + step + 1) % pages;
        let far = (number * 7 + step * 131) % pages;
        let _ = write!(
            html,
            "<p>Some words before <a href=\"{}#part-{step}\">a place</a> and before \
             <a href=\"{}\">another page</a>, and some after. ",
            linked_path(near),
            linked_path(far),
        );
        for _ in 0..6 {
            html.push_str(
                "A paragraph of ordinary length, as a page about nothing in particular has it. ",
            );
        }
        html.push_str("</p>");
    }
    html.push_str("</main></body></html>");
    html
}
