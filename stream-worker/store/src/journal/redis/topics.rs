//! The channels whose changes this worker listens to: those that are followed, or whose flags somebody heeds.

use std::collections::HashMap;

use parking_lot::Mutex;
use shared::ChannelId;

/// Each channel that is listened to, or was a moment ago. A channel is subscribed and unsubscribed by one task at a time, which
/// looks again what is wanted when it is done.
#[derive(Default)]
pub(super) struct Topics(Mutex<HashMap<ChannelId, Topic>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Topic {
    Subscribed,
    /// A task is at work.
    Changing,
    /// A task is at work, and what is wanted may have changed since it looked.
    ChangingAgain,
}

impl Topics {
    /// True if the caller is to bring the subscription to what is wanted.
    pub(super) fn begin(&self, channel: ChannelId, wanted: bool) -> bool {
        let mut topics = self.0.lock();
        match topics.get(&channel) {
            None if wanted => {
                topics.insert(channel, Topic::Changing);
                true
            }
            Some(Topic::Subscribed) if !wanted => {
                topics.insert(channel, Topic::Changing);
                true
            }
            None | Some(Topic::Subscribed) => false,
            Some(Topic::Changing | Topic::ChangingAgain) => {
                topics.insert(channel, Topic::ChangingAgain);
                false
            }
        }
    }

    /// Notes what has been done; true if the caller must look again.
    pub(super) fn end(&self, channel: ChannelId, subscribed: bool) -> bool {
        let mut topics = self.0.lock();
        if topics.get(&channel) == Some(&Topic::ChangingAgain) {
            topics.insert(channel, Topic::Changing);
            return true;
        }
        if subscribed {
            topics.insert(channel, Topic::Subscribed);
        } else {
            topics.remove(&channel);
            if topics.is_empty() {
                topics.shrink_to(64);
            }
        }
        false
    }

    pub(super) fn channels(&self) -> Vec<ChannelId> {
        self.0.lock().keys().copied().collect()
    }
}
