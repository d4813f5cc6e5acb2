//! Cursors of watchers that come back.

use shared::{ChannelId, EventId};

use super::World;
use super::world::id;
use crate::journal::Cursor;

const fn lost_after(attempt: u32, position: u64) -> Cursor {
    Cursor::LostTail {
        after: id(attempt, position),
    }
}

/// Positions 1 to 3 by attempt 1, 4 to 6 by attempt 2.
async fn log(world: &World) -> ChannelId {
    let mut first = world.begin().await;
    first.write(3).await;
    world.take_over(&first).await.write(3).await;
    first.channel()
}

async fn see(world: &World, channel: ChannelId, cases: &[(EventId, Cursor)]) {
    for (cursor, expected) in cases {
        let found = world.journal.locate(channel, *cursor).await.unwrap();
        assert_eq!(found, *expected, "{cursor}");
    }
}

pub(crate) async fn an_event_of_the_log_is_a_valid_cursor(world: World) {
    let channel = log(&world).await;
    let valid = |cursor| (cursor, Cursor::Valid);
    let cases = [id(0, 0), id(1, 1), id(1, 3), id(2, 4), id(2, 6)].map(valid);
    see(&world, channel, &cases).await;
    see(&world, ChannelId::mint(), &[valid(EventId::START)]).await;
}

pub(crate) async fn a_cursor_that_no_event_ever_had_is_unknown(world: World) {
    let channel = log(&world).await;
    let unknown = |cursor| (cursor, Cursor::Unknown);
    let cases = [id(2, 3), id(2, 1), id(3, 4), id(3, 7), id(9, 99)].map(unknown);
    see(&world, channel, &cases).await;
    see(&world, ChannelId::mint(), &[unknown(id(1, 1))]).await;
}

pub(crate) async fn a_cursor_beyond_the_head_is_from_a_lost_tail(world: World) {
    let channel = log(&world).await;
    see(
        &world,
        channel,
        &[(id(2, 7), lost_after(2, 6)), (id(2, 70), lost_after(2, 6))],
    )
    .await;
    // The first attempt's events are common up to where the second one went on.
    see(&world, channel, &[(id(1, 9), lost_after(1, 3))]).await;
}

pub(crate) async fn a_cursor_that_a_later_attempt_wrote_over_is_from_a_lost_tail(world: World) {
    let channel = log(&world).await;
    see(
        &world,
        channel,
        &[(id(1, 4), lost_after(1, 3)), (id(1, 6), lost_after(1, 3))],
    )
    .await;
}
