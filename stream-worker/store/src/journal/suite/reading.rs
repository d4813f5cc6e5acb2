//! Reads of a log.

use bytes::Bytes;
use shared::{ChannelId, Frame, Position, sse};

use super::World;
use super::world::{entry, id};
use crate::journal::{Entry, Ordinal, Step, Stored};

pub(crate) async fn frames_come_in_order_as_they_were_written(world: World) {
    let mut pen = world.begin().await;
    pen.write(3).await;
    let mut second = world.take_over(&pen).await;
    second.write(2).await;
    let frame = |attempt, position| Frame {
        id: id(attempt, position),
        bytes: entry(id(attempt, position).attempt, position).frame,
    };
    let all = [
        frame(1, 1),
        frame(1, 2),
        frame(1, 3),
        frame(2, 4),
        frame(2, 5),
    ];
    for after in 0..=5 {
        let read = world.journal.read(pen.channel(), Position(after), 1 << 20);
        assert_eq!(read.await.unwrap(), all[usize::try_from(after).unwrap()..]);
    }
}

pub(crate) async fn a_read_stops_at_its_budget_but_gives_at_least_one(world: World) {
    let mut pen = world.begin().await;
    pen.write(10).await;
    let size = pen.step(1).entries[0].frame.len();
    for (budget, frames) in [(0, 1), (1, 1), (size, 1), (3 * size, 3), (usize::MAX, 10)] {
        let read = world.journal.read(pen.channel(), Position(0), budget).await;
        assert!(read.unwrap().len().abs_diff(frames) <= 1, "{budget}");
        let whole = world.journal.read_whole(pen.channel(), Position(0), budget);
        assert!(!whole.await.unwrap().is_empty());
    }
}

pub(crate) async fn a_cut_event_is_whole_in_a_download(world: World) {
    let mut pen = world.begin().await;
    let whole = Bytes::from_static(br#"{"type":"progress","html":"long"}"#);
    let mut step = pen.step(2);
    step.entries[1].whole = Some(whole.clone());
    let first: Entry = step.entries[0].clone();
    pen.commit(Step { ..step }).await.unwrap();
    let read = world
        .journal
        .read_whole(pen.channel(), Position(0), 1 << 20);
    let data = Bytes::copy_from_slice(sse::data(&first.frame).unwrap());
    assert_eq!(
        read.await.unwrap(),
        [
            Stored {
                position: Position(1),
                data
            },
            Stored {
                position: Position(2),
                data: whole
            }
        ]
    );
}

pub(crate) async fn an_unknown_channel_has_nothing(world: World) {
    let (channel, journal) = (ChannelId::mint(), &world.journal);
    assert_eq!(journal.snapshot(channel).await.unwrap(), None);
    assert_eq!(journal.read(channel, Position(0), 1).await.unwrap(), []);
    assert_eq!(journal.pending(channel, Ordinal(0), 1).await.unwrap(), []);
    journal.probe().await.unwrap();
}
