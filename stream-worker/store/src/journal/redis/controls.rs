//! Control flags of jobs that have a subscriber on this worker.

use std::collections::HashMap;

use parking_lot::Mutex;
use shared::ChannelId;
use tokio::sync::watch;

use crate::journal::Control;

/// One sender for each channel that has a subscriber. Those without receivers are taken out by [`sweep`](Self::sweep).
#[derive(Default)]
pub(super) struct Controls(Mutex<HashMap<ChannelId, Subscribed>>);

#[derive(Default)]
struct Subscribed {
    sender: watch::Sender<Control>,
    /// Version of the value that was published last.
    version: Option<Version>,
}

/// Orders the values of one channel, which may be read by several tasks at once: an older one never overtakes a newer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    /// Connections to the server so far. A server that lost its tail counts from an earlier number on.
    pub(super) connection: u64,
    /// Changes of the flags so far.
    pub(super) changes: u64,
}

impl Controls {
    /// A receiver that hears every later [`publish`](Self::publish).
    pub(super) fn subscribe(&self, channel: ChannelId) -> watch::Receiver<Control> {
        self.0.lock().entry(channel).or_default().sender.subscribe()
    }

    /// Tells the subscribers, unless they know as much or more.
    pub(super) fn publish(&self, channel: ChannelId, version: Version, control: Control) {
        let mut all = self.0.lock();
        let Some(subscribed) = all.get_mut(&channel) else {
            return;
        };
        if subscribed.version.is_some_and(|known| known >= version) {
            return;
        }
        subscribed.version = Some(version);
        subscribed
            .sender
            .send_if_modified(|current| std::mem::replace(current, control) != control);
    }

    /// Takes out senders that nobody listens to.
    pub(super) fn sweep(&self) {
        let mut all = self.0.lock();
        all.retain(|_, subscribed| subscribed.sender.receiver_count() > 0);
    }

    /// Every channel with a subscriber, and the version that it knows.
    pub(super) fn channels(&self) -> Vec<(ChannelId, Option<Version>)> {
        let all = self.0.lock();
        all.iter()
            .map(|(channel, subscribed)| (*channel, subscribed.version))
            .collect()
    }

    pub(super) fn is_subscribed(&self, channel: ChannelId) -> bool {
        let all = self.0.lock();
        all.get(&channel)
            .is_some_and(|subscribed| subscribed.sender.receiver_count() > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_value_never_overtakes_a_newer_one() {
        let (controls, channel) = (Controls::default(), ChannelId::mint());
        let receiver = controls.subscribe(channel);
        let publish = |connection, changes, paused| {
            let version = Version {
                connection,
                changes,
            };
            let control = Control {
                paused,
                ..Control::default()
            };
            controls.publish(channel, version, control);
            receiver.borrow().paused
        };
        assert!(publish(1, 2, true));
        assert!(publish(1, 1, false));
        assert!(
            !publish(2, 1, false),
            "a server that lost its tail is believed"
        );
        drop(receiver);
        controls.sweep();
        assert!(!controls.is_subscribed(channel));
    }
}
