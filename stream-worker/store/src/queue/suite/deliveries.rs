//! Deliveries, their visibility and their receipts.

use std::collections::HashSet;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use shared::ChannelId;

use super::World;
use super::world::{VISIBILITY, is_stale};
use crate::queue::{NewMessage, Receipt};

pub(crate) async fn a_delivery_is_hidden_until_its_visibility_ends(world: World) {
    world.submit("t", "job").await;
    let first = world.receive_one().await;
    assert_eq!((&first.body[..], first.receive_count), (&b"job"[..], 1));
    world.pass(VISIBILITY - Duration::from_secs(1)).await;
    assert_eq!(world.depth().await, (0, 1, 0));
    world.pass(Duration::from_secs(1)).await;
    assert_eq!(world.depth().await, (1, 0, 0));
    let second = world.receive_one().await;
    assert_eq!((&second.body[..], second.receive_count), (&b"job"[..], 2));
    assert_ne!(first.receipt, second.receipt);
}

pub(crate) async fn an_extended_delivery_stays_hidden(world: World) {
    world.submit("t", "job").await;
    let delivery = world.receive_one().await;
    for _ in 0..5 {
        world.pass(VISIBILITY / 2).await;
        world
            .queue
            .extend(&delivery.receipt, VISIBILITY)
            .await
            .unwrap();
    }
    world.pass(VISIBILITY - Duration::from_secs(1)).await;
    assert_eq!(world.depth().await, (0, 1, 0));
    world.pass(Duration::from_secs(1)).await;
    assert_eq!(world.receive_one().await.receive_count, 2);
}

pub(crate) async fn an_acknowledged_message_is_gone(world: World) {
    world.submit("t", "job").await;
    let delivery = world.receive_one().await;
    world.queue.ack(&delivery.receipt).await.unwrap();
    assert_eq!(world.depth().await, (0, 0, 0));
    world.pass(VISIBILITY).await;
    assert_eq!(world.depth().await, (0, 0, 0));
}

pub(crate) async fn an_acknowledgement_counts_once(world: World) {
    world.submit("t", "job").await;
    let delivery = world.receive_one().await;
    world.queue.ack(&delivery.receipt).await.unwrap();
    assert!(is_stale(&world.queue.ack(&delivery.receipt).await));
}

pub(crate) async fn a_receipt_of_a_message_that_is_gone_is_stale(world: World) {
    world.submit("t", "job").await;
    let receipt = world.receive_one().await.receipt;
    let queue = &world.queue;
    queue.ack(&receipt).await.unwrap();
    assert!(is_stale(&queue.extend(&receipt, VISIBILITY).await));
    assert!(is_stale(&queue.release(&receipt, Duration::ZERO).await));
    assert_eq!(world.depth().await, (0, 0, 0));
}

pub(crate) async fn a_released_message_comes_back_at_once_or_later(world: World) {
    world.submit("t", "job").await;
    let delivery = world.receive_one().await;
    world
        .queue
        .release(&delivery.receipt, Duration::ZERO)
        .await
        .unwrap();
    assert_eq!(world.depth().await, (1, 0, 0));
    let delivery = world.receive_one().await;
    assert_eq!(delivery.receive_count, 2);
    let delay = Duration::from_secs(5);
    world.queue.release(&delivery.receipt, delay).await.unwrap();
    assert_eq!(world.depth().await, (0, 1, 0));
    world.pass(delay).await;
    assert_eq!(world.receive_one().await.receive_count, 3);
}

pub(crate) async fn a_receipt_of_an_earlier_receive_is_stale(world: World) {
    world.submit("t", "job").await;
    let first_delivery = world.receive_one().await;
    let first = first_delivery.receipt.clone();
    world.pass(VISIBILITY).await;
    let second = world.receive_one().await.receipt;
    let queue = &world.queue;
    assert!(is_stale(&queue.extend(&first, VISIBILITY).await));
    assert!(is_stale(&queue.release(&first, Duration::ZERO).await));
    assert!(is_stale(&queue.dead_letter(&first_delivery, "no").await));
    assert!(is_stale(&queue.ack(&first).await));
    assert_eq!(world.depth().await, (0, 1, 0));
    queue.release(&second, Duration::ZERO).await.unwrap();
    assert!(is_stale(&queue.ack(&second).await));
}

pub(crate) async fn a_receipt_that_nobody_gave_is_stale(world: World) {
    world.submit("t", "job").await;
    for text in ["", "1", "1-0", "1-7", "-", "x-y", "99999999999999999999-1"] {
        let receipt = Receipt(text.into());
        assert!(is_stale(&world.queue.ack(&receipt).await), "{text}");
    }
    assert_eq!(world.depth().await, (1, 0, 0));
}

pub(crate) async fn a_channel_is_in_the_queue_once(world: World) {
    let message = NewMessage {
        channel: ChannelId::mint(),
        tenant: "t".into(),
        body: Bytes::from_static(b"job"),
    };
    let submit = || world.queue.submit(message.clone());
    let submitted = join_all((0..5).map(|_| submit())).await;
    assert!(submitted.iter().all(Result::is_ok));
    assert_eq!(world.depth().await, (1, 0, 0));
    let delivery = world.receive_one().await;
    submit().await.unwrap();
    assert_eq!(world.depth().await, (0, 1, 0));
    world.queue.ack(&delivery.receipt).await.unwrap();
    submit().await.unwrap();
    assert_eq!(world.depth().await, (1, 0, 0));
}

pub(crate) async fn of_many_receivers_none_shares_a_message(world: World) {
    for number in 0..30 {
        world
            .submit(["a", "b", "c"][number % 3], &number.to_string())
            .await;
    }
    let received = join_all((0..10).map(|_| world.receive(3))).await.concat();
    let bodies: HashSet<_> = received.iter().map(|delivery| &delivery.body).collect();
    assert_eq!((received.len(), bodies.len()), (30, 30));
}

pub(crate) async fn the_depth_tells_ready_from_hidden(world: World) {
    assert_eq!(world.depth().await, (0, 0, 0));
    for text in ["1", "2", "3"] {
        world.submit("t", text).await;
    }
    assert_eq!(world.depth().await, (3, 0, 0));
    world.receive_one().await;
    assert_eq!(world.depth().await, (2, 1, 0));
}

pub(crate) async fn the_depth_tells_how_long_the_oldest_has_waited(world: World) {
    for text in ["1", "2", "3"] {
        world.submit("t", text).await;
        world.pass(Duration::from_secs(10)).await;
    }
    // A server's clock may have gone on by itself.
    let tens = async || {
        let oldest = world.queue.depth().await.unwrap().oldest;
        oldest.map(|oldest| oldest.as_secs() / 10)
    };
    assert_eq!(tens().await, Some(3));
    world.receive_one().await;
    assert_eq!(tens().await, Some(2));
}
