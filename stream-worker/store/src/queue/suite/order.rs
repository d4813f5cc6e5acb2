//! The order in which messages are received.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::World;
use super::world::texts;

pub(crate) async fn a_tenants_messages_come_in_the_order_of_their_submission(world: World) {
    for text in ["1", "2", "3"] {
        world.submit("t", text).await;
    }
    let first = world.receive_one().await;
    world
        .queue
        .release(&first.receipt, Duration::ZERO)
        .await
        .unwrap();
    assert_eq!(texts(&world.receive(10).await), ["1", "2", "3"]);
}

pub(crate) async fn tenants_take_turns(world: World) {
    for number in 1..=5 {
        world.submit("crowd", &format!("c{number}")).await;
    }
    world.submit("other", "o1").await;
    world.submit("small", "s1").await;
    world.submit("small", "s2").await;
    let mut received = Vec::new();
    for most in [1, 2, 3, 2] {
        received.extend(world.receive(most).await);
    }
    let order = texts(&received);
    assert_eq!(order, ["c1", "o1", "s1", "c2", "s2", "c3", "c4", "c5"]);
}

pub(crate) async fn a_receive_takes_no_more_than_it_was_asked_for(world: World) {
    for number in 0..5 {
        world.submit("t", &number.to_string()).await;
    }
    assert!(world.receive(0).await.is_empty());
    assert_eq!(world.receive(3).await.len(), 3);
    assert_eq!(world.depth().await, (2, 3, 0));
    assert_eq!(world.receive(3).await.len(), 2);
}

pub(crate) async fn messages_of_tenants_that_are_left_out_stay_and_the_others_take_turns(
    world: World,
) {
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
