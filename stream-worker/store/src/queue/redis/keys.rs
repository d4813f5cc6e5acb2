//! Names of the queue's keys.

use bytes::Bytes;

/// The keys in the order in which the scripts expect them.
const NAMES: [&str; 8] = [
    "ready", "since", "due", "state", "body", "dead", "turn", "last",
];

/// The queue's keys, all in one slot of a cluster, and its topic.
#[derive(Debug)]
pub(super) struct Keys {
    keys: [String; NAMES.len()],
    topic: Bytes,
}

impl Keys {
    /// Keys that begin with `prefix`.
    pub(super) fn under(prefix: &str) -> Self {
        Self {
            keys: NAMES.map(|name| format!("{prefix}{{queue}}:{name}")),
            topic: format!("{prefix}{{queue}}").into(),
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
