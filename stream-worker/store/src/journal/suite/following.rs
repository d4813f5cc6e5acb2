//! Calls of those who follow a log.

use std::sync::Arc;

use parking_lot::Mutex;
use shared::EventId;
use shared::Terminal;

use super::World;
use super::world::id;
use crate::journal::{Advance, Tail};

/// Notes what it hears: the head, whether the job has ended, and how many frames came along.
#[derive(Default)]
struct Ear(Mutex<Vec<(EventId, bool, usize)>>);

impl Tail for Ear {
    fn advance(&self, advance: &Advance) {
        let heard = (advance.head, advance.ended, advance.frames.len());
        self.0.lock().push(heard);
    }
}

pub(crate) async fn a_follower_hears_each_step_with_its_frames(world: World) {
    let (mut pen, mut other) = (world.begin().await, world.begin().await);
    let ear = Arc::new(Ear::default());
    let _guard = world.journal.follow(pen.channel(), ear.clone());
    pen.write(2).await;
    other.write(5).await;
    pen.discover(1..=2).await;
    pen.end(Terminal::Done).await;
    let heard = ear.0.lock().clone();
    // A journal that does not have the frames at hand says so with none.
    let heads: Vec<_> = heard
        .iter()
        .map(|(head, ended, _)| (*head, *ended))
        .collect();
    assert_eq!(heads, [(id(1, 2), false), (id(1, 3), true)]);
    assert!(
        heard
            .iter()
            .zip([2, 1])
            .all(|((.., frames), all)| *frames == 0 || *frames == all)
    );
}

/// Reads from within the call: whatever has been said must be there already.
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
        drop(guard);
        let heard = ear.0.lock().len();
        assert!(heard + read.len() >= 1, "round {round} was missed");
        last = id(1, round);
    }
}

pub(crate) async fn a_dropped_guard_ends_the_calls(world: World) {
    let mut pen = world.begin().await;
    let (ear, other) = (Arc::new(Ear::default()), Arc::new(Ear::default()));
    let guard = world.journal.follow(pen.channel(), ear.clone());
    let _other = world.journal.follow(pen.channel(), other.clone());
    pen.write(1).await;
    drop(guard);
    pen.write(1).await;
    assert_eq!((ear.0.lock().len(), other.0.lock().len()), (1, 2));
    assert_eq!(Arc::strong_count(&ear), 1);
}
