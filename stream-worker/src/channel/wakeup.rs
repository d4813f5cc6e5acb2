//! Wakes every watcher of a channel.

use tokio::sync::{Notify, watch};

/// Coalesces wake-up requests into one broadcast on the runtime.
///
/// A wake-up says only that something may have changed: the log, a gate, the time. Whoever is woken looks for itself, so
/// that one can be neither missed nor pile up. Requests come from any thread, the journal's writer among them, and cost
/// one notification; the channel's own task then broadcasts, so that a thousand watchers are woken on the runtime without
/// a trip through another thread's queue.
pub(super) struct Wakeup {
    request: Notify,
    broadcast: watch::Sender<()>,
}

impl Wakeup {
    pub(super) fn new() -> Self {
        Self {
            request: Notify::new(),
            broadcast: watch::Sender::new(()),
        }
    }

    /// Asks the channel's task for a broadcast. Requests made before it happens are one.
    pub(super) fn request(&self) {
        self.request.notify_one();
    }

    /// Waits for a request.
    ///
    /// # Cancel safety
    /// Cancel-safe: a request is kept until it is received.
    pub(super) async fn requested(&self) {
        self.request.notified().await;
    }

    /// Wakes all subscribers now.
    pub(super) fn broadcast(&self) {
        self.broadcast.send_replace(());
    }

    /// Receives every broadcast from now on.
    pub(super) fn subscribe(&self) -> watch::Receiver<()> {
        self.broadcast.subscribe()
    }
}
