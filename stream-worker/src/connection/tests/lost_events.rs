//! A watcher is told when its log has lost events, also while it is connected.

use shared::sse;

use super::world::{World, id};
use crate::connection::Delivery;

#[tokio::test(start_paused = true)]
async fn a_connected_watcher_beyond_the_lost_events_is_reset_and_goes_on_from_there() {
    let world = World::new().await;
    let mut watcher = world.watcher(id(9)).await;
    world.lose_what_follows_the_third();
    let Delivery::Aside(frame) = watcher.next().await else {
        panic!("it must be told");
    };
    let reset: serde_json::Value = serde_json::from_slice(sse::data(&frame).unwrap()).unwrap();
    assert_eq!(
        (&reset["reason"], &reset["from"]),
        (&"lostTail".into(), &4.into())
    );
    let text = String::from_utf8_lossy(&frame);
    assert!(
        text.contains("1-3"),
        "its cursor is the last event that both have: {text}"
    );
    assert!(matches!(watcher.next().await, Delivery::Heartbeat));
}

#[tokio::test(start_paused = true)]
async fn a_connected_watcher_before_the_lost_events_notices_nothing() {
    let world = World::new().await;
    let mut watcher = world.watcher(id(1)).await;
    world.lose_what_follows_the_third();
    let Delivery::Frames { frames, .. } = watcher.next().await else {
        panic!("it is behind, and its cursor is good");
    };
    let ids: Vec<_> = frames.iter().map(|frame| frame.id).collect();
    assert_eq!(ids, [id(2), id(3)]);
    watcher.sent(Some(id(3)), 0);
    assert!(matches!(watcher.next().await, Delivery::Heartbeat));
}
