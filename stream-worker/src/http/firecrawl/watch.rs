//! A job over a WebSocket: the documents so far, then each one as it comes.
//!
//! One more reader of the log, so that a client misses no document however early or late it comes. It is written as fast as the
//! client reads, and never kept: a client that is slow is read for more slowly. Messages have no numbers, so a client that
//! comes again gets everything again, and knows its documents by `metadata.crawlcast.eventId`.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use serde::Serialize;
use shared::{Event, JobState, Terminal};
use store::journal::{JournalError, Stored};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use super::events::{document, event};
use crate::channel::{Feed, News};
use crate::firecrawl::{Document, JobStatus, StatusWord, Version};

/// Silence after which the state is told: clients that hear nothing for two seconds ask for the status with every document.
const TELL: Duration = Duration::from_secs(1);
/// Bytes of one message of a client at most; they have nothing to say.
const MOST_INBOUND: usize = 64 * 1024;
/// The reason of a close, by which the clients of version 1 know the end.
const DONE: &str = r#"{"type":"done"}"#;

/// A client that may watch a job, and its socket's handshake.
pub(in crate::http) struct Watch {
    version: Version,
    feed: Feed,
    status: JobStatus,
    /// Time in which the client must take a message.
    stall: Duration,
    head: Bytes,
}

/// The reason why the conversation ends.
enum End {
    /// The client is gone, or does not read.
    Left,
    /// The job has ended so.
    Job(Terminal),
    /// The worker is stopping.
    Stopping,
    /// The log cannot be read.
    Broken,
}

/// A message to the client.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
enum Said<'a> {
    /// The state, with the first slice of the documents so far.
    Catchup {
        data: &'a JobStatus,
    },
    Document {
        data: &'a Document,
    },
    Status {
        data: &'a JobStatus,
    },
    Done,
    Error {
        error: &'static str,
    },
}

type Socket = WebSocketStream<TcpStream>;

impl Watch {
    /// A conversation that begins with `head`, the answer to the client's handshake. `status` is the job's before the first event
    /// is read; the client has `stall` to take each message.
    pub(super) const fn new(
        version: Version,
        feed: Feed,
        status: JobStatus,
        stall: Duration,
        head: Bytes,
    ) -> Self {
        Self {
            version,
            feed,
            status,
            stall,
            head,
        }
    }

    /// Talks to the client until the job has ended or one of the two leaves. `early` is what the client has sent behind its
    /// request; `place` is dropped when the socket is closed.
    pub(in crate::http) async fn run(
        mut self,
        mut socket: TcpStream,
        early: Bytes,
        place: impl Send,
    ) {
        let begun = timeout(self.stall, socket.write_all(&self.head)).await;
        if matches!(begun, Ok(Ok(()))) {
            let config = WebSocketConfig::default()
                .max_message_size(Some(MOST_INBOUND))
                .max_frame_size(Some(MOST_INBOUND));
            let mut socket =
                Socket::from_partially_read(socket, early.to_vec(), Role::Server, Some(config))
                    .await;
            let end = match self.converse(&mut socket).await {
                Ok(end) | Err(end) => end,
            };
            // Fails if the client has left.
            let _told = timeout(self.stall, self.close(&mut socket, &end)).await;
        }
        drop(place);
    }

    async fn converse(&mut self, socket: &mut Socket) -> Result<End, End> {
        if let Some(ended) = self.catch_up(socket).await? {
            return Ok(End::Job(ended));
        }
        let mut tick = interval(TELL);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        tick.reset();
        loop {
            // All arms are cancel-safe: the socket and the feed keep their state.
            tokio::select! {
                inbound = socket.next() => match inbound {
                    // Pings are answered by the library.
                    Some(Ok(message)) if !message.is_close() => {}
                    Some(Ok(_) | Err(_)) | None => return Err(End::Left),
                },
                news = self.feed.next() => {
                    let events = match news {
                        Ok(News::Events(events)) => events,
                        Ok(News::Dismissed(_)) => return Ok(End::Stopping),
                        Err(error) => {
                            may_pass(&error)?;
                            // Asked again at the next tick.
                            tick.tick().await;
                            continue;
                        }
                    };
                    let (documents, ended) = self.take(&events);
                    for document in documents {
                        self.send(socket, &Said::Document { data: &document }).await?;
                        tick.reset();
                    }
                    if let Some(ended) = ended {
                        return Ok(End::Job(ended));
                    }
                }
                _ = tick.tick() => {
                    if self.version == Version::V2 {
                        self.send(socket, &Said::Status { data: &self.status }).await?;
                    }
                }
            }
        }
    }

