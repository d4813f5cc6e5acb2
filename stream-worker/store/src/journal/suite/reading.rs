//! Reads of a log.

use bytes::Bytes;
use shared::{ChannelId, EventId, Frame, sse};

use super::World;
use super::world::{entry, id};
use crate::journal::{Entry, Ordinal, Page, Step, Stored};

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
    for after in [id(0, 0), id(1, 1), id(1, 2), id(1, 3), id(2, 4), id(2, 5)] {
        let read = world.read(pen.channel(), after, 1 << 20).await;
        assert_eq!(read, all[usize::try_from(after.position.0).unwrap()..]);
    }
}

pub(crate) async fn a_read_stops_at_its_budget_but_gives_at_least_one(world: World) {
    let mut pen = world.begin().await;
    pen.write(10).await;
    let size = pen.step(1).entries[0].frame.len();
    for (budget, frames) in [(0, 1), (1, 1), (size, 1), (3 * size, 3), (usize::MAX, 10)] {
        let read = world.read(pen.channel(), EventId::START, budget).await;
        assert!(read.len().abs_diff(frames) <= 1, "{budget}");
        let whole = world.read_whole(pen.channel(), EventId::START, budget);
        assert!(!whole.await.is_empty());
    }
}

pub(crate) async fn a_cut_event_is_whole_in_a_download(world: World) {
    let mut pen = world.begin().await;
    let whole = Bytes::from_static(br#"{"type":"progress","html":"long"}"#);
    let mut step = pen.step(2);
    step.entries[1].whole = Some(whole.clone());
    let first: Entry = step.entries[0].clone();
    pen.commit(Step { ..step }).await.unwrap();
    let read = world.read_whole(pen.channel(), EventId::START, 1 << 20);
    let data = Bytes::copy_from_slice(sse::data(&first.frame).unwrap());
    assert_eq!(
        read.await,
        [
            Stored { id: id(1, 1), data },
            Stored {
                id: id(1, 2),
                data: whole
            }
        ]
    );
}

pub(crate) async fn an_event_is_recalled_by_its_gist_or_else_by_its_data(world: World) {
    let mut pen = world.begin().await;
    let gist = Bytes::from_static(br#"{"type":"progress"}"#);
    let mut step = pen.step(2);
    step.entries[1].gist = Some(gist.clone());
    let [first, second] = [0, 1].map(|at| step.entries[at].clone());
    pen.commit(step).await.unwrap();
    let data = Bytes::copy_from_slice(sse::data(&first.frame).unwrap());
    let recalled = world.journal.recall(pen.channel(), EventId::START, 1 << 20);
    let Page::Next(recalled) = recalled.await.unwrap() else {
        panic!("the start is in every log");
    };
    assert_eq!(recalled[0].data, data);
    // A journal that keeps no gists gives the whole data.
    let whole = Bytes::copy_from_slice(sse::data(&second.frame).unwrap());
    assert!([gist, whole].contains(&recalled[1].data), "{recalled:?}");
    let rest = world.journal.recall(pen.channel(), recalled[0].id, 1);
    assert_eq!(rest.await.unwrap(), Page::Next(vec![recalled[1].clone()]));
}

pub(crate) async fn an_unknown_channel_has_nothing(world: World) {
    let (channel, journal) = (ChannelId::mint(), &world.journal);
    assert_eq!(journal.snapshot(channel).await.unwrap(), None);
    assert_eq!(world.read(channel, EventId::START, 1).await, []);
    assert_eq!(journal.pending(channel, Ordinal(0), 1).await.unwrap(), []);
    journal.probe().await.unwrap();
}

pub(crate) async fn a_read_after_an_event_that_the_log_does_not_hold_says_where_they_part(
    world: World,
) {
    let mut first = world.begin().await;
    first.write(3).await;
    world.take_over(&first).await.write(2).await;
    let channel = first.channel();
    for (cursor, after) in [
        (id(1, 4), id(1, 3)),
        (id(1, 9), id(1, 3)),
        (id(2, 6), id(2, 5)),
        (id(2, 2), EventId::START),
        (id(7, 1), EventId::START),
    ] {
        let read = world.journal.read(channel, cursor, 1 << 20).await.unwrap();
        assert_eq!(read, Page::Parted { after }, "{cursor}");
        let whole = world.journal.read_whole(channel, cursor, 1 << 20).await;
        assert_eq!(whole.unwrap(), Page::Parted { after }, "{cursor}");
    }
    let unknown = ChannelId::mint();
    let read = world.journal.read(unknown, id(1, 1), 1).await.unwrap();
    let after = EventId::START;
    assert_eq!(read, Page::Parted { after });
}
