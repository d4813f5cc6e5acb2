//! The worker's side of the doctor: what can be asked of it, what its endpoints remember, and how much of them there may be.
//!
//! It owns the limits and the streams whose end somebody will ask for. Nothing here knows a job: a probe is answered from the
//! request alone. What is remembered is bounded, and the oldest goes first.

mod limits;
mod notes;
mod probe;
mod script;

pub(super) use limits::Refused;
pub(super) use notes::Departing;
pub(super) use probe::Probe;
pub(super) use script::{Script, Step, Written};

use std::sync::Arc;

use tokio::time::Instant;

use crate::doctor::wire::Departure;
use limits::Limits;
use notes::{Notes, Stream};

/// The doctor of one worker.
pub struct Doctor {
    began: Instant,
    /// Random name of this worker, which tells it from others behind the same proxy.
    worker: String,
    limits: Limits,
    streams: Notes<Arc<Stream>>,
}

impl Default for Doctor {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            worker: format!("{:08x}", fastrand::u32(..)),
            limits: Limits::default(),
            streams: Notes::default(),
        }
    }
}

impl Doctor {
    /// This worker's name for the length of its life.
    pub(super) fn worker(&self) -> &str {
        &self.worker
    }

    /// Milliseconds since the worker began.
    pub(super) fn clock_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Counts a request of `caller`.
    pub(super) fn admit(&self, caller: &str) -> Result<(), Refused> {
        self.limits.admit(caller)
    }

    /// A place for one more stream.
    pub(super) fn place(&self) -> Result<limits::StreamPlace, Refused> {
        self.limits.place()
    }

    /// Remembers a stream by its nonce; its end is noted when the guard is dropped.
    pub(super) fn departing(&self, nonce: &str) -> Departing {
        let stream = Arc::new(Stream::default());
        self.streams.add(nonce, stream.clone());
        Departing(stream)
    }

    /// The state of a stream.
    pub(super) fn departure(&self, nonce: &str) -> Departure {
        match self.streams.all(nonce).first() {
            None => Departure::Unknown,
            Some(stream) if stream.has_left() => Departure::Left,
            Some(_) => Departure::Open,
        }
    }
}
