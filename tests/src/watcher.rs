//! An EventSource as the WHATWG specification has it: it reconnects by itself, with its cursor, after the time that the
//! server named; `204` and refusals end it.

use std::time::{Duration, Instant};

use reqwest::Client;
use reqwest::header::{ACCEPT, CACHE_CONTROL};
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::{Api, BodyEnd, End, Item, Link, Parser, Seen, within};

/// Time that a browser waits before it reconnects when no server has named one.
const RETRY: Duration = Duration::from_secs(3);

/// Settings of a watcher that has not been opened.
#[derive(Debug, Clone)]
pub struct WatcherOptions {
    url: String,
    client: Option<Client>,
    cursor: String,
    headers: Vec<(String, String)>,
    retry_at_most: Option<Duration>,
}

impl WatcherOptions {
    /// With a client of its own kind.
    #[must_use]
    pub fn client(mut self, client: Client) -> Self {
        self.client = Some(client);
        self
    }

    /// From after this event, as a tab that lost its connection.
    #[must_use]
    pub fn after(mut self, cursor: &str) -> Self {
        cursor.clone_into(&mut self.cursor);
        self
    }

    /// With one more header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Comes back sooner than the server asks: for tests of what happens then, not of when.
    #[must_use]
    pub const fn hurried(mut self) -> Self {
        self.retry_at_most = Some(Duration::from_millis(200));
        self
    }

    /// Opens it.
    ///
    /// # Panics
    /// If no TLS can be set up.
    #[must_use]
    pub fn open(self) -> Watcher {
        let client = self
            .client
            .clone()
            .unwrap_or_else(|| Api::client().build().expect("a client can be built"));
        let seen = watch::Sender::new(Seen::default());
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let source = Source {
            retry: RETRY,
            cursor: self.cursor.clone(),
            options: self,
            client,
            seen: seen.clone(),
        };
        let (watching, stopped) = (seen.subscribe(), stop.clone());
        tasks.spawn(async move {
            stopped.run_until_cancelled(source.run()).await;
        });
        tasks.close();
        Watcher {
            seen: watching,
            stop: Some(stop.drop_guard()),
            tasks,
        }
    }
}

/// A watcher. It closes when dropped, as a tab does.
pub struct Watcher {
    seen: watch::Receiver<Seen>,
    stop: Option<DropGuard>,
    tasks: TaskTracker,
}

impl Watcher {
    /// Settings of a watcher of `url`.
    #[must_use]
    pub fn options(url: &str) -> WatcherOptions {
        WatcherOptions {
            url: url.to_owned(),
            client: None,
            cursor: String::new(),
            headers: Vec::new(),
            retry_at_most: None,
        }
    }

    /// Everything that it has seen so far.
    #[must_use]
    pub fn seen(&self) -> Seen {
        self.seen.borrow().clone()
    }

    /// Waits until what it has seen satisfies `condition`; answers all of it.
    ///
    /// # Panics
    /// If it never does.
    pub async fn until(&mut self, what: &str, condition: impl Fn(&Seen) -> bool) -> Seen {
        let found =
            tokio::time::timeout(crate::PATIENCE, self.seen.wait_for(|seen| condition(seen))).await;
        let found = found.map(|seen| seen.map(|seen| seen.clone()));
        match found {
            Ok(Ok(seen)) => seen,
            Ok(Err(_)) => panic!(
                "the watcher ended before {what}; it saw {}",
                self.seen().tell()
            ),
            Err(_) => panic!(
                "the watcher waited in vain for {what}; it saw {}",
                self.seen().tell()
            ),
        }
    }

    /// Waits for a frame of this name.
    pub async fn until_event(&mut self, name: &str) -> Seen {
        self.until(name, |seen| seen.has(name)).await
    }

    /// Waits for this many events of the log.
    pub async fn until_events(&mut self, count: usize) -> Seen {
        self.until(&format!("{count} events"), |seen| {
            seen.events().count() >= count
        })
        .await
    }

