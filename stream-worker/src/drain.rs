//! The end of the process: the signals that ask for it, and the time that each of its phases may take.

use std::io;
use std::time::Duration;

use shared::numbers::{DRAIN, LONG_POLL};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, timeout_at};
use tokio_util::task::TaskTracker;

/// SIGINT and SIGTERM.
pub(crate) struct StopSignals {
    interrupt: Signal,
    terminate: Signal,
}

impl StopSignals {
    /// Takes the signals over from the system, which would end the process at once.
    ///
    /// # Errors
    /// The system's.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Waits for the next one.
    ///
    /// # Cancel safety
    /// Cancel-safe: a signal stays until it is received.
    pub(crate) async fn next(&mut self) -> StopSignal {
        tokio::select! {
            _ = self.interrupt.recv() => StopSignal::Interrupt,
            _ = self.terminate.recv() => StopSignal::Terminate,
        }
    }
}

/// A signal that asks the process to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopSignal {
    /// SIGINT: somebody at a terminal.
    Interrupt,
    /// SIGTERM: a supervisor or a container platform.
    Terminate,
}

impl StopSignal {
    /// The exit status of a process that such a signal has ended: 128 and the signal's number, as shells show it.
    #[must_use]
    pub const fn exit_status(self) -> u8 {
        match self {
            Self::Interrupt => 130,
            Self::Terminate => 143,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
        }
    }
}

/// The part of a stop's time by which jobs have to be released, in percent. The longest that one can take is a receive from
/// SQS, which is never dropped: its long poll is 20 of the 25 seconds.
const JOBS: u32 = 84;

/// The part by which connections have to be closed. They have been told to go at the beginning, so what is left is for
/// downloads, requests that are being answered, and watchers that came late.
const CONNECTIONS: u32 = 96;

const _: () = {
    assert!(LONG_POLL.as_millis() * 100 < DRAIN.as_millis() * JOBS as u128);
    assert!(JOBS < CONNECTIONS && CONNECTIONS < 100);
};

/// The time that a stop may take. Each phase has a share of its own: one that is stuck costs the later ones nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DrainTime {
    began: Instant,
    all: Duration,
}

impl DrainTime {
    /// The time of a stop that begins now and may take `all`.
    #[must_use]
    pub(crate) fn start(all: Duration) -> Self {
        Self {
            began: Instant::now(),
            all,
        }
    }

    /// Deadline of the write side.
    #[must_use]
    pub(crate) fn jobs(self) -> Deadline {
        self.share(JOBS)
    }

    /// Deadline of the read side.
    #[must_use]
    pub(crate) fn connections(self) -> Deadline {
        self.share(CONNECTIONS)
    }

    /// Deadline of the whole stop.
    #[must_use]
    pub(crate) fn services(self) -> Deadline {
        self.share(100)
    }

    fn share(self, percent: u32) -> Deadline {
        Deadline(self.began + self.all * percent / 100)
    }
}

/// The deadlines of the phases of a stop.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline(Instant);

impl Deadline {
    /// Waits until every task of a stage has ended, or the time is over.
    pub(crate) async fn phase(self, name: &'static str, tasks: &TaskTracker) {
        tasks.close();
        if timeout_at(self.0, tasks.wait()).await.is_ok() {
            tracing::debug!(phase = name, "a phase of the stop is over");
        } else {
            tracing::warn!(
                phase = name,
                tasks = tasks.len(),
                "the stop is cut short; nothing durable is lost"
            );
        }
    }
}
