//! Receives that wait for messages.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::World;
use super::world::{LONG_POLL, VISIBILITY};

/// Time that a clock of whole milliseconds may add.
const SLACK: Duration = Duration::from_millis(5);

fn about(since: Instant, expected: Duration) -> bool {
    (expected..expected + SLACK).contains(&since.elapsed())
}

pub(crate) async fn a_receive_gets_what_is_submitted_while_it_waits(world: World) {
    let submit = async { world.submit("t", "late").await };
    let (received, _message) = tokio::join!(world.receive(5), submit);
    assert_eq!(received.len(), 1);
}

pub(crate) async fn a_stopped_receive_takes_nothing(world: World) {
    world.submit("t", "job").await;
    let stop = CancellationToken::new();
    stop.cancel();
    assert!(world.queue.receive(5, &[], &stop).await.unwrap().is_empty());
    assert_eq!(world.depth().await, (1, 0, 0));
}

pub(crate) async fn a_receive_waits_for_a_submission(world: World) {
    let (start, wait) = (Instant::now(), Duration::from_secs(7));
    let (received, ()) = tokio::join!(world.receive(5), async {
        sleep(wait).await;
        world.submit("t", "late").await;
    });
    assert_eq!(received.len(), 1);
    assert!(about(start, wait), "{:?}", start.elapsed());
}

pub(crate) async fn a_receive_waits_for_a_hidden_message(world: World) {
    world.submit("t", "job").await;
    let start = Instant::now();
    world.receive_one().await;
    sleep(VISIBILITY - LONG_POLL / 2).await;
    assert_eq!(world.receive(1).await.len(), 1);
    assert!(about(start, VISIBILITY), "{:?}", start.elapsed());
}

pub(crate) async fn a_receive_is_woken_by_a_release(world: World) {
    world.submit("t", "job").await;
    let first = world.receive_one().await;
    let (start, delay) = (Instant::now(), Duration::from_secs(3));
    let (received, ()) = tokio::join!(world.receive(5), async {
        world.queue.release(&first.receipt, delay).await.unwrap();
    });
    assert_eq!(received.len(), 1);
    assert!(about(start, delay), "{:?}", start.elapsed());
}

pub(crate) async fn a_receive_ends_by_itself(world: World) {
    let start = Instant::now();
    assert!(world.receive(5).await.is_empty());
    assert!(about(start, LONG_POLL), "{:?}", start.elapsed());
}

pub(crate) async fn a_stopped_receive_ends_at_once(world: World) {
    let (start, stop) = (Instant::now(), CancellationToken::new());
    let wait = Duration::from_secs(2);
    let (received, ()) = tokio::join!(world.queue.receive(5, &[], &stop), async {
        sleep(wait).await;
        stop.cancel();
    });
    assert!(received.unwrap().is_empty());
    assert!(about(start, wait), "{:?}", start.elapsed());
    world.submit("t", "job").await;
    assert!(world.queue.receive(5, &[], &stop).await.unwrap().is_empty());
    assert_eq!(world.depth().await, (1, 0, 0));
}
