//! The events of a job on a server, from its stream, over as many connections as it takes.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, Stream, StreamExt};
use reqwest::{Client, Response, StatusCode};
use shared::back_off::Doubling;
use shared::event::Aside;
use shared::{Attempt, EventId, Position};
use sse_stream::{Sse, SseByteStream};
use tokio::time::{Instant, sleep_until, timeout};

use super::channel_ref::ChannelRef;
use super::exit::Failure;
use super::server::{authorized, http, refusal, unreachable};
use super::told::Told;
use super::words::{time, word};

/// Silence after which a connection counts as dead: two heartbeats and some.
const DEAD: Duration = Duration::from_secs(45);

/// Events handed out at once at most.
const MOST: usize = 256;

/// Pauses after tries that failed.
const PAUSES: Doubling = Doubling {
    first: Duration::from_secs(1),
    longest: Duration::from_secs(30),
};

/// Reason of a cut that nothing else tells of.
const ENDED: &str = "it ended without an end of the job";

/// Something that a stream brought.
#[derive(Debug)]
pub(super) enum Heard {
    /// Events, each once and in order.
    Told(Vec<Told>),
    /// Something about the stream itself, for the eye.
    Note(String),
    /// The job has ended, and nothing follows the cursor.
    Over,
}

/// A place in a job's log, and the connection that brings what follows, if there is one now.
pub(super) struct StreamFeed {
    http: Client,
    channel: ChannelRef,
    cursor: EventId,
    connection: Option<BoxStream<'static, Result<Sse, sse_stream::Error>>>,
    /// Time of the next try.
    not_before: Instant,
    /// Tries that failed, since one succeeded.
    failures: u32,
    /// True once a stream was seen: from then on nothing but a refusal ends the watch.
    was_connected: bool,
    /// Pause that the server asks for.
    retry: Duration,
    /// A note that came behind events: they are handed out first.
    note: Option<String>,
}

impl StreamFeed {
    /// Begins after `cursor`.
    ///
    /// # Errors
    /// HTTP cannot be set up.
    pub(super) fn new(channel: ChannelRef, cursor: EventId) -> Result<Self, Failure> {
        Ok(Self {
            http: http()?,
            channel,
            cursor,
            connection: None,
            not_before: Instant::now(),
            failures: 0,
            was_connected: false,
            retry: PAUSES.first,
            note: None,
        })
    }

    /// ID of the last event that was handed out.
    pub(super) const fn cursor(&self) -> EventId {
        self.cursor
    }

    /// Waits for the next thing.
    ///
    /// # Errors
    /// The server refuses for good, or was never reached.
    ///
    /// # Cancel safety
    /// Cancel-safe: what was received is handed out; a connection that is being made is made again.
    pub(super) async fn next(&mut self) -> Result<Heard, Failure> {
        loop {
            if let Some(note) = self.note.take() {
                return Ok(Heard::Note(note));
            }
            let Some(connection) = &mut self.connection else {
                sleep_until(self.not_before).await;
                if let Some(heard) = self.connect().await? {
                    return Ok(heard);
                }
                continue;
            };
            match connection.next().await {
                Some(Ok(block)) => {
                    if let Some(heard) = self.hear(block) {
                        return Ok(heard);
                    }
                }
                Some(Err(error)) => self.cut(&error.to_string()),
                None => self.cut(ENDED),
            }
        }
    }

    async fn connect(&mut self) -> Result<Option<Heard>, Failure> {
        let request = self
            .http
            .get(self.channel.url("events"))
            .header("accept", "text/event-stream");
        let request = request.header("last-event-id", self.cursor.to_string());
        match authorized(request, self.channel.bearer()).send().await {
            Ok(response) if response.status() == StatusCode::NO_CONTENT => Ok(Some(Heard::Over)),
            Ok(response) if response.status() == StatusCode::OK => Ok(self.connected(response)),
            Ok(response)
                if response.status().is_server_error()
                    || response.status() == StatusCode::TOO_MANY_REQUESTS =>
            {
                let why = format!("the server answers {}", response.status());
                Ok(Some(self.failed(&why)))
            }
            Ok(response) => Err(refusal(response).await),
            Err(error) if self.was_connected => Ok(Some(self.failed(&short(&error)))),
            Err(error) => Err(unreachable(error)),
        }
    }

