//! One watcher's gate: its pause, its dismissal, and the bell that has it look for news.

use std::borrow::Borrow;
use std::future::poll_fn;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::task::{Context, Poll};

use futures_util::task::AtomicWaker;
use shared::event::ByeReason;
use uuid::Uuid;

/// A watcher's gate. It is set from outside, and looked at by the watcher after each wake-up.
#[derive(Debug)]
pub struct Gate {
    id: Uuid,
    paused: AtomicBool,
    bye: AtomicU8,
    rung: AtomicBool,
    /// The watcher's task, which alone waits here.
    waker: AtomicWaker,
}

impl Gate {
    pub(super) fn new() -> Self {
        Self {
            id: Uuid::new_v4(),
            paused: AtomicBool::new(false),
            bye: AtomicU8::new(0),
            rung: AtomicBool::new(false),
            waker: AtomicWaker::new(),
        }
    }

    /// Has the watcher look for news.
    pub(super) fn ring(&self) {
        self.rung.store(true, Ordering::Release);
        self.waker.wake();
    }

    /// Forgets earlier rings. Before a look, so that one that comes during the look is heard after it.
    pub fn hush(&self) {
        self.rung.swap(false, Ordering::AcqRel);
    }

    /// Waits for a ring since the last [`hush`](Self::hush).
    ///
    /// # Cancel safety
    /// Cancel-safe: a ring is kept until it is heard.
    pub async fn rung(&self) {
        poll_fn(|cx| self.poll_rung(cx)).await;
    }

    /// Polls for a ring since the last [`hush`](Self::hush), and takes it.
    pub fn poll_rung(&self, cx: &Context<'_>) -> Poll<()> {
        self.poll(cx, || self.rung.swap(false, Ordering::AcqRel))
    }

    /// Waits for the watcher's dismissal.
    ///
    /// # Cancel safety
    /// Cancel-safe: it changes nothing.
    pub async fn dismissed(&self) {
        poll_fn(|cx| self.poll(cx, || self.bye().is_some())).await;
    }

    fn poll(&self, cx: &Context<'_>, happened: impl Fn() -> bool) -> Poll<()> {
        if happened() {
            return Poll::Ready(());
        }
        self.waker.register(cx.waker());
        // It may have happened before the waker was there.
        if happened() {
            return Poll::Ready(());
        }
        Poll::Pending
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

/// A gate in a set, found by its connection's ID, which is in the gate and not kept a second time.
#[derive(Debug)]
pub(super) struct ById(pub(super) Arc<Gate>);

impl Borrow<Uuid> for ById {
    fn borrow(&self) -> &Uuid {
        &self.0.id
    }
}

impl Hash for ById {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.id().hash(state);
    }
}

impl PartialEq for ById {
    fn eq(&self, other: &Self) -> bool {
        self.0.id() == other.0.id()
    }
}

impl Eq for ById {}
