//! One watcher's gate: its pause and its dismissal.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use shared::event::ByeReason;
use uuid::Uuid;

/// A watcher's gate. It is set from outside, and looked at by the watcher after each wake-up.
#[derive(Debug)]
pub struct Gate {
    id: Uuid,
    paused: AtomicBool,
    bye: AtomicU8,
}

impl Gate {
    pub(super) fn new() -> Self {
        Self {
            id: Uuid::new_v4(),
            paused: AtomicBool::new(false),
            bye: AtomicU8::new(0),
        }
    }

    /// ID of the connection, as its `hello` says it and a pause names it.
    #[must_use]
    pub const fn id(&self) -> Uuid {
        self.id
    }

    /// True while this one watcher is paused.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.paused.load(Ordering::Relaxed)
    }

    pub(super) fn pause(&self, paused: bool) {
        self.paused.store(paused, Ordering::Relaxed);
    }

    /// The reason for which the watcher must go, if it must.
    #[must_use]
    pub fn bye(&self) -> Option<ByeReason> {
        match self.bye.load(Ordering::Relaxed) {
            1 => Some(ByeReason::Drain),
            2 => Some(ByeReason::Overload),
            _ => None,
        }
    }

    pub(super) fn dismiss(&self, reason: ByeReason) {
        let code = match reason {
            ByeReason::Drain => 1,
            ByeReason::Overload => 2,
            // A watcher finds these out about itself.
            ByeReason::Lifetime | ByeReason::Slow => return,
        };
        self.bye.store(code, Ordering::Relaxed);
    }
}
