//! Leases, and the fence behind them.

use futures_util::future::join_all;
use shared::{Attempt, ChannelId, Counts};
use shared::{JobState, Terminal};

use super::World;
use super::world::{LEASE, granted, id, is_lost, job};
use crate::journal::{Acquired, Ordinal, Step};

pub(crate) async fn the_first_attempt_is_fresh_and_the_next_one_resumes(world: World) {
    let job = job(ChannelId::mint());
    let began = world.clock.now();
    let Acquired::Fresh(lease, fresh) = world.acquire(&job, "w1").await else {
        panic!("a new job is fresh");
    };
    assert_eq!(lease.attempt, Attempt(1));
    assert_eq!(fresh.head, id(0, 0));
    assert!(world.same(Some(fresh.started_at), began));

    let mut counts = Counts::default();
    counts.queue();
    counts.take();
    let mut pen = super::world::Pen {
        journal: world.journal.clone(),
        job: job.clone(),
        lease,
        head: 0,
    };
    let step = Step {
        counts,
        ..pen.step(2)
    };
    pen.commit(step).await.unwrap();

    world.pass(LEASE).await;
    let Acquired::Resumed(lease, resumed) = world.acquire(&job, "w2").await else {
        panic!("a job with events is resumed");
    };
    assert_eq!(lease.attempt, Attempt(2));
    assert_eq!(resumed.head, id(1, 2));
    assert_eq!(resumed.counts, counts.at_rest());
    assert_eq!(
        (resumed.seed, resumed.started_at),
        (fresh.seed, fresh.started_at)
    );
    let snapshot = world.journal.snapshot(job.channel_id).await.unwrap();
    let snapshot = snapshot.unwrap();
    assert_eq!(
        (snapshot.state, snapshot.attempt, snapshot.started_at),
        (JobState::Running, Attempt(2), Some(fresh.started_at))
    );
    assert_eq!(snapshot.request, Some(job.request));
}

pub(crate) async fn a_lease_that_is_held_is_not_given_to_another(world: World) {
    let pen = world.begin().await;
    world.pass(LEASE / 2).await;
    for worker in ["w2", "w1"] {
        let acquired = world.acquire(&pen.job, worker).await;
        assert!(
            matches!(acquired, Acquired::Held(left) if left <= LEASE / 2 && left > LEASE / 3),
            "{acquired:?}"
        );
    }
}

pub(crate) async fn a_renewed_lease_lasts_from_the_renewal_on(world: World) {
    let pen = world.begin().await;
    world.pass(LEASE / 2).await;
    world.journal.renew(&pen.lease, LEASE).await.unwrap();
    world.pass(LEASE * 3 / 4).await;
    let acquired = world.acquire(&pen.job, "w2").await;
    assert!(matches!(acquired, Acquired::Held(_)), "{acquired:?}");
    world.pass(LEASE / 4).await;
    let (lease, _) = granted(world.acquire(&pen.job, "w2").await);
    assert_eq!(lease.attempt, Attempt(2));
}

pub(crate) async fn a_lapsed_lease_goes_to_the_next_attempt_and_fences_the_last(world: World) {
    let mut first = world.begin().await;
    first.write(3).await;
    let mut second = world.take_over(&first).await;
    assert!(is_lost(&first.commit(first.step(1)).await));
    assert!(is_lost(&world.journal.renew(&first.lease, LEASE).await));
    assert!(is_lost(&world.journal.release(&first.lease).await));
    second.write(2).await;
    assert!(is_lost(&first.commit(first.step(1)).await));
    assert_eq!(world.positions(first.channel()).await, [1, 2, 3, 4, 5]);
    assert_eq!(world.head(first.channel()).await, id(2, 5));
}

pub(crate) async fn a_released_lease_is_free_at_once(world: World) {
    let mut pen = world.begin().await;
    pen.write(1).await;
    world.journal.release(&pen.lease).await.unwrap();
    assert!(is_lost(&pen.commit(pen.step(1)).await));
    let (lease, checkpoint) = granted(world.acquire(&pen.job, "w2").await);
    assert_eq!((lease.attempt, checkpoint.head), (Attempt(2), id(1, 1)));
}

pub(crate) async fn of_many_workers_that_come_at_once_one_gets_the_lease(world: World) {
    let job = job(ChannelId::mint());
    let workers = (0..20).map(|worker| world.journal.acquire(&job, ["a", "b"][worker % 2], LEASE));
    let acquired = join_all(workers).await;
    let granted = acquired
        .iter()
        .filter(|acquired| matches!(acquired, Ok(Acquired::Fresh(..))));
    assert_eq!(granted.count(), 1);
    assert!(
        acquired
            .iter()
            .all(|acquired| matches!(acquired, Ok(Acquired::Fresh(..) | Acquired::Held(_))))
    );
}

pub(crate) async fn a_job_that_has_ended_is_finished_for_everybody(world: World) {
    let mut pen = world.begin().await;
    pen.end(Terminal::Done).await;
    let acquired = world.acquire(&pen.job, "w2").await;
    assert!(matches!(acquired, Acquired::Finished), "{acquired:?}");
    world.journal.release(&pen.lease).await.unwrap();
    assert_eq!(world.state(pen.channel()).await, JobState::Done);
}

pub(crate) async fn an_attempt_that_wrote_nothing_leaves_a_fresh_job(world: World) {
    let pen = world.begin().await;
    world.pass(LEASE).await;
    let acquired = world.acquire(&pen.job, "w2").await;
    let Acquired::Fresh(lease, _) = acquired else {
        panic!("nothing has been logged: {acquired:?}");
    };
    assert_eq!(lease.attempt, Attempt(2));
}

pub(crate) async fn attempts_that_finish_no_url_are_counted(world: World) {
    let mut pen = world.begin().await;
    pen.discover(1..=3).await;
    let again = async || {
        world.pass(LEASE).await;
        let (lease, checkpoint) = granted(world.acquire(&pen.job, "w2").await);
        (lease, checkpoint.attempts_without_progress)
    };
    for expected in 2..=3 {
        let (_, attempts_without_progress) = again().await;
        assert_eq!(attempts_without_progress, expected);
    }
    for _ in 0..3 {
        // What is given back is no failure; giving back twice changes nothing.
        let (lease, attempts_without_progress) = again().await;
        assert_eq!(attempts_without_progress, 4);
        world.journal.release(&lease).await.unwrap();
        world.journal.release(&lease).await.unwrap();
    }
    let (lease, _) = again().await;
    let step = Step {
        completed: vec![Ordinal(2)],
        ..pen.step(0)
    };
    world.journal.commit(&lease, step).await.unwrap();
    assert_eq!(again().await.1, 1);
}
