//! Wakes every watcher of a channel.

use tokio::sync::watch;

/// Rung when something may have changed: the log, a gate, the time. It says nothing else, so that a ring can never be
/// missed or pile up: who hears it looks for itself.
pub(super) struct Doorbell(watch::Sender<()>);

impl Doorbell {
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(()))
    }

    pub(super) fn ring(&self) {
        self.0.send_replace(());
    }

    /// Hears every ring from now on.
    pub(super) fn listen(&self) -> watch::Receiver<()> {
        self.0.subscribe()
    }
}