    /// Sends the first slice of the documents so far with the state; the rest follows one by one.
    async fn catch_up(&mut self, socket: &mut Socket) -> Result<Option<Terminal>, End> {
        let events = match self.feed.ready().await {
            Ok(events) => events,
            Err(error) => {
                may_pass(&error)?;
                Vec::new()
            }
        };
        let (documents, ended) = self.take(&events);
        let mut status = self.status.clone();
        status.data = documents;
        self.send(socket, &Said::Catchup { data: &status }).await?;
        Ok(ended)
    }

    /// Takes in events: counts and state; answers the documents, and how the job ended if it did.
    fn take(&mut self, events: &[Stored]) -> (Vec<Document>, Option<Terminal>) {
        let mut documents = Vec::new();
        for stored in events {
            let Some(event) = event(stored) else { continue };
            let counts = match &event {
                Event::Progress(progress) => Some(progress.counts),
                Event::Done(ended) | Event::Cancelled(ended) | Event::Failed(ended) => {
                    Some(ended.counts)
                }
                _ => None,
            };
            let state = event.terminal().map_or(StatusWord::Scraping, |terminal| {
                StatusWord::from(JobState::from(terminal))
            });
            if let Some(counts) = counts {
                let warning = self.status.warning.take();
                self.status = JobStatus::new(state, &counts, self.status.expires_at);
                self.status.warning = warning;
            }
            if let Some(terminal) = event.terminal() {
                return (documents, Some(terminal));
            }
            documents.extend(document(stored));
        }
        (documents, None)
    }

    async fn send(&self, socket: &mut Socket, said: &Said<'_>) -> Result<(), End> {
        let json = serde_json::to_string(said)
            .expect("what is said serialises: its maps have string keys");
        let message = Message::text(json);
        match timeout(self.stall, socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(End::Left),
        }
    }

    /// The last message and the close. `done` means a completed job to every client; one that ended otherwise is told by its
    /// status, and under version 1, which has no such message, as an error.
    async fn close(&self, socket: &mut Socket, end: &End) {
        let (last, code, reason) = match (end, self.version) {
            (End::Left, _) => return,
            (End::Job(Terminal::Done), Version::V1) => (None, CloseCode::Normal, DONE),
            (End::Job(Terminal::Done), Version::V2) => (Some(Said::Done), CloseCode::Normal, DONE),
            (End::Job(_), Version::V2) => (
                Some(Said::Status { data: &self.status }),
                CloseCode::Normal,
                "",
            ),
            (End::Job(ended), Version::V1) => {
                let how = match ended {
                    Terminal::Cancelled => "the job was cancelled",
                    _ => "the job failed",
                };
                (Some(Said::Error { error: how }), CloseCode::Normal, "")
            }
            (End::Stopping, _) => (None, CloseCode::Restart, "come back"),
            (End::Broken, _) => (None, CloseCode::Error, "the log cannot be read"),
        };
        if let Some(last) = last
            && self.send(socket, &last).await.is_err()
        {
            return;
        }
        let frame = CloseFrame {
            code,
            reason: Utf8Bytes::from_static(reason),
        };
        if socket.close(Some(frame)).await.is_ok() {
            // The client's own close, after which it has read everything.
            while let Some(Ok(_)) = socket.next().await {}
        }
    }
}

/// An error of the journal after which the same read may succeed.
fn may_pass(error: &JournalError) -> Result<(), End> {
    match error {
        JournalError::Store(_) => Ok(()),
        error => {
            tracing::warn!(%error, "a WebSocket's log could not be read");
            Err(End::Broken)
        }
    }
}
