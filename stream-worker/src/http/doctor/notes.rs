//! Observations kept under a nonce that the caller chose, until a later request asks for them.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;

/// Notes that are kept; the oldest goes first.
const MAX_NOTES: usize = 1_024;

pub(super) struct Notes<T> {
    kept: Mutex<VecDeque<(String, T)>>,
}

impl<T> Default for Notes<T> {
    fn default() -> Self {
        Self {
            kept: Mutex::default(),
        }
    }
}

impl<T: Clone> Notes<T> {
    pub(super) fn add(&self, nonce: &str, note: T) {
        let mut kept = self.kept.lock();
        if kept.len() == MAX_NOTES {
            kept.pop_front();
        }
        kept.push_back((nonce.to_owned(), note));
    }

    /// All notes of this nonce, the newest first.
    pub(super) fn all(&self, nonce: &str) -> Vec<T> {
        let kept = self.kept.lock();
        let of_nonce = kept.iter().rev().filter(|(of, _note)| of == nonce);
        of_nonce.map(|(_of, note)| note.clone()).collect()
    }
}

/// A stream that notes its client's leaving.
#[derive(Debug, Default)]
pub(super) struct Stream {
    left: AtomicBool,
}

impl Stream {
    pub(super) fn has_left(&self) -> bool {
        self.left.load(Ordering::Relaxed)
    }
}

/// Held by a stream's body, and dropped with it: when the client has left, or the stream is complete.
pub(in crate::http) struct Departing(pub(super) Arc<Stream>);

impl Drop for Departing {
    fn drop(&mut self) {
        self.0.left.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_note_goes_first() {
        let notes = Notes::default();
        for number in 0..=MAX_NOTES {
            notes.add(&format!("nonce-{number}"), number);
        }
        assert!(notes.all("nonce-0").is_empty());
        assert_eq!(notes.all("nonce-1"), [1]);
        assert_eq!(notes.all(&format!("nonce-{MAX_NOTES}")), [MAX_NOTES]);
    }
}
