//! A job seen through, in paused time.

mod full_store;
mod leases;
mod memory_journal;
mod scripted_queue;
mod secrets;
mod unknown_messages;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use engine::fetch::{Answer, FetchError, FetchRequest, Fetcher, LocalFault};
use futures_util::{StreamExt, stream};
use http::HeaderMap;
use http::header::{CONTENT_TYPE, HeaderValue};
use parking_lot::Mutex;
use shared::Clock;
use shared::api_key::ApiKeys;
use shared::token::TokenKeys;
use shared::{ChannelId, CrawlRequest, JobMessage};
use store::journal::{CancelReason, JobControl};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::memory_journal::MemoryJournal;
use self::scripted_queue::{Extension, ScriptedQueue, Told, body};
use super::{Dispatcher, JobConfig, JobContext, JobMetrics, Outage, SecretSource};
use crate::runtime_clock::runtime_clock;
use crate::tenant::{TenantLimits, Tenants};

const VISIBILITY: Duration = Duration::from_secs(60);
const MAX_ATTEMPTS: u32 = 4;

/// A site of three pages. While it is shut, requests wait.
struct Site {
    open: watch::Sender<bool>,
    asked: Mutex<Vec<String>>,
    /// The header `X-Key` of each request.
    keys: Mutex<Vec<Option<String>>>,
    /// The resource that the worker lacks to ask at all.
    lacks: Option<LocalFault>,
}

impl Site {
    fn new(open: bool) -> Self {
        Self {
            open: watch::Sender::new(open),
            asked: Mutex::default(),
            keys: Mutex::default(),
            lacks: None,
        }
    }

    fn out_of_reach(fault: LocalFault) -> Self {
        Self {
            lacks: Some(fault),
            ..Self::new(true)
        }
    }

    fn page(path: &str) -> Option<&'static str> {
        match path {
            "/" => Some("<title>start</title><a href=/a>a</a><a href=/b>b</a>"),
            "/a" | "/b" => Some("<title>leaf</title>"),
            _ => None,
        }
    }
}

#[async_trait]
impl Fetcher for Site {
    async fn fetch(&self, request: FetchRequest) -> Result<Answer, FetchError> {
        self.asked.lock().push(request.url.path().to_owned());
        let key = request
            .headers
            .as_ref()
            .and_then(|headers| headers.get("x-key"));
        let key = key.map(|key| key.to_str().unwrap().to_owned());
        self.keys.lock().push(key);
        if let Some(fault) = self.lacks {
            return Err(FetchError::Local(fault));
        }
        self.open.subscribe().wait_for(|open| *open).await.unwrap();
        let page = Self::page(request.url.path());
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("text/html"))]);
        let body =
            stream::iter([Ok(Bytes::from_static(page.unwrap_or_default().as_bytes()))]).boxed();
        Ok(Answer {
            status: if page.is_some() { 200 } else { 404 },
            headers,
            body,
        })
    }
}

struct Worker {
    clock: Clock,
    queue: Arc<ScriptedQueue>,
    journal: Arc<MemoryJournal>,
    site: Arc<Site>,
    drain: CancellationToken,
    tasks: TaskTracker,
}

impl Worker {
    /// Waits for the first renewal of its one lease.
    async fn renews_once(&self) {
        let mut extensions = self.queue.extensions.subscribe();
        let renewed = extensions.wait_for(|extensions| *extensions == 1).await;
        renewed.unwrap();
    }

    /// Starts a worker on a queue with these messages and receive counts.
    fn start(messages: Vec<(Vec<u8>, u32)>, site: Site) -> Self {
        let worker = Self::new(messages, site);
        worker.dispatch();
        worker
    }

    fn new(messages: Vec<(Vec<u8>, u32)>, site: Site) -> Self {
        let clock = runtime_clock();
        Self {
            queue: Arc::new(ScriptedQueue::with(messages)),
            journal: Arc::new(MemoryJournal::new(clock.clone())),
            clock,
            site: Arc::new(site),
            drain: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }
    }

