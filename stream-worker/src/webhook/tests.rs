//! Fairness between tenants, and claims, on a real journal and with servers that hang.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use engine::fetch::{FetchError, Post, PostAnswer, Poster};
use http::HeaderMap;
use serde_json::json;
use shared::event::Ended;
use shared::token::TokenKeys;
use shared::{ChannelId, Counts, CrawlRequest, Event, JobMessage, Timestamp};
use store::journal::{
    Acquired, EmbeddedConfig, EmbeddedJournal, Journal, LogWriter, WEBHOOK_CLAIM, WebhookClaim,
};
use store::sqlite::{DataDir, unobserved};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::deliverer::deliver;
use super::{WebhookBase, WebhookContext, WebhookLimits, WebhookMetrics, Webhooks};
use crate::runtime_clock::runtime_clock;

/// Long enough for any machine: ends a test that would hang.
const PATIENCE: Duration = Duration::from_secs(60);

/// Deliverers of each tenant, and posts of both.
const DELIVERERS: usize = 8;
const POSTS: usize = 8;

/// Servers that take what is posted; `slow.example` does only once it is told to.
struct Servers {
    awake: watch::Receiver<bool>,
    /// Posts that have begun.
    posted: watch::Sender<usize>,
    taken: mpsc::Sender<String>,
}

#[async_trait]
impl Poster for Servers {
    async fn post(&self, post: Post) -> Result<PostAnswer, FetchError> {
        let host = post.url.host_str().unwrap().to_owned();
        self.posted.send_modify(|posted| *posted += 1);
        if host == "slow.example" {
            self.awake.clone().wait_for(|awake| *awake).await.unwrap();
        }
        self.taken.send(host).await.unwrap();
        Ok(PostAnswer {
            status: 204,
            headers: HeaderMap::new(),
        })
    }
}

struct World {
    journal: Arc<dyn Journal>,
    context: Arc<WebhookContext>,
    wake: watch::Sender<bool>,
    posted: watch::Receiver<usize>,
    taken: mpsc::Receiver<String>,
    stop: CancellationToken,
    tasks: TaskTracker,
    _directory: tempfile::TempDir,
}

impl World {
    /// A journal and the servers; nothing is posted yet.
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let data = DataDir::open(directory.path()).unwrap();
        let config = EmbeddedConfig::default();
        let journal = EmbeddedJournal::open(&data, config, runtime_clock(), unobserved()).unwrap();
        let journal: Arc<dyn Journal> = Arc::new(journal);
        let (wake, awake) = watch::channel(false);
        let (begin, posted) = watch::channel(0);
        let (tell, taken) = mpsc::channel(1_000);
        let stop = CancellationToken::new();
        let context = WebhookContext::new(
            journal.clone(),
            Arc::new(Servers {
                awake,
                posted: begin,
                taken: tell,
            }),
            WebhookBase {
                keys: TokenKeys::spell("k", &[1; 32]).parse().unwrap(),
                clock: runtime_clock(),
                metrics: WebhookMetrics::default(),
                stop: stop.clone(),
            },
            WebhookLimits {
                tenants: 2,
                deliverers: DELIVERERS,
                posts: POSTS,
            },
        );
        Self {
            journal,
            context: Arc::new(context),
            wake,
            posted,
            taken,
            stop,
            tasks: TaskTracker::new(),
            _directory: directory,
        }
    }

    /// The same, with the service.
    fn start() -> Self {
        let world = Self::new();
        world.serve();
        world
    }

    fn serve(&self) {
        let service = Webhooks::new(self.context.clone(), self.tasks.clone());
        self.tasks.spawn(service.run());
    }

    /// Claims a tenant's only webhook, as another worker would.
    async fn claim(&self, tenant: &str) -> WebhookClaim {
        let claimed = self.journal.claim_webhooks(tenant, 100).await.unwrap();
        let [claim] = claimed.try_into().unwrap();
        claim
    }

    async fn is_claimed(&self, tenant: &str) -> bool {
        let claimed = self.journal.claim_webhooks(tenant, 100).await.unwrap();
        claimed.is_empty()
    }

    async fn post_has_begun(&mut self) {
        // Without a time-out: paused time runs out while the journal's thread works.
        self.posted.wait_for(|posted| *posted > 0).await.unwrap();
    }

    /// A job of `tenant` that has ended, and whose webhook is to hear of one event.
    async fn run_job(&self, tenant: &str, host: &str) {
        let webhook = json!({"url": format!("https://{host}/hook"), "events": ["done"]});
        let request = json!({"url": "https://site.example", "webhook": webhook});
        let at = Timestamp::from_millis(1_800_000_000_000);
        let job = JobMessage {
            version: shared::queue_message::VERSION,
            channel_id: ChannelId::mint(),
            tenant: tenant.to_owned(),
            submitted_at: at,
            expires_at: at.plus(Duration::from_secs(86_400)),
            request: CrawlRequest::from_value(request).unwrap(),
            sealed: None,
        };
        let acquired = self.journal.acquire(&job, "w", Duration::from_secs(60));
        let Acquired::Fresh(lease, checkpoint) = acquired.await.unwrap() else {
            panic!("the job is new");
        };
        let mut writer = LogWriter::new(self.journal.clone(), lease, checkpoint.head);
        let counts = Counts::default();
        let done = [Event::Done(Ended {
            at,
            counts,
            elapsed_ms: 1,
            reason: "complete".to_owned(),
        })];
        let append = writer.append(&done, Vec::new(), Vec::new(), counts);
        append.await.unwrap();
    }

    async fn next_taken(&mut self) -> String {
        let taken = timeout(PATIENCE, self.taken.recv()).await;
        taken.expect("a webhook is posted to").unwrap()
    }

    /// Stops whatever posts; returns when it has ended.
    async fn drain(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    async fn end(self) {
        self.drain().await;
        self.journal.close().await;
    }
}

