//! The side that asks: it sends requests through the chain, and records what comes.

use std::error::Error;
use std::io::ErrorKind;
use std::time::Duration;

use reqwest::header::AUTHORIZATION;
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response};
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::exchange::{Answer, End, Exchange, Failure, Frame, Outcome, Step};
use super::wire::Sent;

/// Time for an answer that is no stream.
const ANSWER: Duration = Duration::from_secs(15);
/// Time for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// Bytes of a body that are kept.
const MAX_BODY: usize = 64 * 1024;
/// Bytes of one line of a stream at most: more than the largest frame has.
const MAX_LINE: usize = 256 * 1024;
/// Bytes from which a frame counts as large.
const LARGE: usize = 16 * 1024;

/// Sends requests to one address.
pub(crate) struct Caller {
    http: Client,
    base: Url,
    key: Option<String>,
    began: Instant,
}

/// The part of a stream that is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    /// All of the stream.
    End,
    /// Its first frame; then the connection is left.
    FirstFrame,
}

/// A request that can be sent.
pub(super) struct Ask<'a> {
    caller: &'a Caller,
    method: Method,
    url: Url,
    headers: Vec<(&'static str, String)>,
    body: Option<&'static str>,
}

impl Caller {
    /// A caller of `target`, which may be any URL of the service. `key` authorises every request.
    ///
    /// # Errors
    /// HTTP cannot be set up.
    pub(crate) fn new(target: &Url, key: Option<String>) -> reqwest::Result<Self> {
        let http = Client::builder()
            .user_agent(concat!("crawlcast/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .connect_timeout(CONNECT)
            // A connection of its own for each request: nothing is judged that another request left behind.
            .pool_max_idle_per_host(0)
            .build()?;
        Ok(Self {
            http,
            base: base_of(target),
            key,
            began: Instant::now(),
        })
    }

    /// The address, without a slash at its end.
    pub(crate) fn target(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    /// The API key that authorises every request.
    pub(super) fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// Milliseconds since the examination began.
    pub(super) fn now_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    pub(super) fn get(&self, path: &str) -> Ask<'_> {
        self.ask(Method::GET, path)
    }

    pub(super) fn ask(&self, method: Method, path: &str) -> Ask<'_> {
        let mut url = self.base.clone();
        let prefix = self.base.path().trim_end_matches('/');
        url.set_path(&format!("{prefix}{path}"));
        Ask {
            caller: self,
            method,
            url,
            headers: Vec::new(),
            body: None,
        }
    }
}

/// The service's root: what is pasted may be the address of its page, or of a stream.
fn base_of(target: &Url) -> Url {
    let mut base = target.clone();
    base.set_query(None);
    base.set_fragment(None);
    let path = target.path();
    let root = path.find("/v1/").map_or(path, |at| &path[..at]);
    base.set_path(root);
    base
}

impl Ask<'_> {
    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn query(mut self, name: &str, value: &str) -> Self {
        self.url.query_pairs_mut().append_pair(name, value);
        self
    }

    /// With a body of JSON.
    pub(super) fn json(self, body: &'static str) -> Self {
        Self {
            body: Some(body),
            ..self
        }
        .header("content-type", "application/json")
    }

    /// Sends it, and reads the whole answer.
    pub(super) async fn send(self) -> Exchange {
        self.record(ANSWER, Until::End).await
    }

    /// Sends it, and reads a stream for at most `patience`.
    pub(super) async fn stream(self, patience: Duration, until: Until) -> Exchange {
        self.record(patience, until).await
    }

    async fn record(self, patience: Duration, until: Until) -> Exchange {
        let caller = self.caller;
        let sent_ms = caller.now_ms();
        let deadline = Instant::now() + patience;
        let outcome = match timeout_at(deadline, self.request()).await {
            Ok(Ok(response)) => Outcome::Answered(read(caller, response, deadline, until).await),
            Ok(Err(error)) => Outcome::Failed(failure(&error)),
            Err(_elapsed) => Outcome::Failed(Failure {
                step: Step::Answer,
                why: format!("no answer came within {} s", patience.as_secs()),
            }),
        };
        Exchange { sent_ms, outcome }
    }

    async fn request(self) -> reqwest::Result<Response> {
        let is_authorized = self
            .headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case(AUTHORIZATION.as_str()));
        let mut request = self.caller.http.request(self.method, self.url);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        if let Some(key) = self.caller.key.as_deref().filter(|_| !is_authorized) {
            request = request.bearer_auth(key);
        }
        if let Some(body) = self.body {
            request = request.body(body);
        }
        request.send().await
    }
}

