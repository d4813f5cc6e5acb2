//! A site to crawl, on a port of its own: scripted pages, a log of who asked for what and when, and pages that are held.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::{Page, within};

/// One request that reached the site.
#[derive(Debug, Clone)]
pub struct Visit {
    /// Path and query.
    pub path: String,
    /// Time at which its head had arrived.
    pub at: Instant,
    /// Its headers.
    pub headers: HeaderMap,
}

impl Visit {
    /// A header's text; empty if it is not there.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

type Script = dyn Fn(&Visit) -> Page + Send + Sync;

/// A site. It closes when this is dropped.
pub struct Site {
    address: SocketAddr,
    log: Arc<Log>,
    _stop: DropGuard,
}

struct Log {
    script: Box<Script>,
    visits: watch::Sender<Vec<Visit>>,
    held: Mutex<HashMap<String, watch::Receiver<bool>>>,
}

impl Site {
    /// A site whose pages are what `script` answers to each path (with its query).
    ///
    /// # Panics
    /// If no port is free.
    pub async fn of(script: impl Fn(&str) -> Page + Send + Sync + 'static) -> Self {
        Self::for_visits(move |visit| script(&visit.path)).await
    }

    /// A site whose pages are what `script` answers to each request, as one does that wants to know who asks.
    ///
    /// # Panics
    /// If no port is free.
    pub async fn for_visits(script: impl Fn(&Visit) -> Page + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port is free");
        let address = listener
            .local_addr()
            .expect("a bound socket has an address");
        let log = Arc::new(Log {
            script: Box::new(script),
            visits: watch::Sender::default(),
            held: Mutex::default(),
        });
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        tasks.spawn(serve(listener, log.clone(), tasks.clone(), stop.clone()));
        Self {
            address,
            log,
            _stop: stop.drop_guard(),
        }
    }

    /// `pages` pages as a binary tree: `/`, `/page/1`, `/page/2` … Each links to its two children and back to the root.
    pub async fn tree(pages: usize) -> Self {
        Self::of(move |path| tree_page(path, pages)).await
    }

    /// The paths of [`tree`](Self::tree).
    #[must_use]
    pub fn tree_paths(pages: usize) -> Vec<String> {
        (0..pages).map(tree_path).collect()
    }

    /// One page with `links` links, none of which leads anywhere that exists.
    pub async fn fan(links: usize) -> Self {
        Self::of(move |path| match path {
            "/" => Page::linking(
                "Fan",
                (0..links).map(|link| format!("/leaf-{}", letters(link))),
            ),
            _ => Page::missing(),
        })
        .await
    }

    /// The URL of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The address that it listens on.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Every request so far, `robots.txt` and sitemaps left out.
    #[must_use]
    pub fn visits(&self) -> Vec<Visit> {
        self.log
            .visits
            .borrow()
            .iter()
            .filter(|visit| is_page(&visit.path))
            .cloned()
            .collect()
    }

    /// Every request so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Visit> {
        self.log.visits.borrow().clone()
    }

    /// Waits until `count` pages were asked for.
    ///
    /// # Panics
    /// If they never are.
    pub async fn visited(&self, count: usize) {
        let mut visits = self.log.visits.subscribe();
        let enough = |visits: &Vec<Visit>| {
            visits.iter().filter(|visit| is_page(&visit.path)).count() >= count
        };
        within(
            &format!("{count} requests reach the site"),
            visits.wait_for(enough),
        )
        .await
        .expect("the log lives as long as the site");
    }

    /// Holds the answer to `path` from now on, until it is opened.
    #[must_use]
    pub fn hold(&self, path: &str) -> Hold {
        let (open, held) = watch::channel(false);
        self.log.held.lock().insert(path.to_owned(), held);
        Hold {
            path: path.to_owned(),
            open,
            visits: self.log.visits.subscribe(),
        }
    }
}

/// A page whose answer is held. Dropped, it opens.
pub struct Hold {
    path: String,
    open: watch::Sender<bool>,
    visits: watch::Receiver<Vec<Visit>>,
}

impl Hold {
    /// Waits until somebody asks for the page.
    ///
    /// # Panics
    /// If nobody does.
    pub async fn reached(&mut self) {
        let path = self.path.clone();
        let asked = |visits: &Vec<Visit>| visits.iter().any(|visit| visit.path == path);
        within(
            &format!("somebody asks for {path}"),
            self.visits.wait_for(asked),
        )
        .await
        .expect("the log lives as long as the site");
    }

    /// Lets the answer go, and all later ones.
    pub fn open(self) {
        self.open.send_replace(true);
    }
}

async fn serve(listener: TcpListener, log: Arc<Log>, tasks: TaskTracker, stop: CancellationToken) {
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        let Ok((socket, _peer)) = accepted else {
            return;
        };
        let (log, stop) = (log.clone(), stop.clone());
        tasks.spawn(async move {
            stop.run_until_cancelled(answer_all(socket, log)).await;
        });
    }
}

async fn answer_all(socket: TcpStream, log: Arc<Log>) {
    let service = service_fn(move |request| answer(log.clone(), request));
    // That the crawler closes its connection is no fault.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(socket), service)
        .await;
}

async fn answer(
    log: Arc<Log>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str())
        .to_owned();
    let visit = Visit {
        path: path.clone(),
        at: Instant::now(),
        headers: request.headers().clone(),
    };
    log.visits.send_modify(|visits| visits.push(visit.clone()));
    let held = log.held.lock().get(&path).cloned();
    if let Some(mut held) = held {
        // A hold that was dropped is open.
        let _ = held.wait_for(|open| *open).await;
    }
    Ok((log.script)(&visit).into_response())
}

fn is_page(path: &str) -> bool {
    !matches!(path, "/robots.txt" | "/sitemap.xml" | "/favicon.ico")
}

fn tree_path(page: usize) -> String {
    if page == 0 {
        "/".to_owned()
    } else {
        format!("/page/{page}")
    }
}

fn tree_page(path: &str, pages: usize) -> Page {
    let page = match path.strip_prefix("/page/") {
        Some(number) => number.parse().ok().filter(|page| (1..pages).contains(page)),
        None => (path == "/").then_some(0),
    };
    page.map_or_else(Page::missing, |page: usize| {
        let children = [2 * page + 1, 2 * page + 2]
            .into_iter()
            .filter(|child| *child < pages);
        let links = std::iter::once(0).chain(children).map(tree_path);
        Page::linking(&format!("Page {page}"), links)
    })
}

/// A number in letters, so that many paths do not look like one with a counter in it.
fn letters(mut number: usize) -> String {
    let mut word = String::new();
    loop {
        word.push(char::from(
            b'a' + u8::try_from(number % 26).expect("a letter's number is under 26"),
        ));
        number /= 26;
        if number == 0 {
            return word;
        }
    }
}