    /// Waits for the terminal event.
    pub async fn until_over(&mut self) -> Seen {
        self.until("the terminal event", Seen::is_over).await
    }

    /// Waits until the body of a connection has ended.
    pub async fn until_body_end(&mut self) -> Seen {
        self.until("the end of a body", |seen| {
            seen.links.iter().any(|link| link.body_end.is_some())
        })
        .await
    }

    /// Waits until it gives up for good.
    pub async fn until_end(&mut self) -> Seen {
        self.until("its end", |seen| seen.end.is_some()).await
    }

    /// Waits for `count` more heartbeats: a way to let time pass.
    pub async fn heartbeats(&mut self, count: usize) {
        let wanted = self.seen().comments() + count;
        self.until("heartbeats", |seen| seen.comments() >= wanted)
            .await;
    }

    /// Closes it; its connection is gone when this returns.
    pub async fn close(mut self) -> Seen {
        drop(self.stop.take());
        within("the watcher closes", self.tasks.wait()).await;
        self.seen()
    }
}

/// The algorithm of section 9.2.3.
struct Source {
    options: WatcherOptions,
    client: Client,
    cursor: String,
    retry: Duration,
    seen: watch::Sender<Seen>,
}

impl Source {
    async fn run(mut self) {
        let never = CancellationToken::new();
        loop {
            if let Some(end) = self.connect().await {
                self.seen.send_modify(|seen| seen.end = Some(end));
                return;
            }
            let wait = self
                .options
                .retry_at_most
                .map_or(self.retry, |most| self.retry.min(most));
            // The reconnection time. Only the watcher's end cuts it short, from outside.
            let _ = tokio::time::timeout(wait, never.cancelled()).await;
        }
    }

    /// One connection, to its end; answers why there must be no other.
    async fn connect(&mut self) -> Option<End> {
        let mut request = self
            .client
            .get(&self.options.url)
            .header(ACCEPT, "text/event-stream")
            // The spelling on the wire of its cache mode, `no-store`.
            .header(CACHE_CONTROL, "no-cache");
        if !self.cursor.is_empty() {
            request = request.header("Last-Event-ID", &self.cursor);
        }
        for (name, value) in &self.options.headers {
            request = request.header(name, value);
        }
        let asked = Some(Instant::now());
        let mut response = request.send().await.ok()?;
        let status = response.status().as_u16();
        let link = Link {
            asked,
            cursor: self.cursor.clone(),
            status,
            headers: response.headers().clone(),
            ..Link::default()
        };
        let media_type = link
            .headers
            .get("content-type")
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        self.seen.send_modify(|seen| seen.links.push(link));
        match status {
            200 if media_type.starts_with("text/event-stream") => {}
            204 => return Some(End::NoContent),
            _ => return Some(End::Refused(status)),
        }
        let mut parser = Parser::default();
        let body_end = loop {
            match response.chunk().await {
                Ok(Some(bytes)) => self.take(parser.feed(&bytes)),
                Ok(None) => break BodyEnd::Whole,
                Err(_) => break BodyEnd::Cut,
            }
        };
        self.seen.send_modify(|seen| {
            if let Some(link) = seen.links.last_mut() {
                link.body_end = Some(body_end);
            }
        });
        None
    }

    fn take(&mut self, items: Vec<Item>) {
        self.seen.send_modify(|seen| {
            let link = seen
                .links
                .last_mut()
                .expect("a connection was noted before its frames");
            for item in items {
                match item {
                    Item::Comment(_) => link.comments += 1,
                    Item::Frame(frame) => {
                        if let Some(id) = &frame.id {
                            self.cursor.clone_from(id);
                        }
                        if let Some(retry) = frame.retry {
                            self.retry = Duration::from_millis(retry);
                        }
                        link.frames.push(frame);
                    }
                    Item::Empty(block) => panic!(
                        "a block without data fires an empty message in some clients: {block:?}"
                    ),
                }
            }
        });
    }
}
