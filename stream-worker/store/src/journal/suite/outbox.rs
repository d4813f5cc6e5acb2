//! Webhooks that have not received everything.

use std::time::Duration;

use serde_json::json;
use shared::Terminal;
use shared::{ChannelId, CrawlRequest, EventId, JobMessage, Position};

use super::World;
use super::world::{Pen, granted, job};
use crate::journal::PostResult;

/// A job with a webhook.
fn job_of(channel: ChannelId) -> JobMessage {
    let request = json!({"url": "https://a.example", "webhook": {"url": "https://b.example/hook"}});
    JobMessage {
        request: CrawlRequest::from_value(request).unwrap(),
        ..job(channel)
    }
}

async fn begin(world: &World) -> ChannelId {
    begin_writing(world).await.channel()
}

async fn begin_writing(world: &World) -> Pen {
    let job = job_of(ChannelId::mint());
    let (lease, _) = granted(world.acquire(&job, "w1").await);
    Pen {
        journal: world.journal.clone(),
        job,
        lease,
        head: 0,
    }
}

const fn event_id(pen: &Pen, position: u64) -> EventId {
    EventId::new(pen.lease.attempt, Position(position))
}

async fn pending(world: &World) -> Vec<ChannelId> {
    let pending = world.journal.pending_webhooks(0, None, 100).await.unwrap();
    pending.into_iter().map(|webhook| webhook.channel).collect()
}

pub(crate) async fn a_webhook_is_pending_from_the_beginning_of_its_job(world: World) {
    let mut new = world.journal.new_webhooks();
    new.mark_unchanged();
    let without = world.begin().await;
    assert_eq!(
        world
            .journal
            .webhook_cursor(without.channel())
            .await
            .unwrap(),
        None
    );
    let (first, second) = (begin(&world).await, begin(&world).await);
    new.changed().await.unwrap();
    assert_eq!(pending(&world).await, [first, second]);
    let page = world.journal.pending_webhooks(0, None, 1).await.unwrap();
    let rest = world
        .journal
        .pending_webhooks(page[0].number, None, 100)
        .await
        .unwrap();
    assert_eq!((page[0].channel, rest[0].channel), (first, second));
    let cursor = world.journal.webhook_cursor(first).await.unwrap().unwrap();
    assert_eq!((cursor.after, cursor.failures), (EventId::START, 0));
    assert_eq!(cursor.webhook.url.to_string(), "https://b.example/hook");
}

pub(crate) async fn pending_webhooks_are_listed_by_tenant(world: World) {
    let mut begun = Vec::new();
    for tenant in ["a", "b", "a", "b"] {
        let job = JobMessage {
            tenant: tenant.into(),
            ..job_of(ChannelId::mint())
        };
        granted(world.acquire(&job, "w1").await);
        begun.push((job.channel_id, tenant.to_owned()));
    }
    let all = world.journal.pending_webhooks(0, None, 100).await.unwrap();
    let named: Vec<_> = all
        .iter()
        .map(|it| (it.channel, it.tenant.clone()))
        .collect();
    assert_eq!(named, begun);
    let of_b = world.journal.pending_webhooks(0, Some("b"), 100).await;
    assert_eq!(of_b.unwrap(), [all[1].clone(), all[3].clone()]);
    let after = all[1].number;
    let rest = world.journal.pending_webhooks(after, Some("b"), 1).await;
    assert_eq!(rest.unwrap(), [all[3].clone()]);
}

pub(crate) async fn a_webhooks_cursor_is_kept_until_it_has_received_everything(world: World) {
    let mut pen = begin_writing(&world).await;
    pen.write(8).await;
    let channel = pen.channel();
    let (seventh, eighth) = (event_id(&pen, 7), event_id(&pen, 8));
    let later = world.clock.now().plus(Duration::from_secs(9));
    world
        .journal
        .record_post(channel, PostResult::Begun(Position(5)))
        .await
        .unwrap();
    for _ in 0..2 {
        world
            .journal
            .record_post(channel, PostResult::RetryAt(later))
            .await
            .unwrap();
    }
    let cursor = world
        .journal
        .webhook_cursor(channel)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((cursor.failures, cursor.due), (2, Some(later)));
    assert_eq!(cursor.failing_since, Some(world.clock.now()));
    assert_eq!(
        cursor.through,
        Some(Position(5)),
        "the same post is made again"
    );
    world
        .journal
        .record_post(channel, PostResult::Delivered(seventh))
        .await
        .unwrap();
    let cursor = world
        .journal
        .webhook_cursor(channel)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((cursor.after, cursor.failures), (seventh, 0));
    assert_eq!((cursor.due, cursor.failing_since), (None, None));
    assert_eq!(cursor.through, None);
    world
        .journal
        .record_post(channel, PostResult::Done)
        .await
        .unwrap();
    assert_eq!(pending(&world).await, []);
    assert_eq!(world.journal.webhook_cursor(channel).await.unwrap(), None);
    world
        .journal
        .record_post(channel, PostResult::Delivered(eighth))
        .await
        .unwrap();
    assert_eq!(pending(&world).await, [], "a webhook that is done stays so");
}

pub(crate) async fn an_attempt_that_resumes_makes_no_webhook_pending_twice(world: World) {
    let job = job_of(ChannelId::mint());
    for worker in ["w1", "w2"] {
        granted(world.acquire(&job, worker).await);
        world.pass(super::world::LEASE).await;
    }
    assert_eq!(pending(&world).await, [job.channel_id]);
}

pub(crate) async fn a_pending_webhook_goes_with_the_record(world: World) {
    let mut pen = begin_writing(&world).await;
    pen.end(Terminal::Done).await;
    world.pass(world.retention * 2).await;
    world.journal.expire(world.clock.now()).await.unwrap();
    let cursor = world.journal.webhook_cursor(pen.channel()).await.unwrap();
    assert!(cursor.is_none_or(|cursor| cursor.expired));
    world.pass(world.retention * 2).await;
    world.journal.expire(world.clock.now()).await.unwrap();
    assert_eq!(pending(&world).await, []);
}