    fn connected(&mut self, response: Response) -> Option<Heard> {
        let again = self.was_connected;
        self.connection = Some(SseByteStream::new(alive(response.bytes_stream())).boxed());
        self.was_connected = true;
        self.failures = 0;
        again.then(|| Heard::Note(format!("connected again; going on after {}", self.cursor)))
    }

    fn failed(&mut self, why: &str) -> Heard {
        self.failures += 1;
        let pause = PAUSES.jittered(self.failures, fastrand::f64());
        self.not_before = Instant::now() + pause;
        Heard::Note(format!("{why}; trying again in {}", time(pause)))
    }

    fn cut(&mut self, why: &str) {
        self.leave();
        self.note = Some(format!(
            "the stream was cut ({why}); connecting again in {}",
            time(self.retry)
        ));
    }

    fn leave(&mut self) {
        self.connection = None;
        self.not_before = Instant::now() + self.retry;
    }

    /// Takes in a block, and those that are there already. What is said of the stream is noted for the next call.
    fn hear(&mut self, first: Sse) -> Option<Heard> {
        let mut told = Vec::new();
        let mut next = Some(first);
        while let Some(block) = next.take() {
            told.extend(self.sort(block));
            let connection = self.connection.as_mut().filter(|_| told.len() < MOST);
            next = match connection.and_then(|blocks| blocks.next().now_or_never()) {
                Some(Some(Ok(block))) => Some(block),
                Some(Some(Err(error))) => {
                    self.cut(&error.to_string());
                    None
                }
                Some(None) => {
                    self.cut(ENDED);
                    None
                }
                // Nothing more is there now, or the server has taken leave.
                None => None,
            };
        }
        (!told.is_empty()).then_some(Heard::Told(told))
    }

    /// The event that a block holds, if it is a new one.
    fn sort(&mut self, block: Sse) -> Option<Told> {
        let (data, id) = (block.data?, block.id?);
        if matches!(block.event.as_deref(), Some("hello" | "reset" | "bye")) {
            let retry = block.retry.map(Duration::from_millis);
            if let Ok(aside) = serde_json::from_str(&data) {
                self.aside(&aside, retry);
            }
            return None;
        }
        // None of ours, or known already.
        let id: EventId = id.parse().ok()?;
        if id.position <= self.cursor.position {
            return None;
        }
        self.cursor = id;
        Some(Told::new(id.position, Bytes::from(data)))
    }

    fn aside(&mut self, aside: &Aside, retry: Option<Duration>) {
        if let Some(retry) = retry {
            self.retry = retry.clamp(Duration::from_millis(100), PAUSES.longest);
        }
        match aside {
            Aside::Hello(_) => {}
            Aside::Bye(bye) => {
                self.leave();
                let (reason, pause) = (word(&bye.reason), time(self.retry));
                self.note = Some(format!(
                    "the server takes leave ({reason}); coming back in {pause}"
                ));
            }
            Aside::Reset(reset) => {
                let before = Position(reset.from.0.saturating_sub(1));
                self.cursor = match before {
                    Position(0) => EventId::START,
                    before => EventId::new(self.cursor.attempt.max(Attempt(1)), before),
                };
                self.note = Some(format!(
                    "the server does not know the cursor ({}); the log goes on from {}",
                    word(&reset.reason),
                    reset.from
                ));
            }
        }
    }
}

/// The bytes, with an error after a silence that no server keeps: the other side is gone, or this machine has slept.
fn alive(
    bytes: impl Stream<Item = reqwest::Result<Bytes>> + Send + 'static,
) -> impl Stream<Item = Result<Bytes, io::Error>> + Send {
    stream::unfold(bytes.boxed(), |mut bytes| async move {
        let piece = match timeout(DEAD, bytes.next()).await {
            Ok(piece) => piece?.map_err(|error| io::Error::other(short(&error))),
            Err(_elapsed) => Err(io::Error::other("nothing came for too long")),
        };
        Some((piece, bytes))
    })
}

/// The innermost reason of a failure: the outer ones say no more than that there is one.
fn short(error: &reqwest::Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    match std::ptr::addr_eq(innermost, error) {
        // Its own words may hold a URL, and that a token.
        true => "no answer came".to_owned(),
        false => innermost.to_string(),
    }
}
