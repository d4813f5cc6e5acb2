//! Wakes every watcher of a channel.

use tokio::sync::{Notify, watch};

/// Rung when something may have changed: the log, a gate, the time. It says nothing else, so that a ring can never be
/// missed or pile up: who hears it looks for itself.
///
/// The button is pushed by anyone, the journal's thread among them, and costs one wake-up. The channel's own task then rings
/// on the runtime, where a thousand watchers are woken without a trip through another thread's queue; pushes that come
/// meanwhile are one ring.
pub(super) struct Doorbell {
    button: Notify,
    bell: watch::Sender<()>,
}

impl Doorbell {
    pub(super) fn new() -> Self {
        Self {
            button: Notify::new(),
            bell: watch::Sender::new(()),
        }
    }

    /// Has the bell rung soon.
    pub(super) fn push(&self) {
        self.button.notify_one();
    }

    /// Waits for a push.
    ///
    /// # Cancel safety
    /// Cancel-safe: a push is kept until it is heard.
    pub(super) async fn pushed(&self) {
        self.button.notified().await;
    }

    /// Wakes everyone who listens.
    pub(super) fn ring(&self) {
        self.bell.send_replace(());
    }

    /// Hears every ring from now on.
    pub(super) fn listen(&self) -> watch::Receiver<()> {
        self.bell.subscribe()
    }
}
