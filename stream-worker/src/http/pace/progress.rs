//! Progress of one connection, and the timer over it.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::connection::STALL_WHILE_STOPPING;

/// Limits on one connection.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct PaceConfig {
    /// From the end of an answer to the first byte of the next request.
    pub(in crate::http) idle: Duration,
    /// From the first byte of a request to the end of its head.
    pub(in crate::http) head: Duration,
    /// While bytes of an answer wait and the socket takes none.
    pub(in crate::http) stall: Duration,
}

/// Progress of one connection. Shared by its socket, its answers and its timer, all in one task.
pub(in crate::http) struct Pace {
    config: PaceConfig,
    progress: Mutex<Progress>,
}

struct Progress {
    phase: Phase,
    /// Set while the socket refuses bytes.
    blocked_since: Option<Instant>,
    stopping: bool,
    /// Time between the last two requests; nothing before the second.
    idled: Option<Duration>,
    /// True once a request has come.
    asked: bool,
}

enum Phase {
    Idle { since: Instant },
    Head { since: Instant },
    Answering,
}

/// The limit that a client exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum Late {
    /// It asked nothing more.
    Idle,
    /// It began a request and did not end its head.
    Head,
    /// It did not read its answer.
    Stalled,
}

impl Pace {
    /// The pace of a connection that has asked nothing yet.
    pub(in crate::http) fn new(config: PaceConfig) -> Arc<Self> {
        let since = Instant::now();
        Self::in_phase(Phase::Idle { since }, config)
    }

    /// The pace of one stream of many, which asks once: only its answer has a limit.
    pub(in crate::http) fn of_stream(stall: Duration) -> Arc<Self> {
        let config = PaceConfig {
            idle: Duration::MAX,
            head: Duration::MAX,
            stall,
        };
        Self::in_phase(Phase::Answering, config)
    }

    fn in_phase(phase: Phase, config: PaceConfig) -> Arc<Self> {
        let progress = Progress {
            phase,
            blocked_since: None,
            stopping: false,
            idled: None,
            asked: false,
        };
        Arc::new(Self {
            config,
            progress: Mutex::new(progress),
        })
    }

    /// Notes that a request's head is whole. The answer is being given until the returned guard is dropped.
    pub(in crate::http) fn answering(self: &Arc<Self>) -> Answering {
        let mut progress = self.progress.lock();
        progress.phase = Phase::Answering;
        progress.asked = true;
        drop(progress);
        Answering(self.clone())
    }

    /// Time that the connection idled before the request that is answered now; nothing if it is its first.
    pub(in crate::http) fn idled(&self) -> Option<Duration> {
        self.progress.lock().idled
    }

    /// Notes that the worker stops: from now on an answer may be blocked for five seconds at most.
    pub(in crate::http) fn stopping(&self) {
        self.progress.lock().stopping = true;
    }

    pub(super) fn note_read(&self) {
        let mut progress = self.progress.lock();
        if let Phase::Idle { since } = progress.phase {
            progress.idled = progress.asked.then(|| since.elapsed());
            progress.phase = Phase::Head {
                since: Instant::now(),
            };
        }
    }

    /// Notes that the client takes nothing although something waits for it.
    pub(in crate::http) fn note_blocked(&self) {
        let mut progress = self.progress.lock();
        progress.blocked_since.get_or_insert_with(Instant::now);
    }

    /// Notes that the client has taken something, or that nothing waits.
    pub(in crate::http) fn note_progress(&self) {
        self.progress.lock().blocked_since = None;
    }

    /// Notes that the client has taken something, and that more waits now.
    pub(in crate::http) fn note_next_waits(&self) {
        self.progress.lock().blocked_since = Some(Instant::now());
    }

    fn deadline(&self) -> Option<(Instant, Late)> {
        let progress = self.progress.lock();
        let asking = match progress.phase {
            Phase::Idle { since } => Some((since + self.config.idle, Late::Idle)),
            Phase::Head { since } => Some((since + self.config.head, Late::Head)),
            Phase::Answering => None,
        };
        let stall = match progress.stopping {
            true => self.config.stall.min(STALL_WHILE_STOPPING),
            false => self.config.stall,
        };
        let reading = progress
            .blocked_since
            .map(|since| (since + stall, Late::Stalled));
        asking
            .into_iter()
            .chain(reading)
            .min_by_key(|(at, _late)| *at)
    }
}

/// Held while an answer is given.
pub(in crate::http) struct Answering(Arc<Pace>);

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.progress.lock().phase = Phase::Idle {
            since: Instant::now(),
        };
    }
}

/// Fires when a connection's client takes too long. To be polled after each poll of the connection, which is what moves
/// its deadline.
pub(in crate::http) struct PaceTimer {
    pace: Arc<Pace>,
    sleep: Pin<Box<Sleep>>,
}

impl PaceTimer {
    pub(in crate::http) fn new(pace: Arc<Pace>) -> Self {
        Self {
            pace,
            sleep: Box::pin(sleep_until(Instant::now())),
        }
    }

    pub(in crate::http) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Late> {
        let Some((at, late)) = self.pace.deadline() else {
            return Poll::Pending;
        };
        if self.sleep.deadline() != at {
            self.sleep.as_mut().reset(at);
        }
        self.sleep.as_mut().poll(cx).map(|()| late)
    }
}
