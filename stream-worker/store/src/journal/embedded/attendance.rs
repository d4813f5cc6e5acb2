//! Numbers of watchers.

use std::collections::HashMap;

use parking_lot::Mutex;
use shared::ChannelId;

/// Watchers of each channel that has any.
#[derive(Default)]
pub(super) struct Attendance(Mutex<HashMap<ChannelId, usize>>);

impl Attendance {
    pub(super) fn of(&self, channel: ChannelId) -> usize {
        self.0.lock().get(&channel).copied().unwrap_or(0)
    }

    pub(super) fn set(&self, channel: ChannelId, watchers: usize) {
        let mut all = self.0.lock();
        if watchers > 0 {
            all.insert(channel, watchers);
        } else {
            all.remove(&channel);
            if all.is_empty() {
                // A crowd that has left leaves no empty table behind.
                all.shrink_to(64);
            }
        }
    }
}
