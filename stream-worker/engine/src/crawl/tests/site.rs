//! A web that exists in a test only.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use http::{HeaderMap, HeaderName, HeaderValue};
use parking_lot::Mutex;
use tokio::time::Instant;
use url::{Position, Url};

use crate::fetch::{Answer, FetchError, FetchRequest, Fetcher, Validators};

/// The answer of a URL.
#[derive(Clone)]
pub(crate) enum Script {
    Answer {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: String,
        /// Bytes that arrive at a time.
        piece: usize,
        after: Duration,
    },
    Fail(FetchError),
    Panic,
    Never,
}

/// Answers as it is told to, and remembers what it was asked.
#[derive(Clone, Default)]
pub(crate) struct Site(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    scripts: HashMap<String, Vec<Script>>,
    asked: Vec<(String, Instant)>,
    unless: HashMap<String, Validators>,
    /// The `Cookie` header of each request that had one, in order.
    cookies: Vec<(String, String)>,
    /// The further headers of each request that had any, in order.
    headers: Vec<(String, HeaderMap)>,
    in_flight: HashMap<String, u32>,
    most_per_host: u32,
    most: u32,
    aborted: u32,
}

impl Script {
    pub(crate) fn status(status: u16) -> Self {
        Self::Answer {
            status,
            headers: Vec::new(),
            body: String::new(),
            piece: usize::MAX,
            after: Duration::ZERO,
        }
    }

    pub(crate) fn html(body: &str) -> Self {
        Self::status(200)
            .with("content-type", "text/html")
            .saying(body)
    }

    pub(crate) fn linking(links: &[&str]) -> Self {
        let body: String = links
            .iter()
            .map(|link| format!("<a href=\"{link}\">x</a>"))
            .collect();
        Self::html(&body)
    }

    pub(crate) fn redirect(target: &str) -> Self {
        Self::status(302).with("location", target)
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Self::Answer { headers, .. } = &mut self {
            headers.push((name, value.to_owned()));
        }
        self
    }

    pub(crate) fn saying(mut self, text: &str) -> Self {
        if let Self::Answer { body, .. } = &mut self {
            text.clone_into(body);
        }
        self
    }

    pub(crate) fn in_pieces_of(mut self, bytes: usize) -> Self {
        if let Self::Answer { piece, .. } = &mut self {
            *piece = bytes;
        }
        self
    }

    pub(crate) fn after(mut self, time: Duration) -> Self {
        if let Self::Answer { after, .. } = &mut self {
            *after = time;
        }
        self
    }
}

impl Site {
    /// `url` answers each script once, and the last one from then on.
    pub(crate) fn scripted(self, url: &str, scripts: impl Into<Vec<Script>>) -> Self {
        self.0.lock().scripts.insert(url.to_owned(), scripts.into());
        self
    }

    /// `url` is a page with links.
    pub(crate) fn page(self, url: &str, links: &[&str]) -> Self {
        self.scripted(url, [Script::linking(links)])
    }

