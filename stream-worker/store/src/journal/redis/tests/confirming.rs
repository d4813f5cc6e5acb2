//! Replicas that confirm what is shown.

use std::sync::Arc;

use e2e::{Standby, eventually};
use shared::{EventId, JobState, Terminal};

use super::faults::{commit_patiently, positions};
use super::workers::{Copy, begin, id, take_over};
use super::{Cluster, Worker, world_of};
use crate::journal::suite::journal_suite;
use crate::journal::suite::world::{LEASE, World, next_of};
use crate::journal::{Acquired, JobLeases, JobLog, JobRecords, JournalError};

/// A primary and its replica.
struct Pair {
    cluster: Cluster,
    standby: Standby,
}

impl Pair {
    async fn start() -> Self {
        let cluster = Cluster::start().await;
        let standby = Standby::of(&cluster.server).await;
        Self { cluster, standby }
    }

    /// A worker whose commits the replica confirms.
    fn worker(&self) -> Worker {
        Worker::new(self.cluster.confirmed_link(1), None)
    }
}

async fn confirmed_world() -> World {
    let pair = Pair::start().await;
    let link = pair.cluster.confirmed_link(1);
    world_of(link, |link| Worker::new(link, None), Box::new(pair))
}

journal_suite!(tokio::test, confirmed_world);

#[tokio::test]
async fn what_no_replica_has_is_shown_to_nobody() {
    let pair = Pair::start().await;
    let (writer, other) = (pair.worker(), pair.worker());
    let mut pen = begin(&writer).await;
    let channel = pen.channel();
    pen.write(3).await;
    let copies = [Arc::new(Copy::default()), Arc::new(Copy::default())];
    let _near = writer.journal.follow(channel, copies[0].clone());
    let _far = other.journal.follow(channel, copies[1].clone());
    for copy in &copies {
        copy.hear(id(&pen, 3)).await;
    }
    pair.standby.falls_behind();
    let step = pen.step(2);
    let refused = writer.journal.commit(&pen.lease, step.clone()).await;
    assert!(
        matches!(refused, Err(JournalError::Store(_))),
        "{refused:?}"
    );
    // Nor if it is tried again.
    let refused = writer.journal.commit(&pen.lease, step).await;
    assert!(
        matches!(refused, Err(JournalError::Store(_))),
        "{refused:?}"
    );
    for worker in [&writer, &other] {
        assert_eq!(positions(worker, channel).await, [1, 2, 3]);
        let seen = worker.journal.snapshot(channel).await.unwrap().unwrap();
        assert_eq!(seen.head, id(&pen, 3));
    }
    for copy in &copies {
        assert_eq!(copy.head(), id(&pen, 3));
    }
    pair.standby.follows_again(&pair.cluster.server);
    commit_patiently(&writer, &mut pen, 2).await;
    for copy in &copies {
        copy.hear(id(&pen, 5)).await;
    }
    assert_eq!(positions(&other, channel).await, [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn an_attempt_goes_on_after_what_no_replica_has_and_shows_it() {
    let pair = Pair::start().await;
    let (writer, other) = (pair.worker(), pair.worker());
    let mut first = begin(&writer).await;
    first.write(3).await;
    pair.standby.falls_behind();
    let refused = writer.journal.commit(&first.lease, first.step(2)).await;
    assert!(
        matches!(refused, Err(JournalError::Store(_))),
        "{refused:?}"
    );
    let mut second = take_over(&other, &first).await;
    assert_eq!(second.head, 5);
    let recalled = other
        .journal
        .recall(first.channel(), EventId::START, 1 << 20);
    assert_eq!(next_of(recalled.await).len(), 5);
    assert_eq!(positions(&other, first.channel()).await, [1, 2, 3]);
    pair.standby.follows_again(&pair.cluster.server);
    commit_patiently(&other, &mut second, 1).await;
    assert_eq!(positions(&other, first.channel()).await, [1, 2, 3, 4, 5, 6]);
}

#[tokio::test]
async fn an_end_that_no_replica_has_has_not_come() {
    let pair = Pair::start().await;
    let (writer, other) = (pair.worker(), pair.worker());
    let mut pen = begin(&writer).await;
    pen.write(3).await;
    pair.standby.falls_behind();
    let refused = pen.try_end(Terminal::Done).await;
    assert!(
        matches!(refused, Err(JournalError::Store(_))),
        "{refused:?}"
    );
    let seen = async || {
        other
            .journal
            .snapshot(pen.channel())
            .await
            .unwrap()
            .unwrap()
    };
    assert_eq!(seen().await.state, JobState::Running);
    assert_eq!(seen().await.ended_at, None);
    pair.standby.follows_again(&pair.cluster.server);
    // Its message comes back, since nobody has acknowledged it.
    eventually("the end is shown", async || {
        match other.journal.acquire(&pen.job, "w", LEASE).await {
            Ok(Acquired::Finished) => Some(()),
            Err(JournalError::Store(_)) => None,
            other => panic!("{other:?}"),
        }
    })
    .await;
    assert_eq!(seen().await.state, JobState::Done);
    assert_eq!(positions(&other, pen.channel()).await, [1, 2, 3, 4]);
}

#[tokio::test]
async fn a_promoted_replica_has_everything_that_was_shown() {
    let mut pair = Pair::start().await;
    let writer = pair.worker();
    let mut pen = begin(&writer).await;
    let copy = Arc::new(Copy::default());
    let _guard = writer.journal.follow(pen.channel(), copy.clone());
    for _ in 0..50 {
        pen.write(2).await;
    }
    // What a follower has heard is nowhere else to be found.
    copy.hear(id(&pen, 100)).await;
    pair.cluster.server.kill().await;
    let promoted = Cluster {
        server: pair.standby.promote().await,
        prefix: pair.cluster.prefix,
    };
    let expected: Vec<_> = (1..=100).collect();
    let found = positions(&promoted.worker(), pen.channel()).await;
    assert_eq!(found, expected);
}
