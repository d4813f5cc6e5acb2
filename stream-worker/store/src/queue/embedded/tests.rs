use crate::queue::JobQueue;
use std::sync::Arc;
use std::time::Duration;

use shared::Clock;
use tempfile::TempDir;

use super::{EmbeddedQueue, EmbeddedQueueConfig};
use crate::queue::suite::world::{LONG_POLL, MAX_RECEIVES, VISIBILITY, is_stale, texts};
use crate::queue::suite::{
    World, behaviours_of_every_queue, behaviours_of_exact_queues,
    behaviours_of_queues_with_our_clock,
};
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
behaviours_of_queues_with_our_clock!(world, (start_paused = true));

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
