//! Steps: one atomic change of a record.

use futures_util::future::join_all;
use shared::{Counts, HostRobots, JobState, RobotsState, Terminal, Timestamp};

use super::World;
use super::world::{id, is_lost, pending};
use crate::journal::{JournalError, Ordinal, Step};

pub(crate) async fn a_step_is_seen_whole(world: World) {
    let mut pen = world.begin().await;
    let mut counts = Counts::default();
    counts.queue();
    let step = Step {
        discovered: vec![pending(1), pending(2)],
        counts,
        ..pen.step(2)
    };
    pen.commit(step).await.unwrap();
    assert_eq!(world.positions(pen.channel()).await, [1, 2]);
    assert_eq!(world.waiting(pen.channel()).await, [1, 2]);
    let snapshot = world.journal.snapshot(pen.channel()).await.unwrap();
    let snapshot = snapshot.unwrap();
    assert_eq!((snapshot.head, snapshot.counts), (id(1, 2), counts));
}

pub(crate) async fn what_robots_files_said_is_kept_by_host(world: World) {
    let robots = |host: &str, state, at| HostRobots {
        host: host.to_owned(),
        state,
        read_at: Timestamp::from_millis(at),
    };
    let mut pen = world.begin().await;
    let step = Step {
        robots: vec![
            robots("https://b.example", RobotsState::Unreachable, 1),
            robots("https://a.example:81", RobotsState::None, 2),
        ],
        ..pen.step(1)
    };
    pen.commit(step).await.unwrap();
    let mut next = world.take_over(&pen).await;
    let again = robots("https://b.example", RobotsState::Allowed, 3);
    let step = Step {
        robots: vec![again.clone()],
        ..next.step(1)
    };
    next.commit(step).await.unwrap();
    let told = async || {
        let snapshot = world.journal.snapshot(pen.channel()).await.unwrap();
        snapshot.unwrap().robots
    };
    let first = robots("https://a.example:81", RobotsState::None, 2);
    assert_eq!(told().await, [first, again]);
    let many = (0..150).map(|n| robots(&format!("https://c{n}.example"), RobotsState::Blocked, 4));
    let step = Step {
        robots: many.collect(),
        ..next.step(1)
    };
    next.commit(step).await.unwrap();
    next.end(Terminal::Done).await;
    assert_eq!(
        told().await.len(),
        100,
        "the first hundred, also after the end"
    );
}

pub(crate) async fn a_step_that_does_not_follow_the_head_is_refused_whole(world: World) {
    let mut pen = world.begin().await;
    pen.write(2).await;
    for head in [0, 1, 3, 100] {
        let mut misplaced = world.take_over(&pen).await;
        misplaced.head = head;
        let step = Step {
            discovered: vec![pending(1)],
            ..misplaced.step(1)
        };
        let refused = misplaced.commit(step).await;
        assert!(
            matches!(
                refused,
                Err(JournalError::LeaseLost | JournalError::Rewound)
            ),
            "after {head}: {refused:?}"
        );
    }
    assert_eq!(world.positions(pen.channel()).await, [1, 2]);
    assert!(world.waiting(pen.channel()).await.is_empty());
}

pub(crate) async fn a_refused_step_does_not_hurt_those_committed_with_it(world: World) {
    let mut pens = Vec::new();
    for _ in 0..8 {
        pens.push(world.begin().await);
    }
    // Every other one is misplaced, after a step that it has written already.
    for pen in pens.iter_mut().step_by(2) {
        pen.write(1).await;
        pen.head = 0;
    }
    let commits = pens.iter().map(|pen| {
        let step = Step {
            discovered: vec![pending(7)],
            ..pen.step(2)
        };
        world.journal.commit(&pen.lease, step)
    });
    let refused: Vec<bool> = join_all(commits).await.iter().map(is_lost).collect();
    assert_eq!(refused, [true, false].repeat(4));
    for (pen, refused) in pens.iter().zip(refused) {
        let (events, urls): (&[u64], &[u64]) = if refused {
            (&[1], &[])
        } else {
            (&[1, 2], &[7])
        };
        assert_eq!(world.positions(pen.channel()).await, events);
        assert_eq!(world.waiting(pen.channel()).await, urls);
    }
}

pub(crate) async fn nothing_follows_the_terminal_event(world: World) {
    let mut pen = world.begin().await;
    pen.write(1).await;
    let ended = world.clock.now();
    pen.end(Terminal::Failed).await;
    assert!(is_lost(&pen.commit(pen.step(1)).await));
    assert!(is_lost(&pen.commit(pen.step(0)).await));
    assert_eq!(world.positions(pen.channel()).await, [1, 2]);
    let snapshot = world.journal.snapshot(pen.channel()).await.unwrap();
    let snapshot = snapshot.unwrap();
    assert_eq!(snapshot.state, JobState::Failed);
    assert!(world.same(snapshot.ended_at, ended));
}

pub(crate) async fn urls_wait_from_discovery_to_completion(world: World) {
    let mut pen = world.begin().await;
    pen.discover(1..=4).await;
    let step = Step {
        completed: vec![Ordinal(2), Ordinal(3)],
        discovered: vec![pending(5)],
        ..pen.step(1)
    };
    pen.commit(step).await.unwrap();
    assert_eq!(world.waiting(pen.channel()).await, [1, 4, 5]);
    let second = world.take_over(&pen).await;
    let read = world.journal.pending(second.channel(), Ordinal(0), 10);
    assert_eq!(read.await.unwrap(), [pending(1), pending(4), pending(5)]);
}

pub(crate) async fn pending_urls_come_page_by_page_in_order(world: World) {
    let (mut pen, mut other) = (world.begin().await, world.begin().await);
    other.discover(1..=3).await;
    pen.discover(1..=10).await;
    let mut seen = Vec::new();
    let mut after = Ordinal(0);
    loop {
        let page = world
            .journal
            .pending(pen.channel(), after, 4)
            .await
            .unwrap();
        let Some(last) = page.last() else { break };
        assert!(page.len() <= 4);
        after = last.ordinal;
        seen.extend(page);
    }
    assert_eq!(seen, (1..=10).map(pending).collect::<Vec<_>>());
}

pub(crate) async fn a_large_job_leaves_no_waiting_urls_at_its_end(world: World) {
    let mut pen = world.begin().await;
    pen.discover(1..=2500).await;
    pen.end(Terminal::Cancelled).await;
    assert!(world.waiting(pen.channel()).await.is_empty());
    let nobody = world.journal.expire(shared::Timestamp::from_millis(0));
    assert_eq!(nobody.await.unwrap(), 0);
    assert_eq!(world.positions(pen.channel()).await, [1]);
    assert_eq!(world.state(pen.channel()).await, JobState::Cancelled);
}
