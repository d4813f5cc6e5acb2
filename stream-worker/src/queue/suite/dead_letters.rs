//! Messages that are given up.

use tokio::time::advance;

use super::World;
use super::world::{MAX_RECEIVES, VISIBILITY};

pub(crate) async fn a_message_that_comes_too_often_is_dead(world: World) {
    world.submit("t", "poison").await;
    for receive in 1..=MAX_RECEIVES {
        assert_eq!(world.receive_one().await.receive_count, receive);
        advance(VISIBILITY).await;
    }
    world.submit("t", "sound").await;
    assert_eq!(&world.receive_one().await.body[..], b"sound");
    assert_eq!(world.depth().await, (0, 1, 1));
}

pub(crate) async fn progress_starts_the_count_again(world: World) {
    world.submit("t", "long").await;
    for _ in 0..3 {
        for _ in 2..MAX_RECEIVES {
            world.receive_one().await;
            advance(VISIBILITY).await;
        }
        let delivery = world.receive_one().await;
        world.queue.progressed(&delivery.receipt).await.unwrap();
        let release = world
            .queue
            .release(&delivery.receipt, std::time::Duration::ZERO);
        release.await.unwrap();
        let delivery = world.receive_one().await;
        assert_eq!(delivery.receive_count, 2);
        world.queue.progressed(&delivery.receipt).await.unwrap();
        advance(VISIBILITY).await;
    }
    assert_eq!(world.depth().await, (1, 0, 0));
}

pub(crate) async fn a_buried_message_never_comes_back(world: World) {
    world.submit("t", "not a job").await;
    let delivery = world.receive_one().await;
    world
        .queue
        .bury(&delivery, "it is not a job")
        .await
        .unwrap();
    assert_eq!(world.depth().await, (0, 0, 1));
    advance(VISIBILITY).await;
    assert!(world.receive(1).await.is_empty());
}
