//! Names of the queue's keys.

use bytes::Bytes;

/// The keys in the order in which the scripts expect them.
const NAMES: [&str; 8] = [
    "ready", "since", "due", "state", "body", "dead", "turn", "last",
];

/// The layout's version. One that workers of this version cannot read gets another.
const LAYOUT: &str = "cc1:";

/// The queue's keys, all in one slot of a cluster, and its topic.
#[derive(Debug)]
pub(super) struct Keys {
    keys: [String; NAMES.len()],
    topic: Bytes,
}

impl Keys {
    /// Keys before which `space` stands; empty but where several queues share a server.
    pub(super) fn under(space: &str) -> Self {
        Self {
            keys: NAMES.map(|name| format!("{space}{LAYOUT}{{queue}}:{name}")),
            topic: format!("{space}{LAYOUT}{{queue}}").into(),
        }
    }

    /// Topic of the wake-ups.
    pub(super) const fn topic(&self) -> &Bytes {
        &self.topic
    }

    /// The `KEYS` of every script: the keys, then the topic.
    pub(super) fn all(&self) -> [&[u8]; NAMES.len() + 1] {
        let [ready, since, due, state, body, dead, turn, last] = &self.keys;
        [
            ready.as_bytes(),
            since.as_bytes(),
            due.as_bytes(),
            state.as_bytes(),
            body.as_bytes(),
            dead.as_bytes(),
            turn.as_bytes(),
            last.as_bytes(),
            &self.topic,
        ]
    }
}