    /// Every URL that was asked for, in order; robots.txt left out.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.times().into_iter().map(|(url, _)| url).collect()
    }

    /// The same as [`asked`](Self::asked), each with the time of its request.
    pub(crate) fn times(&self) -> Vec<(String, Instant)> {
        let state = self.0.lock();
        let pages = |(url, _): &&(String, Instant)| !url.ends_with("/robots.txt");
        state.asked.iter().filter(pages).cloned().collect()
    }

    /// The number of times that a URL was asked for.
    pub(crate) fn times_asked(&self, url: &str) -> usize {
        let state = self.0.lock();
        state.asked.iter().filter(|(asked, _)| asked == url).count()
    }

    /// The validators of the last conditional request for a URL; empty if none was conditional.
    pub(crate) fn unless(&self, url: &str) -> Validators {
        self.0.lock().unless.get(url).cloned().unwrap_or_default()
    }

    /// Every request that had cookies, with its `Cookie` header.
    pub(crate) fn cookies(&self) -> Vec<(String, String)> {
        self.0.lock().cookies.clone()
    }

    /// The values of a header, by the URLs that were asked for with it.
    pub(crate) fn values(&self, name: &str) -> Vec<(String, String)> {
        let state = self.0.lock();
        let value = |(url, headers): &(String, HeaderMap)| {
            let value = headers.get(name)?.to_str().unwrap().to_owned();
            Some((url.clone(), value))
        };
        state.headers.iter().filter_map(value).collect()
    }

    /// The most requests that ran at once: at one host, and in all.
    pub(crate) fn most_in_flight(&self) -> (u32, u32) {
        let state = self.0.lock();
        (state.most_per_host, state.most)
    }

    /// Requests that were dropped before they were answered, and those that run.
    pub(crate) fn aborted_and_running(&self) -> (u32, u32) {
        let state = self.0.lock();
        (state.aborted, state.in_flight.values().sum())
    }

    fn enter(&self, url: &Url) -> (Flight, Script) {
        let mut state = self.0.lock();
        state.asked.push((url.to_string(), Instant::now()));
        let host = url[..Position::BeforePath].to_owned();
        let count = state.in_flight.entry(host.clone()).or_default();
        *count += 1;
        let count = *count;
        state.most_per_host = state.most_per_host.max(count);
        state.most = state.most.max(state.in_flight.values().sum());
        let script = match state.scripts.get_mut(url.as_str()) {
            None => Script::status(404),
            Some(scripts) if scripts.len() > 1 => scripts.remove(0),
            Some(scripts) => scripts[0].clone(),
        };
        let flight = Flight {
            site: self.clone(),
            host,
            landed: false,
        };
        (flight, script)
    }
}

/// A request that runs.
struct Flight {
    site: Site,
    host: String,
    landed: bool,
}

impl Drop for Flight {
    fn drop(&mut self) {
        let mut state = self.site.0.lock();
        *state.in_flight.get_mut(&self.host).unwrap() -= 1;
        state.aborted += u32::from(!self.landed);
    }
}

#[async_trait]
impl Fetcher for Site {
    async fn fetch(&self, request: FetchRequest) -> Result<Answer, FetchError> {
        if let Some(unless) = request.unless {
            let url = request.url.to_string();
            self.0.lock().unless.insert(url, unless);
        }
        if let Some(cookies) = request.cookies {
            let sent = cookies.to_str().unwrap().to_owned();
            self.0.lock().cookies.push((request.url.to_string(), sent));
        }
        if let Some(headers) = request.headers {
            let url = request.url.to_string();
            self.0.lock().headers.push((url, (*headers).clone()));
        }
        let (mut flight, script) = self.enter(&request.url);
        match script {
            Script::Answer {
                status,
                headers,
                body,
                piece,
                after,
            } => {
                if after.is_zero() {
                    tokio::task::yield_now().await;
                } else {
                    tokio::time::sleep_until(Instant::now() + after).await;
                }
                flight.landed = true;
                let header = |(name, value): (&'static str, String)| {
                    (
                        HeaderName::from_static(name),
                        HeaderValue::from_str(&value).unwrap(),
                    )
                };
                Ok(Answer {
                    status,
                    headers: headers.into_iter().map(header).collect::<HeaderMap>(),
                    body: pieces(&body, piece),
                })
            }
            Script::Fail(error) => {
                flight.landed = true;
                Err(error)
            }
            Script::Panic => panic!("this page is poison"),
            Script::Never => std::future::pending().await,
        }
    }
}

/// A body in pieces, between which others have their turn.
fn pieces(body: &str, piece: usize) -> BoxStream<'static, Result<Bytes, FetchError>> {
    let pieces = body.as_bytes().chunks(piece).map(Bytes::copy_from_slice);
    let pieces: Vec<_> = pieces.collect();
    stream::iter(pieces)
        .then(|piece| async {
            tokio::task::yield_now().await;
            Ok(piece)
        })
        .boxed()
}
