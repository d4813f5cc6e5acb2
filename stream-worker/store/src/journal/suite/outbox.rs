//! What webhooks have not been told.

use std::time::Duration;

use serde_json::json;
use shared::Terminal;
use shared::{ChannelId, CrawlRequest, JobMessage, Position};

use super::World;
use super::world::{granted, job};
use crate::journal::Told;

/// A job with a webhook.
fn told_of(channel: ChannelId) -> JobMessage {
    let request = json!({"url": "https://a.example", "webhook": {"url": "https://b.example/hook"}});
    JobMessage {
        request: CrawlRequest::from_value(request).unwrap(),
        ..job(channel)
    }
}

async fn begin(world: &World) -> ChannelId {
    let channel = ChannelId::mint();
    granted(world.acquire(&told_of(channel), "w1").await);
    channel
}

async fn owed(world: &World) -> Vec<ChannelId> {
    let owed = world.journal.owed(0, 100).await.unwrap();
    owed.into_iter().map(|owed| owed.channel).collect()
}

pub(crate) async fn jobs_with_a_webhook_are_owed_from_their_beginning(world: World) {
    let mut owing = world.journal.owing();
    owing.mark_unchanged();
    let without = world.begin().await;
    assert_eq!(
        world.journal.delivery(without.channel()).await.unwrap(),
        None
    );
    let (first, second) = (begin(&world).await, begin(&world).await);
    owing.changed().await.unwrap();
    assert_eq!(owed(&world).await, [first, second]);
    let page = world.journal.owed(0, 1).await.unwrap();
    let rest = world.journal.owed(page[0].number, 100).await.unwrap();
    assert_eq!((page[0].channel, rest[0].channel), (first, second));
    let delivery = world.journal.delivery(first).await.unwrap().unwrap();
    assert_eq!((delivery.position, delivery.failures), (Position(0), 0));
    assert_eq!(delivery.webhook.url.to_string(), "https://b.example/hook");
}

pub(crate) async fn a_webhooks_cursor_is_kept_until_it_knows_all(world: World) {
    let channel = begin(&world).await;
    let later = world.clock.now().plus(Duration::from_secs(9));
    world
        .journal
        .told(channel, Told::Begun(Position(5)))
        .await
        .unwrap();
    for _ in 0..2 {
        world
            .journal
            .told(channel, Told::NotYet(later))
            .await
            .unwrap();
    }
    let delivery = world.journal.delivery(channel).await.unwrap().unwrap();
    assert_eq!((delivery.failures, delivery.due), (2, Some(later)));
    assert_eq!(delivery.failing_since, Some(world.clock.now()));
    assert_eq!(
        delivery.through,
        Some(Position(5)),
        "the same post is made again"
    );
    world
        .journal
        .told(channel, Told::UpTo(Position(7)))
        .await
        .unwrap();
    let delivery = world.journal.delivery(channel).await.unwrap().unwrap();
    assert_eq!((delivery.position, delivery.failures), (Position(7), 0));
    assert_eq!((delivery.due, delivery.failing_since), (None, None));
    assert_eq!(delivery.through, None);
    world.journal.told(channel, Told::Over).await.unwrap();
    assert_eq!(owed(&world).await, []);
    assert_eq!(world.journal.delivery(channel).await.unwrap(), None);
    world
        .journal
        .told(channel, Told::UpTo(Position(8)))
        .await
        .unwrap();
    assert_eq!(owed(&world).await, [], "what is over stays over");
}

pub(crate) async fn an_attempt_that_resumes_owes_nothing_twice(world: World) {
    let job = told_of(ChannelId::mint());
    for worker in ["w1", "w2"] {
        granted(world.acquire(&job, worker).await);
        tokio::time::advance(super::world::LEASE).await;
    }
    assert_eq!(owed(&world).await, [job.channel_id]);
}

pub(crate) async fn what_is_owed_goes_with_the_record(world: World) {
    let job = told_of(ChannelId::mint());
    let (lease, _) = granted(world.acquire(&job, "w1").await);
    let mut pen = super::world::Pen {
        journal: world.journal.clone(),
        job,
        lease,
        head: 0,
    };
    pen.end(Terminal::Done).await;
    tokio::time::advance(world.retention * 2).await;
    world.journal.expire(world.clock.now()).await.unwrap();
    let delivery = world.journal.delivery(pen.channel()).await.unwrap();
    assert!(delivery.is_none_or(|delivery| delivery.expired));
    tokio::time::advance(world.retention * 2).await;
    world.journal.expire(world.clock.now()).await.unwrap();
    assert_eq!(owed(&world).await, []);
}
