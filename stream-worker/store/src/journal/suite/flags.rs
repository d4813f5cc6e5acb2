//! Control flags of a job.

use std::time::Duration;

use shared::{Attempt, ChannelId};
use shared::{JobState, Terminal};

use super::World;
use super::world::{granted, job};
use crate::journal::CancelReason::{Requested, Unwatched};
use crate::journal::Control;

pub(crate) async fn a_cancel_is_seen_by_the_job_and_the_first_reason_stays(world: World) {
    let pen = world.begin().await;
    let journal = &world.journal;
    let mut control = journal.control(pen.channel()).await.unwrap();
    assert_eq!(*control.borrow(), Control::default());
    let before = journal.cancel(pen.channel(), Unwatched).await.unwrap();
    assert_eq!(before, JobState::Running);
    control.changed().await.unwrap();
    assert_eq!(control.borrow_and_update().cancel, Some(Unwatched));
    let before = journal.cancel(pen.channel(), Requested).await.unwrap();
    assert_eq!(before, JobState::Cancelling);
    assert_eq!(control.borrow().cancel, Some(Unwatched));
    assert_eq!(world.state(pen.channel()).await, JobState::Cancelling);
}

pub(crate) async fn a_cancel_that_comes_before_the_job_is_kept_for_it(world: World) {
    let channel = ChannelId::mint();
    let before = world.journal.cancel(channel, Requested).await.unwrap();
    assert_eq!(before, JobState::Queued);
    world.journal.pause(channel, true).await.unwrap();
    let snapshot = world.journal.snapshot(channel).await.unwrap().unwrap();
    assert_eq!((snapshot.state, snapshot.request), (JobState::Queued, None));
    assert_eq!((snapshot.attempt, snapshot.started_at), (Attempt(0), None));

    let (lease, _) = granted(world.acquire(&job(channel), "w1").await);
    assert_eq!(lease.attempt, Attempt(1));
    let control = world.journal.control(channel).await.unwrap();
    assert_eq!(control.borrow().cancel, Some(Requested));
    assert!(control.borrow().paused);
    assert_eq!(world.state(channel).await, JobState::Cancelling);
}

pub(crate) async fn an_ended_job_is_not_cancelled(world: World) {
    let mut pen = world.begin().await;
    pen.end(Terminal::Done).await;
    let before = world.journal.cancel(pen.channel(), Requested).await;
    assert_eq!(before.unwrap(), JobState::Done);
    assert_eq!(world.state(pen.channel()).await, JobState::Done);
    let control = world.journal.control(pen.channel()).await.unwrap();
    assert_eq!(control.borrow().cancel, None);
}

pub(crate) async fn a_pause_reaches_those_who_watch_and_lasts(world: World) {
    let pen = world.begin().await;
    let mut control = world.journal.control(pen.channel()).await.unwrap();
    for paused in [true, false, true] {
        world.journal.pause(pen.channel(), paused).await.unwrap();
        control.changed().await.unwrap();
        assert_eq!(control.borrow_and_update().paused, paused);
        let snapshot = world.journal.snapshot(pen.channel()).await.unwrap();
        assert_eq!(snapshot.unwrap().paused, paused);
    }
}

pub(crate) async fn the_last_watcher_starts_the_grace_and_the_next_one_ends_it(world: World) {
    let pen = world.begin().await;
    let control = world.journal.control(pen.channel()).await.unwrap();
    let unwatched = || control.borrow().unwatched_since;
    let attend = |watchers| world.journal.attend(pen.channel(), watchers);
    attend(1).await.unwrap();
    assert_eq!(unwatched(), None);
    world.pass(Duration::from_secs(10)).await;
    let left = world.clock.now();
    attend(0).await.unwrap();
    assert!(world.same(unwatched(), left));
    world.pass(Duration::from_secs(10)).await;
    attend(0).await.unwrap();
    assert!(world.same(unwatched(), left), "the first leave counts");
    attend(1).await.unwrap();
    assert_eq!(unwatched(), None);
}

pub(crate) async fn the_watchers_of_a_channel_are_counted(world: World) {
    let (pen, other) = (world.begin().await, world.begin().await);
    let watchers = async |channel| {
        let snapshot = world.journal.snapshot(channel).await.unwrap();
        snapshot.unwrap().watchers
    };
    for expected in [0, 3, 1, 0, 2] {
        let present = usize::try_from(expected).unwrap();
        world.journal.attend(pen.channel(), present).await.unwrap();
        assert_eq!(watchers(pen.channel()).await, expected);
    }
    assert_eq!(watchers(other.channel()).await, 0);
}

pub(crate) async fn a_job_that_nobody_watched_is_not_unwatched(world: World) {
    let pen = world.begin().await;
    world.journal.attend(pen.channel(), 0).await.unwrap();
    let control = world.journal.control(pen.channel()).await.unwrap();
    assert_eq!(control.borrow().unwatched_since, None);
}

pub(crate) async fn every_receiver_hears_every_change(world: World) {
    let channel = ChannelId::mint();
    let mut early = world.journal.control(channel).await.unwrap();
    let mut late = world.journal.control(channel).await.unwrap();
    world.journal.pause(channel, true).await.unwrap();
    for control in [&mut early, &mut late] {
        control.changed().await.unwrap();
        assert!(control.borrow().paused);
    }
    drop((early, late));
    let again = world.journal.control(channel).await.unwrap();
    assert!(again.borrow().paused);
}
