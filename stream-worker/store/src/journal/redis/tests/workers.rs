//! Many workers on one server.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use e2e::{eventually, within};
use parking_lot::Mutex;
use shared::{ChannelId, EventId, JobState, Position, Terminal};
use uuid::Uuid;

use super::{Cluster, ServersTime, Worker};
use crate::journal::RedisMeasurement;
use crate::journal::suite::world::{LEASE, Pen, granted, job};
use crate::journal::{
    Advance, CancelReason, JobControl, JobLeases, JobLog, JobRecords, Tail, Upkeep,
};
use crate::redis::Request;
use crate::time_under_test::Time;

/// Keeps what a follower knows of a log: tells each event once, in order, and drops what parts from the log.
#[derive(Default)]
pub(super) struct Copy(pub(super) Mutex<Copied>);

#[derive(Default)]
pub(super) struct Copied {
    events: Vec<EventId>,
    /// Last event that was told, with or without its frame.
    head: EventId,
    ended: bool,
    pub(super) partings: u32,
}

impl Tail for Copy {
    fn advance(&self, advance: &Advance) {
        let mut copied = self.0.lock();
        if let Some(from) = advance.parted {
            copied.partings += 1;
            copied.events.retain(|id| id.position < from);
        }
        copied
            .events
            .extend(advance.frames.iter().map(|frame| frame.id));
        copied.head = advance.head;
        copied.ended = advance.ended;
    }
}

impl Copy {
    pub(super) async fn hear(&self, head: EventId) {
        eventually("the follower hears of it", async || {
            (self.0.lock().head == head).then_some(())
        })
        .await;
    }

    pub(super) fn head(&self) -> EventId {
        self.0.lock().head
    }

    pub(super) fn events(&self) -> Vec<EventId> {
        self.0.lock().events.clone()
    }
}

pub(super) async fn begin(worker: &Worker) -> Pen {
    let job = job(ChannelId::mint());
    let acquired = worker.journal.acquire(&job, "w", LEASE).await.unwrap();
    pen_of(worker, job, acquired)
}

/// The same job, taken by a worker after its lease has lapsed.
pub(super) async fn take_over(worker: &Worker, pen: &Pen) -> Pen {
    let time = ServersTime {
        link: worker.link.clone(),
    };
    time.pass(LEASE).await;
    let acquired = worker.journal.acquire(&pen.job, "w", LEASE).await.unwrap();
    pen_of(worker, pen.job.clone(), acquired)
}

fn pen_of(worker: &Worker, job: shared::JobMessage, acquired: crate::journal::Acquired) -> Pen {
    let (lease, checkpoint) = granted(acquired);
    Pen {
        journal: worker.journal.clone(),
        job,
        lease,
        head: checkpoint.head.position.0,
    }
}

pub(super) fn id(pen: &Pen, position: u64) -> EventId {
    EventId::new(pen.lease.attempt, Position(position))
}

