//! Receives the messages that the server pushes, and has the parts that they concern look for what is new.

use std::sync::Arc;

use bytes::Bytes;
use shared::{ChannelId, EventId};

use super::inner::Inner;
use crate::redis::Message;

impl Inner {
    /// The task that receives messages. A message says only that something has changed; what it is is read from the server.
    pub(super) async fn hear(self: Arc<Self>) {
        let own = Bytes::from(self.keys.answers_to(&self.name));
        // One that fails is made with the next connection.
        let _made = self.server.listener().subscribe(&own).await;
        loop {
            let heard = self.server.listener().heard().await;
            if heard.missed {
                self.wake_healing();
            }
            for message in heard.messages {
                self.take_message(&own, &message);
            }
        }
    }

    fn take_message(self: &Arc<Self>, own: &Bytes, message: &Message) {
        let (Ok(topic), Ok(text)) = (
            std::str::from_utf8(&message.topic),
            std::str::from_utf8(&message.text),
        ) else {
            return;
        };
        if message.topic == *own {
            self.take_gate_answer(text);
        } else if let Some(channel) = self.keys.channel_of(topic) {
            self.take_change(channel, text);
        }
    }

    fn take_change(self: &Arc<Self>, channel: ChannelId, text: &str) {
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        match word {
            "h" => self.take_head(channel, rest),
            "c" => self.stir_flags(channel),
            gate if gate.starts_with('g') => self.take_gate_request(channel, text),
            _ => {}
        }
    }

    /// A log has grown up to an event, which the followers may know: this worker's own commits are told before they are heard
    /// of.
    fn take_head(self: &Arc<Self>, channel: ChannelId, text: &str) {
        let id = text
            .split(' ')
            .next()
            .and_then(|id| id.parse::<EventId>().ok());
        let old = id
            .zip(self.followers.told(channel))
            .is_some_and(|(id, told)| id.attempt == told.attempt && id.position <= told.position);
        if !old {
            self.stir(channel);
        }
    }
}
