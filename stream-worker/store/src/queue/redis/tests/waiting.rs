//! Receives that wait, on two workers.

use std::time::Duration;

use e2e::{RedisServer, within};
use tokio_util::sync::CancellationToken;

use super::{CONFIG, RedisQueueConfig, link, open, world_on, world_with};
use crate::queue::JobQueue;
use crate::queue::suite::world::texts;

#[tokio::test]
async fn a_receive_is_woken_by_what_another_worker_submits_or_gives_back() {
    let server = RedisServer::start().await;
    let patient = RedisQueueConfig {
        long_poll: Duration::from_secs(3600),
        ..CONFIG
    };
    let (here, there) = (world_with(&server, patient).await, world_on(&server).await);
    there.submit("t", "job").await;
    let first = there.receive_one().await;
    // Nothing is ready, and nobody looks again by himself for an hour.
    let receive = within("a message is heard of", here.receive(1));
    let release = there.queue.release(&first.receipt, Duration::ZERO);
    let (received, released) = tokio::join!(receive, release);
    released.unwrap();
    assert_eq!(texts(&received), ["job"]);
    let receive = within("a message is heard of", here.receive(1));
    let (received, _message) = tokio::join!(receive, there.submit("t", "another"));
    assert_eq!(texts(&received), ["another"]);
}

#[tokio::test]
async fn a_receive_waits_until_a_hidden_message_is_due() {
    let server = RedisServer::start().await;
    let world = world_on(&server).await;
    world.submit("t", "job").await;
    let first = world.receive_one().await;
    let soon = Duration::from_millis(30);
    world.queue.extend(&first.receipt, soon).await.unwrap();
    assert_eq!(world.receive_one().await.receive_count, 2);
}

#[tokio::test]
async fn a_receive_ends_with_its_long_poll_or_with_the_stop() {
    let server = RedisServer::start().await;
    let link = link(&server);
    let short = RedisQueueConfig {
        long_poll: Duration::from_millis(20),
        ..CONFIG
    };
    let queue = open(&link, short).await.unwrap();
    let stop = CancellationToken::new();
    assert!(queue.receive(1, &[], &stop).await.unwrap().is_empty());

    let queue = open(&link, CONFIG).await.unwrap();
    let receive = within("a stopped receive ends", queue.receive(1, &[], &stop));
    let (received, ()) = tokio::join!(receive, async {
        stop.cancel();
    });
    assert!(received.unwrap().is_empty());
}

#[tokio::test]
async fn a_closed_queue_ends_its_task_and_leaves_the_link_to_others() {
    let server = RedisServer::start().await;
    let link = link(&server);
    let queue = open(&link, CONFIG).await.unwrap();
    within("the close", queue.close()).await;
    assert_eq!(queue.depth().await.unwrap().ready, 0);
}
