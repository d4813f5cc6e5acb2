//! Subscribes to the topics of the channels that this worker must hear of, and unsubscribes when it need not any more.

use std::sync::Arc;

use bytes::Bytes;
use shared::ChannelId;

use super::inner::Inner;

impl Inner {
    /// Unsubscribes from the topics of channels whose log and flags nobody here follows any more.
    pub(super) fn tune_out(self: &Arc<Self>) {
        for channel in self.topics.channels() {
            if !self.is_wanted(channel) {
                self.tune(channel);
            }
        }
    }

    fn is_wanted(&self, channel: ChannelId) -> bool {
        self.followers.is_followed(channel) || self.controls.is_subscribed(channel)
    }

    /// Subscribes to a channel's topic or unsubscribes from it, as is wanted now.
    pub(super) fn tune(self: &Arc<Self>, channel: ChannelId) {
        if !self.topics.begin(channel, self.is_wanted(channel)) {
            return;
        }
        let inner = self.clone();
        self.spawn(async move {
            loop {
                let wanted = inner.is_wanted(channel);
                inner.set_subscription(channel, wanted).await;
                if !inner.topics.end(channel, wanted) {
                    break;
                }
            }
        });
    }

    async fn set_subscription(self: &Arc<Self>, channel: ChannelId, wanted: bool) {
        let topic = Bytes::from(self.keys.topic(channel));
        let listener = self.server.listener();
        // One that fails is made with the next connection.
        if !wanted {
            let _ended = listener.unsubscribe(&topic).await;
            return;
        }
        let _made = listener.subscribe(&topic).await;
        // What came between the registration and now was not heard.
        self.stir(channel);
        self.stir_flags(channel);
    }
}