#[tokio::test]
async fn a_tenant_whose_servers_hang_holds_up_no_other_and_gets_everything_in_the_end() {
    let mut world = World::start();
    let hanging = DELIVERERS * 3;
    for _ in 0..hanging {
        world.run_job("one", "slow.example").await;
    }
    for _ in 0..DELIVERERS {
        world.run_job("other", "fast.example").await;
    }
    for _ in 0..DELIVERERS {
        assert_eq!(world.next_taken().await, "fast.example");
    }

    world.wake.send_replace(true);

    for _ in 0..hanging {
        assert_eq!(world.next_taken().await, "slow.example");
    }
    world.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_claim_lasts_while_its_server_hangs() {
    let mut world = World::start();
    world.run_job("one", "slow.example").await;
    world.post_has_begun().await;
    tokio::time::sleep(WEBHOOK_CLAIM * 10).await;
    assert!(world.is_claimed("one").await);
    world.end().await;
}

#[tokio::test(start_paused = true)]
async fn whoever_has_lost_a_claim_posts_nothing_more() {
    let mut world = World::new();
    world.run_job("one", "slow.example").await;
    let lost = world.claim("one").await;
    let context = world.context.clone();
    let deliverer = world.tasks.spawn({
        let lost = lost.clone();
        async move { deliver(&context, &lost).await }
    });
    world.post_has_begun().await;
    world.journal.release_claim(&lost).await.unwrap();
    let held = world.claim("one").await;

    // It hears of it at a renewal.
    deliverer.await.unwrap();

    world.wake.send_replace(true);
    assert!(world.taken.try_recv().is_err());
    let cursor = world.journal.webhook_cursor(&held).await.unwrap();
    assert!(cursor.is_some(), "it is left to the one who has it now");
    world.end().await;
}

#[tokio::test]
async fn a_worker_that_stops_gives_its_claims_back() {
    let mut world = World::start();
    world.run_job("one", "slow.example").await;
    world.post_has_begun().await;
    assert!(world.is_claimed("one").await);
    world.drain().await;
    assert!(!world.is_claimed("one").await);
    world.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_webhook_that_another_worker_has_let_lapse_is_taken_up() {
    let mut world = World::new();
    world.run_job("one", "fast.example").await;
    let _never_used = world.claim("one").await;
    world.serve();
    // Nothing tells that a claim has lapsed.
    assert_eq!(world.taken.recv().await.unwrap(), "fast.example");
    world.end().await;
}