async fn read(caller: &Caller, mut response: Response, deadline: Instant, until: Until) -> Answer {
    let mut answer = head(&response);
    let mut reader = answer
        .header("content-type")
        .is_some_and(|kind| kind.starts_with(shared::sse::MEDIA_TYPE))
        .then(Lines::default);
    let mut body = Vec::new();
    answer.end = loop {
        match timeout_at(deadline, response.chunk()).await {
            Ok(Ok(Some(bytes))) => match &mut reader {
                Some(lines) => lines.take(&bytes, caller.now_ms(), &mut answer),
                None => {
                    let room = MAX_BODY - body.len();
                    body.extend_from_slice(&bytes[..bytes.len().min(room)]);
                }
            },
            Ok(Ok(None)) => break End::Clean,
            Ok(Err(_cut)) => break End::Cut,
            Err(_elapsed) => break End::Open,
        }
        if until == Until::FirstFrame && !answer.frames.is_empty() {
            break End::Open;
        }
    };
    answer.ended_ms = caller.now_ms();
    answer.body = String::from_utf8_lossy(&body).into_owned();
    answer
}

fn head(response: &Response) -> Answer {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = response.headers().iter();
    Answer {
        status: response.status().as_u16(),
        version: format!("{:?}", response.version()),
        headers: headers
            .map(|(name, value)| (name.to_string(), text(value)))
            .collect(),
        ..Answer::default()
    }
}

/// Lines of a stream as they become whole.
#[derive(Default)]
struct Lines {
    line: Vec<u8>,
    sent: Option<Sent>,
}

impl Lines {
    fn take(&mut self, mut bytes: &[u8], now_ms: u64, answer: &mut Answer) {
        while let Some(at) = bytes.iter().position(|byte| *byte == b'\n') {
            self.line.extend_from_slice(&bytes[..at]);
            bytes = &bytes[at + 1..];
            self.end_of_line(now_ms, answer);
            self.line.clear();
        }
        let room = MAX_LINE.saturating_sub(self.line.len());
        self.line.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    fn end_of_line(&mut self, now_ms: u64, answer: &mut Answer) {
        if let Some(json) = self.line.strip_prefix(b"data:") {
            self.sent = serde_json::from_slice(json).ok();
        } else if self.line.first() == Some(&b':') {
            answer.heartbeats_ms.push(now_ms);
        } else if self.line.is_empty()
            && let Some(sent) = self.sent.take()
        {
            answer.frames.push(Frame {
                n: sent.n,
                sent_ms: sent.sent_ms,
                arrived_ms: now_ms,
                large: sent.fill.len() > LARGE,
                worker: sent.worker,
            });
        }
    }
}

fn failure(error: &reqwest::Error) -> Failure {
    let causes: Vec<String> = causes(error).map(ToString::to_string).collect();
    let says = |words: &[&str]| {
        let mut texts = causes.iter().map(|cause| cause.to_ascii_lowercase());
        texts.any(|text| words.iter().any(|word| text.contains(word)))
    };
    let step = if says(&["dns error", "lookup address", "name resolution"]) {
        Step::Dns
    } else if says(&[
        "certificate",
        "tls",
        "corrupt message",
        "invalidcontenttype",
    ]) {
        Step::Tls
    } else if error.is_connect() {
        Step::Connect
    } else {
        Step::Answer
    };
    let last = causes.last().cloned().unwrap_or_default();
    let why = match step {
        Step::Dns => format!("the name has no address ({last})"),
        Step::Connect if is_refused(error) => "connections are refused".to_owned(),
        Step::Connect => format!("no connection could be made ({last})"),
        Step::Tls => format!("TLS fails ({last})"),
        Step::Answer => format!("the connection ended before an answer came ({last})"),
    };
    Failure { step, why }
}

fn is_refused(error: &reqwest::Error) -> bool {
    causes(error)
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|cause| cause.kind() == ErrorKind::ConnectionRefused)
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    let first: &(dyn Error + 'static) = error;
    std::iter::successors(Some(first), |error| (*error).source())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_address_of_the_service_leads_to_its_root() {
        for (pasted, root) in [
            ("https://a.example", "https://a.example/"),
            ("https://a.example/#channel=1", "https://a.example/"),
            ("https://a.example/crawl/", "https://a.example/crawl/"),
            (
                "https://a.example/crawl/v1/channels/x/events?token=t",
                "https://a.example/crawl",
            ),
        ] {
            assert_eq!(base_of(&Url::parse(pasted).unwrap()).as_str(), root);
        }
    }

    #[test]
    fn a_frame_counts_when_it_is_whole_however_it_was_cut() {
        let text = b"event:frame\ndata:{\"n\":0,\"sentMs\":5,\"worker\":\"w\"}\nid:0-0\n\n:\n";
        for cut in 0..text.len() {
            let (mut lines, mut answer) = (Lines::default(), Answer::default());
            lines.take(&text[..cut], 1, &mut answer);
            lines.take(&text[cut..], 2, &mut answer);
            assert_eq!(answer.frames[0].sent_ms, 5);
            assert_eq!(
                answer.frames[0].arrived_ms,
                if cut > text.len() - 3 { 1 } else { 2 }
            );
            assert_eq!(answer.heartbeats_ms.len(), 1);
        }
    }
}
