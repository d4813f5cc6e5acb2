//! Requests to pause one connection, under way between workers.
//!
//! A request is published on the channel, as `g<request> <worker> <connection> <1 or 0>`; the worker that has the connection
//! answers to the one that asked, as `<request>`. Nothing of it is stored: a pause of one connection does not outlive it.

use std::collections::HashMap;

use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use crate::journal::GateRequest;

/// Requests of other workers that wait for this one's attention. Of more, the sender hears nothing and may ask again.
const WAITING: usize = 256;

/// Requests under way, and the receiver of others'.
#[derive(Default)]
pub(super) struct Gates {
    asked: Mutex<HashMap<Uuid, oneshot::Sender<()>>>,
    pub(super) requests: Mutex<Option<mpsc::Sender<GateRequest>>>,
}

/// Another worker's request, as it is published.
pub(super) struct Asked {
    pub(super) request: Uuid,
    pub(super) worker: String,
    pub(super) connection: Uuid,
    pub(super) paused: bool,
}

impl Gates {
    /// Resolves once the request is answered.
    pub(super) fn ask(&self, request: Uuid) -> oneshot::Receiver<()> {
        let (sender, answer) = oneshot::channel();
        let mut asked = self.asked.lock();
        // Those that nobody waits for any more go.
        asked.retain(|_, waiting| !waiting.is_closed());
        asked.insert(request, sender);
        answer
    }

    pub(super) fn answer(&self, request: Uuid) {
        if let Some(asked) = self.asked.lock().remove(&request) {
            // Nobody waits any more if this fails.
            let _heard = asked.send(());
        }
    }

    /// A new receiver for other workers' requests; an earlier one gets no more.
    pub(super) fn requests(&self) -> mpsc::Receiver<GateRequest> {
        let (sender, receiver) = mpsc::channel(WAITING);
        *self.requests.lock() = Some(sender);
        receiver
    }
}

impl Asked {
    /// The request as it is published.
    pub(super) fn text(&self) -> String {
        let Self {
            request,
            worker,
            connection,
            paused,
        } = self;
        let paused = u8::from(*paused);
        format!("g{request} {worker} {connection} {paused}")
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut words = text.strip_prefix('g')?.split(' ');
        Some(Self {
            request: words.next()?.parse().ok()?,
            worker: words.next()?.to_owned(),
            connection: words.next()?.parse().ok()?,
            paused: words.next()? == "1",
        })
    }
}