/// Has a worker miss all messages about a channel that it listens to, and not know it.
async fn deafen(worker: &Worker, channel: ChannelId) {
    let topic = Bytes::from(worker.journal.inner.keys.topic(channel));
    eventually("the topic is listened to", async || {
        let list = Request::command("PUBSUB").bytes("SHARDCHANNELS");
        let topics = worker.ask(list).await.list().unwrap();
        let listened = topics
            .iter()
            .any(|name| name.text().unwrap().as_bytes() == topic);
        listened.then_some(())
    })
    .await;
    worker
        .journal
        .inner
        .server
        .listener()
        .unsubscribe(&topic)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_follower_on_another_worker_hears_every_step() {
    let cluster = Cluster::start().await;
    let (writer, other) = (cluster.worker(), cluster.worker());
    let mut pen = begin(&writer).await;
    let copy = Arc::new(Copy::default());
    let _guard = other.journal.follow(pen.channel(), copy.clone());
    for _ in 0..20 {
        pen.write(3).await;
    }
    pen.end(Terminal::Done).await;
    let head = id(&pen, 61);
    copy.hear(head).await;
    assert!(copy.0.lock().ended);
    // Those before the first look are read by whoever follows.
    let first = copy.events()[0].position.0;
    let expected: Vec<_> = (first..=61).map(|position| id(&pen, position)).collect();
    assert_eq!(copy.events(), expected);
}

#[tokio::test]
async fn a_lost_message_is_made_up_for() {
    let cluster = Cluster::start().await;
    let (writer, other) = (cluster.worker(), cluster.worker());
    let mut pen = begin(&writer).await;
    pen.write(1).await;
    let copy = Arc::new(Copy::default());
    let _guard = other.journal.follow(pen.channel(), copy.clone());
    copy.hear(id(&pen, 1)).await;
    deafen(&other, pen.channel()).await;
    pen.write(2).await;
    copy.hear(id(&pen, 3)).await;
    let told = RedisMeasurement::Look {
        missed: 1,
        behind: 2,
    };
    assert!(other.measured.lock().contains(&told));
}

#[tokio::test]
async fn a_cancel_is_heard_without_a_wake_up() {
    let cluster = Cluster::start().await;
    let (writer, other) = (cluster.worker(), cluster.worker());
    let pen = begin(&writer).await;
    let mut control = writer.journal.control(pen.channel()).await.unwrap();
    deafen(&writer, pen.channel()).await;
    let before = other
        .journal
        .cancel(pen.channel(), CancelReason::Requested)
        .await;
    assert_eq!(before.unwrap(), JobState::Running);
    within(
        "the cancel is heard",
        control.wait_for(|control| control.cancel.is_some()),
    )
    .await
    .unwrap();
}

#[tokio::test]
async fn flags_reach_those_who_heed_them_on_other_workers() {
    let cluster = Cluster::start().await;
    let (writer, other) = (cluster.worker(), cluster.worker());
    let pen = begin(&writer).await;
    let mut control = other.journal.control(pen.channel()).await.unwrap();
    for paused in [true, false] {
        writer.journal.pause(pen.channel(), paused).await.unwrap();
        let heard = control.wait_for(|control| control.paused == paused);
        within("the pause is heard", heard).await.unwrap();
    }
}

#[tokio::test]
async fn a_watcher_on_another_worker_keeps_the_job() {
    let cluster = Cluster::start().await;
    let (one, other) = (cluster.worker(), cluster.worker());
    let pen = begin(&one).await;
    let channel = pen.channel();
    let control = one.journal.control(channel).await.unwrap();
    one.journal.attend(channel, 2).await.unwrap();
    other.journal.attend(channel, 3).await.unwrap();
    let watchers = async || {
        one.journal
            .snapshot(channel)
            .await
            .unwrap()
            .unwrap()
            .watchers
    };
    assert_eq!(watchers().await, 5);
    one.journal.attend(channel, 0).await.unwrap();
    assert_eq!(watchers().await, 3);
    assert_eq!(control.borrow().unwatched_since, None);
    other.journal.close().await;
    eventually("the last watcher has left", async || {
        control.borrow().unwatched_since
    })
    .await;
}

#[tokio::test]
async fn watchers_of_a_dead_worker_are_gone_after_a_while() {
    let cluster = Cluster::start().await;
    let (one, dead) = (cluster.worker(), cluster.worker());
    let pen = begin(&one).await;
    dead.journal.attend(pen.channel(), 3).await.unwrap();
    drop(dead);
    let mut control = one.journal.control(pen.channel()).await.unwrap();
    assert_eq!(control.borrow_and_update().unwatched_since, None);
    one.link.pass(Duration::from_secs(40));
    let left = within(
        "the absence is heard",
        control.wait_for(|control| control.unwatched_since.is_some()),
    );
    let since = left.await.unwrap().unwatched_since.unwrap();
    // Believed to be there for 30 s, and gone from then on: 10 s ago.
    let gone = super::clock_of(&one.link).now().since(since);
    assert!(gone >= Duration::from_secs(9), "{gone:?}");
}

#[tokio::test]
async fn a_pause_reaches_a_connection_of_another_worker() {
    let cluster = Cluster::start().await;
    let (one, other) = (cluster.worker(), cluster.worker());
    let pen = begin(&one).await;
    let (channel, here) = (pen.channel(), Uuid::new_v4());
    let mut requests = other.journal.gate_requests();
    let _control = other.journal.control(channel).await.unwrap();
    let answers = async {
        while let Some(request) = requests.recv().await {
            assert_eq!(request.channel, channel);
            let _waits = request
                .answer
                .send(request.connection == here && request.paused);
        }
    };
    let asked = async {
        eventually("the other worker listens", async || {
            one.journal
                .gate(channel, here, true)
                .await
                .unwrap()
                .then_some(())
        })
        .await;
        let elsewhere = one.journal.gate(channel, Uuid::new_v4(), true).await;
        assert!(!elsewhere.unwrap());
        let other_channel = one.journal.gate(ChannelId::mint(), here, true).await;
        assert!(!other_channel.unwrap());
    };
    tokio::select! {
        () = answers => unreachable!("the journal lives"),
        () = asked => {}
    }
}

#[tokio::test]
async fn what_is_not_followed_or_heeded_any_more_is_not_listened_to() {
    let cluster = Cluster::start().await;
    let worker = cluster.worker();
    let channels: Vec<_> = (0..50).map(|_| ChannelId::mint()).collect();
    let guards: Vec<_> = channels
        .iter()
        .map(|channel| worker.journal.follow(*channel, Arc::new(Copy::default())))
        .collect();
    let listened = async || {
        let list = Request::command("PUBSUB").bytes("SHARDCHANNELS");
        worker.ask(list).await.list().unwrap().len()
    };
    eventually("all are listened to", async || {
        (listened().await >= 50).then_some(())
    })
    .await;
    drop(guards);
    for channel in &channels {
        drop(worker.journal.control(*channel).await.unwrap());
    }
    // One is left, for answers.
    eventually("none is listened to", async || {
        (listened().await <= 1).then_some(())
    })
    .await;
    assert!(worker.journal.inner.followers.channels().is_empty());
    assert!(worker.journal.inner.controls.channels().is_empty());
}
