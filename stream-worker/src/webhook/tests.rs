//! Fairness between tenants, on a real journal and with servers that hang.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use engine::fetch::{FetchError, Post, PostAnswer, Poster};
use http::HeaderMap;
use serde_json::json;
use shared::event::Ended;
use shared::{ChannelId, Counts, CrawlRequest, Event, JobMessage, Timestamp};
use store::journal::{Acquired, EmbeddedConfig, EmbeddedJournal, Journal, LogWriter};
use store::sqlite::{DataDir, unobserved};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{WebhookContext, WebhookLimits, WebhookMetrics, Webhooks};
use crate::runtime_clock::runtime_clock;

/// Long enough for any machine: ends a test that would hang.
const PATIENCE: Duration = Duration::from_secs(60);

/// Deliverers of each tenant, and posts of both.
const DELIVERERS: usize = 8;
const POSTS: usize = 8;

/// Servers that take what is posted; `slow.example` does only once it is told to.
struct Servers {
    awake: watch::Receiver<bool>,
    taken: mpsc::Sender<String>,
}

#[async_trait]
impl Poster for Servers {
    async fn post(&self, post: Post) -> Result<PostAnswer, FetchError> {
        let host = post.url.host_str().unwrap().to_owned();
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
    wake: watch::Sender<bool>,
    taken: mpsc::Receiver<String>,
    stop: CancellationToken,
    tasks: TaskTracker,
    _directory: tempfile::TempDir,
}

impl World {
    fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let data = DataDir::open(directory.path()).unwrap();
        let config = EmbeddedConfig::default();
        let journal = EmbeddedJournal::open(&data, config, runtime_clock(), unobserved()).unwrap();
        let journal: Arc<dyn Journal> = Arc::new(journal);
        let (wake, awake) = watch::channel(false);
        let (tell, taken) = mpsc::channel(1_000);
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let context = WebhookContext::new(
            journal.clone(),
            Arc::new(Servers { awake, taken: tell }),
            runtime_clock(),
            WebhookMetrics::default(),
            WebhookLimits {
                tenants: 2,
                deliverers: DELIVERERS,
                posts: POSTS,
            },
            stop.clone(),
        );
        tasks.spawn(Webhooks::new(Arc::new(context), tasks.clone()).run());
        Self {
            journal,
            wake,
            taken,
            stop,
            tasks,
            _directory: directory,
        }
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

    async fn end(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
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
