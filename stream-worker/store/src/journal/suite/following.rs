//! Calls of those who follow a log.

use std::sync::Arc;

use e2e::within;
use shared::EventId;
use shared::Terminal;
use tokio::sync::watch;

use super::World;
use super::world::id;
use crate::journal::{Advance, Tail};

/// Notes what it hears: the head, whether the job has ended, and how many frames came along.
#[derive(Default)]
struct Ear(watch::Sender<Vec<(EventId, bool, usize)>>);

impl Tail for Ear {
    fn advance(&self, advance: &Advance) {
        let heard = (advance.head, advance.ended, advance.frames.len());
        self.0.send_modify(|all| all.push(heard));
    }
}

impl Ear {
    /// All that was heard, once it has heard of this head.
    async fn heard(&self, head: EventId) -> Vec<(EventId, bool, usize)> {
        let mut heard = self.0.subscribe();
        let told = heard.wait_for(|all| all.last().is_some_and(|(last, ..)| *last == head));
        within("a call of the tail", told).await.unwrap().clone()
    }

    fn last(&self) -> Option<EventId> {
        self.0.borrow().last().map(|(head, ..)| *head)
    }
}

pub(crate) async fn a_follower_hears_each_step_with_its_frames(world: World) {
    let (mut pen, mut other) = (world.begin().await, world.begin().await);
    let ear = Arc::new(Ear::default());
    let _guard = world.journal.follow(pen.channel(), ear.clone());
    pen.write(2).await;
    ear.heard(id(1, 2)).await;
    other.write(5).await;
    pen.discover(1..=2).await;
    pen.end(Terminal::Done).await;
    let mut before = 0;
    for (head, ended, frames) in ear.heard(id(1, 3)).await {
        assert_eq!(ended, head == id(1, 3));
        // A journal that does not have the frames at hand says so with none.
        let new = head.position.0.checked_sub(before).unwrap();
        assert!(frames == 0 || frames as u64 == new, "{frames} up to {head}");
        before = head.position.0;
    }
}

pub(crate) async fn whoever_registers_before_reading_misses_nothing(world: World) {
    let mut pen = world.begin().await;
    let channel = pen.channel();
    let mut last = EventId::START;
    for round in 1..=50 {
        let ear = Arc::new(Ear::default());
        let step = pen.step(1);
        let (committed, (guard, read)) = tokio::join!(pen.commit(step), async {
            let guard = world.journal.follow(channel, ear.clone());
            let read = world.read(channel, last, 1).await;
            (guard, read)
        });
        committed.unwrap();
        if read.is_empty() {
            ear.heard(id(1, round)).await;
        }
        drop(guard);
        last = id(1, round);
    }
}

pub(crate) async fn a_dropped_guard_ends_the_calls(world: World) {
    let mut pen = world.begin().await;
    let (ear, other) = (Arc::new(Ear::default()), Arc::new(Ear::default()));
    let guard = world.journal.follow(pen.channel(), ear.clone());
    let _other = world.journal.follow(pen.channel(), other.clone());
    pen.write(1).await;
    ear.heard(id(1, 1)).await;
    drop(guard);
    pen.write(1).await;
    other.heard(id(1, 2)).await;
    assert_eq!(ear.last(), Some(id(1, 1)));
    assert_eq!(Arc::strong_count(&ear), 1);
}
