//! Faults of the server, injected for real.

use bytes::Bytes;
use e2e::{RedisServer, eventually};
use shared::ChannelId;
use tokio_util::sync::CancellationToken;

use super::world_on;
use crate::queue::suite::World;
use crate::queue::suite::world::{VISIBILITY, is_stale};
use crate::queue::{Delivery, NewMessage, QueueError};

/// Receives one, as often as it takes: a call in doubt may have hidden its message, or the server may be on its way.
async fn receive_one(world: &World) -> Delivery {
    eventually("a message is received", async || {
        let stop = CancellationToken::new();
        let received = world.queue.receive(1, &[], &stop).await;
        received.ok()?.pop()
    })
    .await
}

fn new_message(text: &'static str) -> NewMessage {
    NewMessage {
        channel: ChannelId::mint(),
        tenant: "t".into(),
        body: Bytes::from_static(text.as_bytes()),
    }
}

#[tokio::test]
async fn a_server_that_is_killed_loses_nothing_that_it_acknowledged() {
    let mut server = RedisServer::start().await;
    let world = world_on(&server).await;
    for number in 0..50 {
        world
            .submit(["a", "b"][number % 2], &format!("m{number}"))
            .await;
    }
    let done = world.receive_one().await;
    world.queue.ack(&done.receipt).await.unwrap();
    let dead = world.receive_one().await;
    world
        .queue
        .dead_letter(&dead, "it is no job")
        .await
        .unwrap();
    let held = world.receive_one().await;
    let given_back = world.receive_one().await;
    world
        .queue
        .release(&given_back.receipt, VISIBILITY)
        .await
        .unwrap();

    server.kill().await;
    assert!(matches!(
        world.queue.ack(&held.receipt).await,
        Err(QueueError::Failed(_))
    ));
    server.restart().await;

    eventually("the queue answers", async || world.queue.depth().await.ok()).await;
    assert_eq!(world.depth().await, (46, 2, 1));
    // It is still ours.
    world.queue.extend(&held.receipt, VISIBILITY).await.unwrap();
    world.queue.ack(&held.receipt).await.unwrap();
    assert!(is_stale(&world.queue.ack(&done.receipt).await));
    assert!(is_stale(&world.queue.ack(&given_back.receipt).await));
    for _ in 0..46 {
        let delivery = receive_one(&world).await;
        assert_eq!(delivery.receive_count, 1);
        world.queue.ack(&delivery.receipt).await.unwrap();
    }
    assert_eq!(world.depth().await, (0, 1, 1));
}

#[tokio::test]
async fn a_worker_that_waits_gets_its_message_after_a_restart() {
    let mut server = RedisServer::start().await;
    let world = world_on(&server).await;
    let other = world_on(&server).await;
    assert_eq!(other.depth().await, (0, 0, 0));
    let message = new_message("job");
    let (received, ()) = tokio::join!(receive_one(&world), async {
        server.kill().await;
        server.restart().await;
        eventually("a message is submitted", async || {
            other.queue.submit(message.clone()).await.ok()
        })
        .await;
    });
    assert_eq!(received.receive_count, 1);
}

#[tokio::test]
async fn a_flushed_script_cache_is_nobodys_concern() {
    let server = RedisServer::start().await;
    let world = world_on(&server).await;
    let flush = async || assert_eq!(server.command("SCRIPT FLUSH").await, "+OK");
    flush().await;
    world.submit("t", "job").await;
    flush().await;
    let delivery = world.receive_one().await;
    flush().await;
    world
        .queue
        .extend(&delivery.receipt, VISIBILITY)
        .await
        .unwrap();
    flush().await;
    world.queue.ack(&delivery.receipt).await.unwrap();
    flush().await;
    assert_eq!(world.depth().await, (0, 0, 0));
}

#[tokio::test]
async fn a_full_server_refuses_what_is_new_whole_and_lets_the_rest_go_on() {
    let server = RedisServer::start().await;
    let world = world_on(&server).await;
    for text in ["1", "2", "3"] {
        world.submit("t", text).await;
    }
    server.command("CONFIG SET maxmemory 1").await;
    let message = new_message("new");
    let refused = world.queue.submit(message.clone()).await.unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("Redis is full: raise its maxmemory"),
        "{refused}"
    );
    assert_eq!(world.depth().await, (3, 0, 0));

    let deliveries = world.receive(3).await;
    assert_eq!(deliveries.len(), 3);
    world
        .queue
        .extend(&deliveries[0].receipt, VISIBILITY)
        .await
        .unwrap();
    world.queue.ack(&deliveries[0].receipt).await.unwrap();
    world
        .queue
        .release(&deliveries[1].receipt, VISIBILITY)
        .await
        .unwrap();
    world
        .queue
        .dead_letter(&deliveries[2], "it is no job")
        .await
        .unwrap();
    assert_eq!(world.depth().await, (0, 1, 1));

    server.command("CONFIG SET maxmemory 0").await;
    world.queue.submit(message).await.unwrap();
    assert_eq!(world.depth().await, (1, 1, 1));
}
