use crate::queue::JobQueue;
use std::sync::Arc;
use std::time::Duration;

use shared::Clock;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::{EmbeddedQueue, EmbeddedQueueConfig};
use crate::queue::suite::world::{LONG_POLL, MAX_RECEIVES, VISIBILITY, is_stale, texts};
use crate::queue::suite::{World, behaviours_of_every_queue, behaviours_of_exact_queues};
use crate::runtime_clock::runtime_clock;
use crate::sqlite::{DataDir, unobserved};
use crate::time_under_test::PausedTime;

fn open(dir: &TempDir, clock: &Clock) -> Arc<EmbeddedQueue> {
    let data = DataDir::open(dir.path().join("data")).unwrap();
    let config = EmbeddedQueueConfig {
        visibility: VISIBILITY,
        max_receives: MAX_RECEIVES,
        long_poll: LONG_POLL,
    };
    Arc::new(EmbeddedQueue::open(&data, config, clock.clone(), unobserved()).unwrap())
}

async fn world() -> World {
    let dir = tempfile::tempdir().unwrap();
    World {
        queue: open(&dir, &runtime_clock()),
        time: Arc::new(PausedTime),
        _keep: Box::new(dir),
    }
}

behaviours_of_every_queue!(world, (start_paused = true));
behaviours_of_exact_queues!(world, (start_paused = true));

#[tokio::test(start_paused = true)]
async fn a_restart_shows_what_the_dead_process_had_and_keeps_delays() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), runtime_clock());
    let queue = open(&dir, &clock);
    let world = World {
        queue: queue.clone(),
        time: Arc::new(PausedTime),
        _keep: Box::new(()),
    };
    for text in ["received", "delayed", "ready"] {
        world.submit("t", text).await;
    }
    let deliveries = world.receive(2).await;
    let delay = Duration::from_secs(5);
    world
        .queue
        .release(&deliveries[1].receipt, delay)
        .await
        .unwrap();
    drop(world);
    queue.close().await;
    drop(queue);

    let world = World {
        queue: open(&dir, &clock),
        time: Arc::new(PausedTime),
        _keep: Box::new(()),
    };
    assert!(is_stale(&world.queue.ack(&deliveries[0].receipt).await));
    let received = world.receive(5).await;
    assert_eq!(texts(&received), ["received", "ready"]);
    assert_eq!(received[0].receive_count, 2);
    assert_eq!(texts(&world.receive(5).await), ["delayed"]);
}

#[tokio::test(start_paused = true)]
async fn a_damaged_message_becomes_a_dead_letter_and_the_rest_goes_on() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), runtime_clock());
    let queue = open(&dir, &clock);
    let world = World {
        queue: queue.clone(),
        time: Arc::new(PausedTime),
        _keep: Box::new(()),
    };
    world.submit("t", "a job that is damaged").await;
    world.submit("t", "a job that is not").await;
    queue.close().await;
    let path = dir.path().join("data/queue.db");
    let mut file = std::fs::read(&path).unwrap();
    let at = file
        .windows(7)
        .position(|bytes| bytes == b"damaged")
        .unwrap();
    file[at] ^= 1;
    std::fs::write(&path, file).unwrap();
    drop((world, queue));

    let world = World {
        queue: open(&dir, &clock),
        time: Arc::new(PausedTime),
        _keep: Box::new(()),
    };
    assert_eq!(texts(&world.receive(5).await), ["a job that is not"]);
    assert_eq!(world.depth().await, (0, 1, 1));
}

#[tokio::test(start_paused = true)]
async fn messages_of_tenants_that_are_left_out_stay_and_the_others_take_turns() {
    let dir = tempfile::tempdir().unwrap();
    let world = World {
        queue: open(&dir, &runtime_clock()),
        time: Arc::new(PausedTime),
        _keep: Box::new(()),
    };
    for tenant in ["a", "b", "c"] {
        world.submit(tenant, &format!("{tenant}1")).await;
        world.submit(tenant, &format!("{tenant}2")).await;
    }
    let stop = CancellationToken::new();
    let except = ["b".to_owned()];
    let received = world.queue.receive(10, &except, &stop).await.unwrap();
    assert_eq!(texts(&received), ["a1", "c1", "a2", "c2"]);
    assert_eq!(texts(&world.receive(10).await), ["b1", "b2"]);
}
