//! The tails that follow logs on this worker, and who may call them.
//!
//! A channel's tails are called by one at a time, in order: by whoever has the channel's *pump*. That is a task that reads the
//! log on, or for a moment the commit of this worker's own attempt.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use shared::{ChannelId, EventId};

use crate::journal::{Advance, Tail};

/// The tails of each channel that is followed.
#[derive(Default)]
pub(super) struct Followers(Mutex<Registered>);

#[derive(Default)]
struct Registered {
    next: u64,
    channels: HashMap<ChannelId, Followed>,
}

#[derive(Default)]
struct Followed {
    tails: Vec<Follower>,
    /// The last event that the tails were told of; nothing before the first look.
    told: Option<EventId>,
    pump: Pump,
}

#[derive(Clone)]
struct Follower {
    number: u64,
    tail: Arc<dyn Tail>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Pump {
    #[default]
    Idle,
    Running,
    /// Something may have come since the one that runs has looked.
    Again,
}

/// Result of ending a pump.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// It is free.
    Idle,
    /// It is still the caller's, who looks again.
    Again,
}

impl Followers {
    /// Adds a tail; answers its number.
    pub(super) fn add(&self, channel: ChannelId, tail: Arc<dyn Tail>) -> u64 {
        let mut registered = self.0.lock();
        registered.next += 1;
        let number = registered.next;
        let followed = registered.channels.entry(channel).or_default();
        followed.tails.push(Follower { number, tail });
        number
    }

    /// A call that has begun may still arrive.
    pub(super) fn remove(&self, channel: ChannelId, number: u64) {
        let mut registered = self.0.lock();
        let Some(followed) = registered.channels.get_mut(&channel) else {
            return;
        };
        followed.tails.retain(|follower| follower.number != number);
        // The channel of a pump that runs goes with the pump.
        if followed.tails.is_empty() && followed.pump == Pump::Idle {
            registered.channels.remove(&channel);
        }
    }

    pub(super) fn is_followed(&self, channel: ChannelId) -> bool {
        let registered = self.0.lock();
        let followed = registered.channels.get(&channel);
        followed.is_some_and(|followed| !followed.tails.is_empty())
    }

    /// Every channel that is followed, and what its tails were told of last.
    pub(super) fn channels(&self) -> Vec<(ChannelId, Option<EventId>)> {
        let registered = self.0.lock();
        let channels = registered.channels.iter();
        channels
            .map(|(channel, followed)| (*channel, followed.told))
            .collect()
    }

    /// Takes a channel's pump. False if nobody follows the channel, or if the pump runs: then it looks again.
    pub(super) fn begin(&self, channel: ChannelId) -> bool {
        let mut registered = self.0.lock();
        let Some(followed) = registered.channels.get_mut(&channel) else {
            return false;
        };
        let idle = followed.pump == Pump::Idle;
        followed.pump = if idle { Pump::Running } else { Pump::Again };
        idle
    }

    /// Takes a channel's pump; false unless it is free and the tails were told of everything up to `last`.
    pub(super) fn begin_after(&self, channel: ChannelId, last: EventId) -> bool {
        let mut registered = self.0.lock();
        let Some(followed) = registered.channels.get_mut(&channel) else {
            return false;
        };
        let ready = followed.pump == Pump::Idle && followed.told == Some(last);
        if ready {
            followed.pump = Pump::Running;
        }
        ready
    }

    /// Gives a channel's pump back, unless somebody asked for another look.
    pub(super) fn end(&self, channel: ChannelId) -> Ended {
        let mut registered = self.0.lock();
        let Some(followed) = registered.channels.get_mut(&channel) else {
            return Ended::Idle;
        };
        if followed.tails.is_empty() {
            registered.channels.remove(&channel);
            return Ended::Idle;
        }
        if followed.pump == Pump::Again {
            followed.pump = Pump::Running;
            return Ended::Again;
        }
        followed.pump = Pump::Idle;
        Ended::Idle
    }

    /// The last event that the tails were told of.
    pub(super) fn told(&self, channel: ChannelId) -> Option<EventId> {
        self.0.lock().channels.get(&channel)?.told
    }

    /// Notes what the tails know without a call.
    pub(super) fn know(&self, channel: ChannelId, head: EventId) {
        if let Some(followed) = self.0.lock().channels.get_mut(&channel) {
            followed.told = Some(head);
        }
    }

    /// Calls the channel's tails, outside of the lock: a tail may drop its guard. For whoever has the pump.
    pub(super) fn advance(&self, channel: ChannelId, advance: &Advance) {
        let tails = {
            let mut registered = self.0.lock();
            let Some(followed) = registered.channels.get_mut(&channel) else {
                return;
            };
            followed.told = Some(advance.head);
            followed.tails.clone()
        };
        for follower in tails {
            follower.tail.advance(advance);
        }
    }
}
