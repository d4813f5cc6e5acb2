//! Expiry of old jobs.

use std::time::Duration;

use shared::ChannelId;
use shared::{JobState, Terminal};

use super::World;
use super::world::id;
use crate::journal::{Acquired, CancelReason, Cursor};

pub(crate) async fn events_of_a_job_that_ended_long_ago_go(world: World) {
    let mut pen = world.begin().await;
    pen.discover(1..=1500).await;
    pen.write(2500).await;
    pen.end(Terminal::Done).await;
    world.pass(world.retention).await;
    let now = world.clock.now();
    world.expire(now, 1).await;
    world.expire(now, 0).await;
    assert!(world.positions(pen.channel()).await.is_empty());
    let snapshot = world.journal.snapshot(pen.channel()).await.unwrap();
    let snapshot = snapshot.unwrap();
    assert!(snapshot.expired);
    assert_eq!(
        (snapshot.state, snapshot.head),
        (JobState::Done, id(1, 2501))
    );
    let locate = |cursor| world.journal.locate(pen.channel(), cursor);
    let after = id(1, 2501);
    assert_eq!(locate(id(1, 7)).await.unwrap(), Cursor::Trimmed { after });
    assert_eq!(locate(id(1, 2501)).await.unwrap(), Cursor::Valid);
}

pub(crate) async fn jobs_that_run_or_ended_lately_stay(world: World) {
    let (mut running, mut ended) = (world.begin().await, world.begin().await);
    running.write(2).await;
    world.pass(world.retention).await;
    ended.end(Terminal::Done).await;
    world.expire(world.clock.now(), 0).await;
    assert_eq!(world.positions(running.channel()).await, [1, 2]);
    assert_eq!(world.positions(ended.channel()).await, [1]);
}

pub(crate) async fn an_expired_channel_is_told_from_an_unknown_one_for_a_while(world: World) {
    let mut pen = world.begin().await;
    pen.end(Terminal::Done).await;
    world.pass(world.retention).await;
    world.journal.expire(world.clock.now()).await.unwrap();
    world.pass(world.retention / 2).await;
    world.journal.expire(world.clock.now()).await.unwrap();
    let snapshot = world.journal.snapshot(pen.channel()).await.unwrap();
    assert!(snapshot.unwrap().expired);
    let acquired = world.acquire(&pen.job, "w2").await;
    assert!(matches!(acquired, Acquired::Finished), "{acquired:?}");
    world.pass(world.retention).await;
    world.journal.expire(world.clock.now()).await.unwrap();
    let snapshot = world.journal.snapshot(pen.channel()).await.unwrap();
    assert_eq!(snapshot, None);
}

pub(crate) async fn a_channel_whose_job_never_came_goes_after_a_day(world: World) {
    let channel = ChannelId::mint();
    let cancel = world.journal.cancel(channel, CancelReason::Requested);
    cancel.await.unwrap();
    world.pass(Duration::from_secs(80_000)).await;
    world.journal.expire(world.clock.now()).await.unwrap();
    assert!(world.journal.snapshot(channel).await.unwrap().is_some());
    world.pass(Duration::from_secs(10_000)).await;
    world.journal.expire(world.clock.now()).await.unwrap();
    assert!(world.journal.snapshot(channel).await.unwrap().is_none());
}

pub(crate) async fn commits_go_on_while_a_large_job_expires(world: World) {
    let mut old = world.begin().await;
    old.write(5000).await;
    old.end(Terminal::Done).await;
    world.pass(world.retention).await;
    let mut young = world.begin().await;
    let now = world.clock.now().plus(Duration::from_millis(1));
    let ((), ()) = tokio::join!(world.expire(now, 1), async {
        for _ in 0..20 {
            young.write(1).await;
        }
    });
    assert_eq!(world.positions(young.channel()).await.len(), 20);
}
