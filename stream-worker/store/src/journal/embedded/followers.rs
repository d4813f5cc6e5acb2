//! The tails that follow logs in this process.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use shared::ChannelId;

use crate::journal::{Advance, FollowGuard, Tail};

/// The tails of each channel that is followed; a channel without any has no entry.
#[derive(Clone, Default)]
pub(super) struct Followers(Arc<Mutex<Registered>>);

#[derive(Default)]
struct Registered {
    next: u64,
    tails: HashMap<ChannelId, Vec<Follower>>,
}

#[derive(Clone)]
struct Follower {
    number: u64,
    tail: Arc<dyn Tail>,
}

impl Followers {
    /// A call that has begun when the guard is dropped may still arrive.
    pub(super) fn add(&self, channel: ChannelId, tail: Arc<dyn Tail>) -> FollowGuard {
        let number = {
            let mut registered = self.0.lock();
            registered.next += 1;
            let number = registered.next;
            let tails = registered.tails.entry(channel).or_default();
            tails.push(Follower { number, tail });
            number
        };
        let followers = self.clone();
        FollowGuard::new(move || followers.remove(channel, number))
    }

    fn remove(&self, channel: ChannelId, number: u64) {
        let mut registered = self.0.lock();
        let Some(tails) = registered.tails.get_mut(&channel) else {
            return;
        };
        tails.retain(|follower| follower.number != number);
        if tails.is_empty() {
            registered.tails.remove(&channel);
        }
    }

    /// Calls the channel's tails, outside the lock: a tail may drop its guard.
    pub(super) fn advance(&self, channel: ChannelId, advance: &Advance) {
        let tails = self.0.lock().tails.get(&channel).cloned();
        for follower in tails.into_iter().flatten() {
            follower.tail.advance(advance);
        }
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.0.lock().tails.is_empty()
    }
}
