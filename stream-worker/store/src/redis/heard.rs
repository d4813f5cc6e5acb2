//! Messages that were received and are not yet taken, within a bound, and whether some may be missing.

use std::collections::HashMap;
use std::mem;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::Notify;

/// Messages that wait at most. One that does not fit is missed, and that is said.
const MOST: usize = 8_192;

/// Bytes of a topic and a message together at most; a larger message is not kept. All of ours are shorter.
const MOST_BYTES: usize = 512;

/// A message from the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The topic as it was subscribed to.
    pub topic: Bytes,
    /// Words, parted by spaces.
    pub text: Bytes,
}

/// Messages since the last look.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// In the order in which they came first. Of those with one topic and one first word only the last is here.
    pub messages: Vec<Message>,
    /// True if some may be missing: the connection was made anew, or there were too many. Whoever follows something must look
    /// for himself.
    pub missed: bool,
}

/// Messages between the connection, which must not wait, and the one task that takes them.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    waiting: Mutex<Waiting>,
    /// Wakes the task that takes them.
    news: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    heard: Heard,
    /// Place of each message by its topic and first word.
    places: HashMap<(Bytes, Bytes), usize>,
}

impl Inbox {
    pub(super) fn put(&self, message: Message) {
        self.waiting.lock().put(message);
        self.news.notify_one();
    }

    pub(super) fn miss(&self) {
        self.waiting.lock().heard.missed = true;
        self.news.notify_one();
    }

    /// Waits until there is something, and takes it all. For one task.
    ///
    /// # Cancel safety
    /// Cancel-safe.
    pub(super) async fn take(&self) -> Heard {
        loop {
            {
                let mut waiting = self.waiting.lock();
                if waiting.heard.missed || !waiting.heard.messages.is_empty() {
                    waiting.places.clear();
                    return mem::take(&mut waiting.heard);
                }
            }
            self.news.notified().await;
        }
    }
}

impl Waiting {
    fn put(&mut self, message: Message) {
        let word = message.text.iter().position(|byte| *byte == b' ');
        let word = message.text.slice(..word.unwrap_or(message.text.len()));
        let place = (message.topic.clone(), word);
        let fits = message.topic.len() + message.text.len() <= MOST_BYTES;
        match self.places.get(&place) {
            Some(&at) if fits => self.heard.messages[at] = message,
            None if fits && self.heard.messages.len() < MOST => {
                self.places.insert(place, self.heard.messages.len());
                self.heard.messages.push(message);
            }
            Some(_) | None => self.heard.missed = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(topic: &str, text: &str) -> Message {
        Message {
            topic: Bytes::copy_from_slice(topic.as_bytes()),
            text: Bytes::copy_from_slice(text.as_bytes()),
        }
    }

    #[tokio::test]
    async fn the_last_of_several_with_one_first_word_stands() {
        let inbox = Inbox::default();
        for (topic, text) in [
            ("a", "h 1-1"),
            ("a", "c"),
            ("b", "h 1-1"),
            ("a", "h 1-2"),
            ("a", "g7 x 1"),
        ] {
            inbox.put(message(topic, text));
        }
        let heard = inbox.take().await;
        assert_eq!(
            heard.messages,
            [
                message("a", "h 1-2"),
                message("a", "c"),
                message("b", "h 1-1"),
                message("a", "g7 x 1")
            ]
        );
        assert!(!heard.missed);
    }

    #[tokio::test]
    async fn what_does_not_fit_is_said_to_be_missed() {
        let inbox = Inbox::default();
        for number in 0..=MOST {
            inbox.put(message(&number.to_string(), "h 1-1"));
        }
        let heard = inbox.take().await;
        assert_eq!((heard.messages.len(), heard.missed), (MOST, true));
        inbox.put(message("a", &"h".repeat(MOST_BYTES)));
        let heard = inbox.take().await;
        assert_eq!((heard.messages.len(), heard.missed), (0, true));
    }
}
