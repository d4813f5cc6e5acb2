//! Messages that are given up.

use super::World;
use super::world::{MAX_RECEIVES, VISIBILITY, is_stale};

pub(crate) async fn a_message_that_comes_too_often_is_dead(world: World) {
    world.submit("t", "poison").await;
    for receive in 1..=MAX_RECEIVES {
        assert_eq!(world.receive_one().await.receive_count, receive);
        world.pass(VISIBILITY).await;
    }
    world.submit("t", "sound").await;
    assert_eq!(&world.receive_one().await.body[..], b"sound");
    assert_eq!(world.depth().await, (0, 1, 1));
}

pub(crate) async fn a_resubmitted_message_counts_its_receives_anew(world: World) {
    let message = world.submit("t", "long").await;
    for _ in 0..3 {
        for receive in 1..MAX_RECEIVES {
            assert_eq!(world.receive_one().await.receive_count, receive);
            world.pass(VISIBILITY).await;
        }
        let last = world.receive_one().await;
        assert_eq!(last.receive_count, MAX_RECEIVES);
        let resubmit = world.queue.resubmit(&last.receipt, message.clone());
        resubmit.await.unwrap();
        assert!(is_stale(
            &world.queue.extend(&last.receipt, VISIBILITY).await
        ));
    }
    let delivery = world.receive_one().await;
    assert_eq!(
        (&delivery.body[..], delivery.receive_count),
        (&b"long"[..], 1)
    );
    assert_eq!(world.depth().await, (0, 1, 0));
}

pub(crate) async fn a_dead_letter_never_comes_back(world: World) {
    world.submit("t", "not a job").await;
    let delivery = world.receive_one().await;
    world
        .queue
        .dead_letter(&delivery, "it is not a job")
        .await
        .unwrap();
    assert_eq!(world.depth().await, (0, 0, 1));
    world.pass(VISIBILITY).await;
    assert_eq!(world.depth().await, (0, 0, 1));
}
