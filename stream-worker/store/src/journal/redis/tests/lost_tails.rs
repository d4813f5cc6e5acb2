//! A server that has lost its tail, as after a failover to a replica that lacked it.

use std::sync::Arc;

use bytes::Bytes;
use shared::{ChannelId, EventId};

use super::workers::{Copy, begin, id, take_over};
use super::{Cluster, Worker};
use crate::journal::suite::world::{LEASE, is_lost};
use crate::journal::{Cursor, JobLeases, JobLog, JournalError, Page};
use crate::redis::Request;

/// The keys of a channel as they are, to be put back.
pub(super) struct State(Vec<(String, Option<Bytes>)>);

pub(super) async fn save(worker: &Worker, channel: ChannelId) -> State {
    let keys = worker.journal.inner.keys.channel(channel);
    let mut state = Vec::new();
    for key in [keys.record, keys.job, keys.log, keys.whole, keys.todo] {
        let dump = worker.ask(Request::command("DUMP").bytes(&key)).await;
        let dump = (!dump.is_nothing()).then(|| dump.bytes().unwrap());
        state.push((key, dump));
    }
    State(state)
}

/// Puts back what a failover to a replica leaves.
pub(super) async fn fall_back(worker: &Worker, state: &State) {
    for (key, dump) in &state.0 {
        let request = match dump {
            Some(dump) => Request::command("RESTORE")
                .bytes(key)
                .number(0)
                .bytes(dump)
                .bytes("REPLACE"),
            None => Request::command("DEL").bytes(key),
        };
        worker.ask(request).await;
    }
}

#[tokio::test]
async fn a_lost_acquire_is_not_granted_again() {
    let cluster = Cluster::start().await;
    let worker = cluster.worker();
    let mut first = begin(&worker).await;
    first.write(3).await;
    let before = save(&worker, first.channel()).await;
    let lost = take_over(&worker, &first).await;
    fall_back(&worker, &before).await;
    let granted = take_over(&worker, &first).await;
    assert!(granted.lease.attempt > lost.lease.attempt);
    assert!(is_lost(&worker.journal.renew(&lost.lease, LEASE).await));
    let nothing = State(before.0.into_iter().map(|(key, _)| (key, None)).collect());
    fall_back(&worker, &nothing).await;
    let anew = take_over(&worker, &first).await;
    assert!(
        anew.lease.attempt > granted.lease.attempt,
        "also when all is lost"
    );
}

#[tokio::test]
async fn a_commit_after_a_lost_tail_is_refused_as_rewound() {
    let cluster = Cluster::start().await;
    let worker = cluster.worker();
    let mut pen = begin(&worker).await;
    pen.write(3).await;
    let before = save(&worker, pen.channel()).await;
    pen.write(2).await;
    fall_back(&worker, &before).await;
    let refused = pen.commit(pen.step(1)).await;
    assert!(matches!(refused, Err(JournalError::Rewound)), "{refused:?}");
}

#[tokio::test]
async fn a_cursor_of_a_lost_attempt_begins_anew() {
    let cluster = Cluster::start().await;
    let worker = cluster.worker();
    let mut first = begin(&worker).await;
    first.write(3).await;
    let channel = first.channel();
    let before = save(&worker, channel).await;
    let mut lost = take_over(&worker, &first).await;
    lost.write(4).await;
    fall_back(&worker, &before).await;
    let mut second = take_over(&worker, &first).await;
    second.write(2).await;
    let journal = &worker.journal;
    let located = journal.locate(channel, id(&lost, 5)).await.unwrap();
    assert_eq!(located, Cursor::Unknown);
    let read = journal.read(channel, id(&lost, 5), 1 << 20).await.unwrap();
    let after = EventId::START;
    assert_eq!(read, Page::Parted { after });
    // The first attempt's events are still common.
    let located = journal.locate(channel, id(&first, 9)).await.unwrap();
    let after = id(&first, 3);
    assert_eq!(located, Cursor::LostTail { after });
}

#[tokio::test]
async fn a_follower_is_told_where_the_log_parts_from_what_it_heard() {
    let cluster = Cluster::start().await;
    let (writer, other) = (cluster.worker(), cluster.worker());
    let mut first = begin(&writer).await;
    let channel = first.channel();
    first.write(3).await;
    let (near, far) = (Arc::new(Copy::default()), Arc::new(Copy::default()));
    let _near = writer.journal.follow(channel, near.clone());
    let _far = other.journal.follow(channel, far.clone());
    let copies = [near, far];
    for copy in &copies {
        copy.hear(id(&first, 3)).await;
    }
    let before = save(&writer, channel).await;
    first.write(4).await;
    for copy in &copies {
        copy.hear(id(&first, 7)).await;
    }
    fall_back(&writer, &before).await;
    let mut second = take_over(&writer, &first).await;
    second.write(2).await;
    for copy in &copies {
        copy.hear(id(&second, 5)).await;
        assert_eq!(copy.events(), [id(&second, 4), id(&second, 5)]);
        assert_eq!(copy.0.lock().partings, 1);
    }
}