    fn dispatch(&self) {
        let config = JobConfig {
            worker: "test".to_owned(),
            agent: "crawlcast".to_owned(),
            max_jobs: 2,
            visibility: VISIBILITY,
            grace: Duration::from_secs(30),
            max_attempts: MAX_ATTEMPTS,
        };
        let dispatcher = Dispatcher::new(Arc::new(JobContext {
            queue: self.queue.clone(),
            journal: self.journal.clone(),
            outage: Outage::default(),
            tenants: Arc::new(Tenants::new(
                &ApiKeys::default(),
                &TenantLimits::default(),
                2,
            )),
            secrets: SecretSource::Seal(keys("now")),
            fetcher: self.site.clone(),
            conversions: engine::crawl::Conversions::default(),
            page_memory: engine::crawl::PageMemory::new(1024),
            clock: self.clock.clone(),
            config,
            metrics: JobMetrics::default(),
            drain: self.drain.clone(),
            tasks: self.tasks.clone(),
        }));
        self.tasks.spawn(dispatcher.run());
    }

    async fn stop(&self) {
        self.drain.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

fn job() -> JobMessage {
    let request = CrawlRequest::parse(
        br#"{"url": "https://example.com/", "sitemap": "skip", "onDisconnect": "cancel"}"#,
    );
    let at = shared::Timestamp::from_millis(1_800_000_000_000);
    JobMessage {
        version: shared::queue_message::VERSION,
        channel_id: ChannelId::mint(),
        tenant: "anonymous".to_owned(),
        submitted_at: at,
        expires_at: at.plus(Duration::from_secs(86_400)),
        request: request.unwrap(),
        sealed: None,
    }
}

/// Token keys with this ID.
fn keys(id: &str) -> TokenKeys {
    TokenKeys::spell(id, &[1; 32]).parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_message_is_deleted_only_after_the_terminal_event() {
    let worker = Worker::start(vec![(body(&job()), 1)], Site::new(true));
    assert_eq!(worker.queue.settled().await, [Told::Acked]);
    let names = worker.journal.names();
    assert_eq!(names.first().unwrap(), "started");
    assert_eq!(names.iter().filter(|name| *name == "progress").count(), 3);
    assert_eq!(names.last().unwrap(), "done");
    let last = worker.journal.last();
    assert_eq!(last["reason"], "complete");
    assert_eq!(
        (
            last["counts"]["discovered"].clone(),
            last["counts"]["fetched"].clone()
        ),
        (3.into(), 3.into())
    );
}

#[tokio::test(start_paused = true)]
async fn a_redelivery_of_a_finished_job_is_deleted() {
    let job = job();
    let worker = Worker::start(vec![(body(&job), 1)], Site::new(true));
    worker.queue.settled().await;
    let length = worker.journal.names().len();
    worker.queue.told.send_modify(Vec::clear);
    worker.queue.deliver(body(&job), 2);
    assert_eq!(worker.queue.settled().await, [Told::Acked]);
    assert_eq!(worker.journal.names().len(), length);
}

#[tokio::test(start_paused = true)]
async fn a_redelivery_of_a_running_job_is_hidden_for_the_owners_remaining_lease() {
    let job = job();
    let worker = Worker::start(vec![(body(&job), 1), (body(&job), 2)], Site::new(false));
    let [Told::Released(delay)] = worker.queue.settled().await[..] else {
        panic!("not released")
    };
    assert_eq!(delay, VISIBILITY);
    assert_eq!(worker.journal.record().attempt, 1);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_no_job_becomes_a_dead_letter_at_once() {
    let worker = Worker::start(vec![(b"{\"version\": 99}".to_vec(), 1)], Site::new(true));
    assert!(matches!(
        &worker.queue.settled().await[..],
        [Told::DeadLettered(_)]
    ));
    assert!(worker.journal.names().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_job_that_never_gets_further_fails_with_an_event_and_its_message_is_kept() {
    let worker = Worker::new(vec![(body(&job()), MAX_ATTEMPTS + 1)], Site::new(true));
    worker.journal.record().attempts_without_progress = MAX_ATTEMPTS;
    worker.dispatch();
    assert!(matches!(
        &worker.queue.settled().await[..],
        [Told::DeadLettered(_)]
    ));
    assert_eq!(worker.journal.names(), ["started", "failed"]);
    assert!(worker.site.asked.lock().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_job_that_gets_further_is_passed_on_before_its_queue_gives_it_up() {
    let job = job();
    let worker = Worker::start(vec![(body(&job), MAX_ATTEMPTS + 1)], Site::new(true));
    let told = worker.queue.settled().await;
    assert_eq!(told, [Told::Resubmitted(job.channel_id)]);
    assert_eq!(worker.journal.record().held_until, None);
    worker.queue.told.send_modify(Vec::clear);
    worker.queue.deliver(body(&job), 1);
    assert_eq!(worker.queue.settled().await, [Told::Acked]);
    assert_eq!(worker.journal.names().last().unwrap(), "done");
}

#[tokio::test(start_paused = true)]
async fn a_redelivery_that_only_waits_is_never_given_up() {
    let job = job();
    let again = (body(&job), MAX_ATTEMPTS + 1);
    let worker = Worker::start(vec![(body(&job), 1), again], Site::new(false));
    let told = worker.queue.settled().await;
    assert_eq!(told, [Told::Resubmitted(job.channel_id)]);
    assert_eq!(worker.journal.record().attempt, 1);
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_drains_gives_its_jobs_back_at_once() {
    let worker = Worker::start(vec![(body(&job()), 1)], Site::new(false));
    let mut asked = worker.queue.extensions.subscribe();
    asked.wait_for(|extensions| *extensions == 1).await.unwrap();
    worker.stop().await;
    assert_eq!(
        *worker.queue.told.borrow(),
        [Told::Released(Duration::ZERO)]
    );
    assert_eq!(worker.journal.record().held_until, None);
    assert_eq!(worker.journal.names(), ["started"]);
}

#[tokio::test(start_paused = true)]
async fn the_attempt_after_a_drain_goes_on_where_it_stopped() {
    let job = job();
    let worker = Worker::start(vec![(body(&job), 1)], Site::new(false));
    worker.renews_once().await;
    worker.stop().await;
    let again = Worker {
        drain: CancellationToken::new(),
        tasks: TaskTracker::new(),
        ..worker
    };
    again.site.open.send_replace(true);
    again.queue.told.send_modify(Vec::clear);
    again.queue.deliver(body(&job), 2);
    again.dispatch();
    assert_eq!(again.queue.settled().await, [Told::Acked]);
    let names = again.journal.names();
    assert_eq!(names[..2], ["started", "resumed"]);
    assert_eq!(names.iter().filter(|name| *name == "progress").count(), 3);
    assert_eq!(names.last().unwrap(), "done");
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_job_ends_with_one_cancelled_event_and_no_flood_of_failures() {
    let job = job();
    let worker = Worker::start(vec![(body(&job), 1)], Site::new(false));
    worker.renews_once().await;
    worker
        .journal
        .cancel(job.channel_id, CancelReason::Requested)
        .await
        .unwrap();
    assert_eq!(worker.queue.settled().await, [Told::Acked]);
    assert_eq!(worker.journal.names(), ["started", "cancelled"]);
    assert_eq!(worker.journal.last()["reason"], "requested");
}

#[tokio::test(start_paused = true)]
async fn a_job_whose_watchers_have_left_is_cancelled_after_the_grace() {
    let job = job();
    let worker = Worker::start(vec![(body(&job), 1)], Site::new(false));
    worker.journal.attend(job.channel_id, 1).await.unwrap();
    worker.journal.attend(job.channel_id, 0).await.unwrap();
    assert_eq!(worker.queue.settled().await, [Told::Acked]);
    assert_eq!(worker.journal.last()["reason"], "unwatched");
}

#[tokio::test(start_paused = true)]
async fn a_job_whose_worker_can_ask_nobody_fails_for_that_reason_and_skips_no_url() {
    let site = Site::out_of_reach(LocalFault::Resolver);
    let worker = Worker::start(vec![(body(&job()), 1)], site);
    assert_eq!(worker.queue.settled().await, [Told::Acked]);
    assert_eq!(worker.journal.names(), ["started", "notice", "failed"]);
    let last = worker.journal.last();
    let reason = last["reason"].as_str().unwrap();
    assert!(
        reason.ends_with("no name server can be reached"),
        "{reason}"
    );
    assert_eq!(
        (
            last["counts"]["queued"].clone(),
            last["counts"]["skipped"].clone()
        ),
        (1.into(), 0.into())
    );
}

#[tokio::test(start_paused = true)]
async fn a_job_that_outlives_its_message_goes_on_under_a_new_one() {
    let job = job();
    let worker = Worker::start(vec![(body(&job), 1)], Site::new(false));
    *worker.queue.hold_limit.lock() = Some(Duration::from_secs(20));
    let told = worker.queue.settled().await;
    assert_eq!(told, [Told::Resubmitted(job.channel_id)]);
    assert_eq!(worker.journal.names(), ["started"]);
    assert_eq!(worker.journal.record().held_until, None);
}
