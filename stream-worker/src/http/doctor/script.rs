//! A stream that is written by a script: what follows after how long.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use tokio_util::sync::CancellationToken;

use super::limits::StreamPlace;
use super::notes::Departing;
use crate::doctor::wire::Sent;
use crate::http::HttpState;
use crate::http::answer::Body;

/// One step of a script.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct Step {
    /// Time since the step before.
    pub(in crate::http) after: Duration,
    /// Bytes to write then, or a cut.
    pub(in crate::http) written: Written,
}

/// Output of one step of a script.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) enum Written {
    /// A frame with the time of its sending, and so many bytes more.
    Frame { fill: usize },
    /// The comment that says that a stream is alive.
    Heartbeat,
    /// Nothing: the stream is broken off, without its end.
    Cut,
}

/// A stream's script, and what is given back when its body is dropped.
pub(in crate::http) struct Script<S> {
    pub(in crate::http) steps: S,
    pub(in crate::http) _place: StreamPlace,
    pub(in crate::http) _departing: Option<Departing>,
}

struct Running<S> {
    script: Script<S>,
    state: Arc<HttpState>,
    draining: CancellationToken,
    n: u32,
}

impl<S: Iterator<Item = Step> + Send + 'static> Script<S> {
    /// The body that plays the script. It breaks off when the worker begins to stop.
    pub(in crate::http) fn body(self, state: &Arc<HttpState>) -> Body {
        let running = Running {
            script: self,
            state: state.clone(),
            draining: state.draining.clone(),
            n: 0,
        };
        StreamBody::new(stream::unfold(running, Running::next)).boxed_unsync()
    }
}

impl<S: Iterator<Item = Step>> Running<S> {
    async fn next(mut self) -> Option<(io::Result<Frame<Bytes>>, Self)> {
        let step = self.script.steps.next()?;
        let wait = tokio::time::sleep(step.after);
        if self.draining.run_until_cancelled(wait).await.is_none() {
            return Some((Err(io::Error::other("the worker stops")), self));
        }
        let written = match step.written {
            Written::Frame { fill } => Ok(Frame::data(self.frame(fill))),
            Written::Heartbeat => Ok(Frame::data(Bytes::from_static(shared::sse::HEARTBEAT))),
            Written::Cut => Err(io::Error::other("broken off on purpose")),
        };
        Some((written, self))
    }

    fn frame(&mut self, fill: usize) -> Bytes {
        let doctor = self.state.doctor.as_ref();
        let sent = Sent {
            n: self.n,
            sent_ms: doctor.map_or(0, super::Doctor::clock_ms),
            worker: doctor
                .map(|doctor| doctor.worker().to_owned())
                .unwrap_or_default(),
            fill: noise(fill),
        };
        self.n += 1;
        let json = serde_json::to_string(&sent).expect("it is strings and numbers");
        Bytes::from(format!("event:frame\ndata:{json}\nid:0-{}\n\n", sent.n))
    }
}

/// Text that no compression makes small.
fn noise(length: usize) -> String {
    std::iter::repeat_with(fastrand::alphanumeric)
        .take(length)
        .collect()
}
