//! Control flags of jobs that have a subscriber in this process.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use shared::ChannelId;
use tokio::sync::watch;

use crate::journal::Control;

/// One sender for each channel that has a subscriber. A sender without receivers is removed at its next change, and at the
/// latest when as many new ones have come as there were.
#[derive(Clone, Default)]
pub(super) struct Controls(Arc<Mutex<Senders>>);

#[derive(Default)]
struct Senders {
    by_channel: HashMap<ChannelId, watch::Sender<Control>>,
    sweep_at: usize,
}

/// With fewer entries no sweep for unused ones is made.
const NOT_WORTH_A_SWEEP: usize = 64;

impl Controls {
    /// A receiver that hears every later [`publish`](Self::publish). Its first value is published by the caller, on the
    /// thread that publishes all others, so that an older one cannot overtake a newer one.
    pub(super) fn subscribe(&self, channel: ChannelId) -> watch::Receiver<Control> {
        let mut senders = self.0.lock();
        if senders.by_channel.len() >= senders.sweep_at {
            senders
                .by_channel
                .retain(|_, sender| sender.receiver_count() > 0);
            senders.sweep_at = (senders.by_channel.len() * 2).max(NOT_WORTH_A_SWEEP);
        }
        let sender = senders.by_channel.entry(channel).or_default();
        sender.subscribe()
    }

    pub(super) fn publish(&self, channel: ChannelId, control: Control) {
        let mut senders = self.0.lock();
        let Some(sender) = senders.by_channel.get(&channel) else {
            return;
        };
        if sender.receiver_count() == 0 {
            senders.by_channel.remove(&channel);
            return;
        }
        sender.send_if_modified(|current| std::mem::replace(current, control) != control);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.lock().by_channel.len()
    }
}
