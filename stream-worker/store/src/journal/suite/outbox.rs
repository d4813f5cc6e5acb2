//! Webhooks that have not received everything.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use shared::Terminal;
use shared::{ChannelId, CrawlRequest, EventId, JobMessage, Position};

use super::World;
use super::world::{Pen, granted, is_lost, job};
use crate::journal::{PostResult, WEBHOOK_CLAIM, WebhookClaim, WebhookCursor};

const TENANT: &str = "a";
const SECOND: Duration = Duration::from_secs(1);

/// A job with a webhook.
fn job_of(tenant: &str) -> JobMessage {
    let request = json!({"url": "https://a.example", "webhook": {"url": "https://b.example/hook"}});
    JobMessage {
        request: CrawlRequest::from_value(request).unwrap(),
        tenant: tenant.into(),
        ..job(ChannelId::mint())
    }
}

/// Begins a job with a webhook, after all that have begun before it.
async fn begin(world: &World, tenant: &str) -> ChannelId {
    begin_writing(world, tenant).await.channel()
}

async fn begin_writing(world: &World, tenant: &str) -> Pen {
    let job = job_of(tenant);
    world.pass(SECOND).await;
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

/// Claims everything of [`TENANT`] that can be claimed.
async fn claim_all(world: &World) -> Vec<WebhookClaim> {
    claim(world, TENANT, 100).await
}

async fn claim(world: &World, tenant: &str, most: usize) -> Vec<WebhookClaim> {
    world.journal.claim_webhooks(tenant, most).await.unwrap()
}

async fn claim_one(world: &World) -> WebhookClaim {
    let mut claims = claim_all(world).await;
    assert_eq!(claims.len(), 1, "{claims:?}");
    claims.remove(0)
}

async fn tenants(world: &World) -> Vec<String> {
    let mut tenants = world.journal.tenants_with_webhooks().await.unwrap();
    tenants.sort();
    tenants
}

async fn cursor(world: &World, claim: &WebhookClaim) -> Option<WebhookCursor> {
    world.journal.webhook_cursor(claim).await.unwrap()
}

async fn record(world: &World, claim: &WebhookClaim, result: PostResult) {
    world.journal.record_post(claim, result).await.unwrap();
}

async fn release(world: &World, claim: &WebhookClaim) {
    world.journal.release_claim(claim).await.unwrap();
}

fn channels(claims: &[WebhookClaim]) -> Vec<ChannelId> {
    claims.iter().map(|claim| claim.channel).collect()
}

pub(crate) async fn a_webhook_is_pending_from_the_beginning_of_its_job(world: World) {
    let mut new = world.journal.new_webhooks();
    new.mark_unchanged();
    world.begin().await;
    assert!(tenants(&world).await.is_empty(), "a job without a webhook");
    let channel = begin(&world, TENANT).await;
    new.changed().await.unwrap();
    let claim = claim_one(&world).await;
    assert_eq!((claim.channel, claim.tenant.as_str()), (channel, TENANT));
    let cursor = cursor(&world, &claim).await.unwrap();
    assert_eq!((cursor.after, cursor.failures), (EventId::START, 0));
    assert_eq!(cursor.webhook.url.to_string(), "https://b.example/hook");
}

pub(crate) async fn webhooks_are_claimed_by_tenant_in_the_order_of_their_jobs(world: World) {
    let mut of_b = Vec::new();
    for tenant in ["a", "b", "a", "b", "b"] {
        let channel = begin(&world, tenant).await;
        if tenant == "b" {
            of_b.push(channel);
        }
    }
    assert_eq!(tenants(&world).await, ["a", "b"]);
    assert_eq!(channels(&claim(&world, "b", 2).await), of_b[..2]);
    assert_eq!(tenants(&world).await, ["a", "b"]);
    assert_eq!(channels(&claim(&world, "b", 2).await), of_b[2..]);
    assert_eq!(tenants(&world).await, ["a"]);
    assert!(claim(&world, "c", 2).await.is_empty());
}

pub(crate) async fn one_webhook_has_one_teller(world: World) {
    for _ in 0..20 {
        begin(&world, TENANT).await;
    }
    let tellers = (0..8).map(|_| claim(&world, TENANT, 5));
    let claims = join_all(tellers).await;
    let mut claimed: Vec<_> = claims.iter().flat_map(|claims| channels(claims)).collect();
    claimed.extend(channels(&claim_all(&world).await));
    let all = claimed.len();
    claimed.sort_unstable_by_key(ToString::to_string);
    claimed.dedup();
    assert_eq!((claimed.len(), all), (20, 20));
    assert!(tenants(&world).await.is_empty());
}

pub(crate) async fn a_released_claim_is_claimable_at_once(world: World) {
    let channel = begin(&world, TENANT).await;
    let first = claim_one(&world).await;
    release(&world, &first).await;
    assert_eq!(tenants(&world).await, [TENANT]);
    let second = claim_one(&world).await;
    assert_eq!(second.channel, channel);
    assert!(is_lost(&world.journal.renew_claim(&first).await));
    release(&world, &first).await;
    assert!(
        claim_all(&world).await.is_empty(),
        "who has lost a claim gives back nothing"
    );
}

pub(crate) async fn a_claim_of_another_is_refused(world: World) {
    let mut pen = begin_writing(&world, TENANT).await;
    pen.write(3).await;
    let (first, third) = (event_id(&pen, 1), event_id(&pen, 3));
    let lapsed = claim_one(&world).await;
    world.pass(WEBHOOK_CLAIM).await;
    let claim = claim_one(&world).await;
    record(&world, &claim, PostResult::Delivered(third)).await;
    assert!(is_lost(&world.journal.renew_claim(&lapsed).await));
    assert!(is_lost(&world.journal.webhook_cursor(&lapsed).await));
    for result in [PostResult::Delivered(first), PostResult::Done] {
        assert!(is_lost(&world.journal.record_post(&lapsed, result).await));
    }
    assert_eq!(cursor(&world, &claim).await.unwrap().after, third);
}

pub(crate) async fn a_claim_lasts_from_its_last_use_on(world: World) {
    begin(&world, TENANT).await;
    let claim = claim_one(&world).await;
    for turn in 0..6 {
        world.pass(WEBHOOK_CLAIM - SECOND).await;
        match turn % 3 {
            0 => world.journal.renew_claim(&claim).await.unwrap(),
            1 => assert!(cursor(&world, &claim).await.is_some()),
            _ => record(&world, &claim, PostResult::Begun(Position(turn))).await,
        }
        assert!(claim_all(&world).await.is_empty());
    }
    world.pass(WEBHOOK_CLAIM - SECOND).await;
    assert!(claim_all(&world).await.is_empty());
    world.pass(SECOND).await;
    assert_eq!(claim_one(&world).await.channel, claim.channel);
}

pub(crate) async fn a_claim_that_lapsed_is_good_until_another_claims(world: World) {
    begin(&world, TENANT).await;
    let claim = claim_one(&world).await;
    world.pass(WEBHOOK_CLAIM).await;
    record(&world, &claim, PostResult::Begun(Position(2))).await;
    assert!(claim_all(&world).await.is_empty());
}

pub(crate) async fn a_webhook_that_failed_is_claimed_again_when_it_is_due(world: World) {
    let failed = begin(&world, TENANT).await;
    let claim = claim_one(&world).await;
    let due = world.clock.now().plus(SECOND * 100);
    record(&world, &claim, PostResult::RetryAt(due)).await;
    release(&world, &claim).await;
    assert!(tenants(&world).await.is_empty());
    let fresh = begin(&world, TENANT).await;
    assert_eq!(channels(&claim_all(&world).await), [fresh]);
    world.pass(SECOND * 100).await;
    assert_eq!(
        channels(&claim_all(&world).await),
        [fresh, failed],
        "the claim has lapsed, and the one that is due longest comes first"
    );
}

pub(crate) async fn a_webhooks_cursor_is_kept_until_it_has_received_everything(world: World) {
    let mut pen = begin_writing(&world, TENANT).await;
    pen.write(8).await;
    let (seventh, eighth) = (event_id(&pen, 7), event_id(&pen, 8));
    let claim = claim_one(&world).await;
    let later = world.clock.now().plus(SECOND * 9);
    record(&world, &claim, PostResult::Begun(Position(5))).await;
    for _ in 0..2 {
        record(&world, &claim, PostResult::RetryAt(later)).await;
    }
    let failed = cursor(&world, &claim).await.unwrap();
    assert_eq!(failed.failures, 2);
    assert!(world.same(failed.due, later));
    assert!(world.same(failed.failing_since, world.clock.now()));
    assert_eq!(
        failed.through,
        Some(Position(5)),
        "the same post is made again"
    );
    record(&world, &claim, PostResult::Delivered(seventh)).await;
    let moved = cursor(&world, &claim).await.unwrap();
    assert_eq!((moved.after, moved.failures), (seventh, 0));
    assert_eq!((moved.due, moved.failing_since), (None, None));
    assert_eq!(moved.through, None);
    record(&world, &claim, PostResult::Done).await;
    assert_eq!(cursor(&world, &claim).await, None);
    record(&world, &claim, PostResult::Delivered(eighth)).await;
    release(&world, &claim).await;
    assert_eq!(
        claim_all(&world).await,
        [],
        "a webhook that is done stays so"
    );
}

pub(crate) async fn an_attempt_that_resumes_makes_no_webhook_pending_twice(world: World) {
    let job = job_of(TENANT);
    for worker in ["w1", "w2"] {
        granted(world.acquire(&job, worker).await);
        world.pass(super::world::LEASE).await;
    }
    assert_eq!(claim_one(&world).await.channel, job.channel_id);
}

pub(crate) async fn a_pending_webhook_goes_with_the_record(world: World) {
    let mut pen = begin_writing(&world, TENANT).await;
    pen.end(Terminal::Done).await;
    world.pass(world.retention * 2).await;
    world.journal.expire(world.clock.now()).await.unwrap();
    for claim in claim_all(&world).await {
        let cursor = cursor(&world, &claim).await;
        assert!(cursor.is_none_or(|cursor| cursor.expired));
    }
    world.pass(world.retention * 2).await;
    world.journal.expire(world.clock.now()).await.unwrap();
    assert_eq!(claim_all(&world).await, []);
}
