//! Watchers of each channel on this worker.

use std::collections::HashMap;

use parking_lot::Mutex;
use shared::ChannelId;

/// Number of watchers of each channel that has any.
#[derive(Default)]
pub(super) struct Attended(Mutex<HashMap<ChannelId, usize>>);

impl Attended {
    pub(super) fn set(&self, channel: ChannelId, watchers: usize) {
        let mut attended = self.0.lock();
        if watchers > 0 {
            attended.insert(channel, watchers);
        } else {
            attended.remove(&channel);
            if attended.is_empty() {
                // A crowd that has left leaves no empty table behind.
                attended.shrink_to(64);
            }
        }
    }

    pub(super) fn of(&self, channel: ChannelId) -> usize {
        self.0.lock().get(&channel).copied().unwrap_or(0)
    }

    pub(super) fn all(&self) -> Vec<(ChannelId, usize)> {
        let attended = self.0.lock();
        attended
            .iter()
            .map(|(channel, watchers)| (*channel, *watchers))
            .collect()
    }
}
