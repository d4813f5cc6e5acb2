//! Channels whose first watcher came or whose last one left, until the journal knows.

use std::collections::HashSet;

use parking_lot::Mutex;
use shared::ChannelId;
use tokio::sync::Notify;

/// A set, so that a crowd that comes and goes is one note per channel. What is written is the state when it is written,
/// so that notes cannot overtake each other.
#[derive(Default)]
pub(super) struct Presence {
    dirty: Mutex<HashSet<ChannelId>>,
    noted: Notify,
}

impl Presence {
    pub(super) fn note(&self, id: ChannelId) {
        self.dirty.lock().insert(id);
        self.noted.notify_one();
    }

    /// Waits for notes and takes them.
    pub(super) async fn changed(&self) -> HashSet<ChannelId> {
        loop {
            let taken = std::mem::take(&mut *self.dirty.lock());
            if !taken.is_empty() {
                return taken;
            }
            self.noted.notified().await;
        }
    }
}
