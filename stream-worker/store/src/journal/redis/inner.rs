//! The journal's parts, shared by its callers and its tasks.

use std::sync::Arc;
use std::time::Duration;

use shared::{ChannelId, Clock};
use tokio::sync::{Notify, Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use super::attended::Attended;
use super::controls::Controls;
use super::followers::Followers;
use super::gates::Gates;
use super::held::Held;
use super::keys::Keys;
use super::observer::RedisObserver;
use super::pages::PagesToCount;
use super::server::Server;
use super::topics::Topics;
use crate::bodies::BodyStore;
use crate::journal::{FollowGuard, Tail};
use crate::redis::{RedisLink, Request, Script};

/// Logs that are read at once, at most.
const READS: usize = 64;

/// Settings of the journal in Redis.
#[derive(Debug, Clone, Copy)]
pub struct RedisJournalConfig {
    /// Time for which events are kept after a job's end, and after that, once more, the record that tells an expired channel
    /// from an unknown one.
    pub retention: Duration,
    /// Bytes that the server must be spared for a block to lie in the object store.
    pub body_bytes: usize,
    /// Bytes that a job may have in the server before its pages are told without their formats; no bound where these lie in an
    /// object store.
    pub job_bytes: u64,
}

/// A hundred jobs of that size need a server of 32 GiB; 20,000 pages of 50 KB have room.
const JOB_BYTES: u64 = 256 * 1024 * 1024;

/// A write of S3 costs what a kilobyte of memory costs in half a day or two: eight of them are worth it, also for a short
/// retention.
const BODY_BYTES: usize = 8 * 1024;

impl Default for RedisJournalConfig {
    fn default() -> Self {
        Self {
            retention: shared::numbers::RETENTION,
            body_bytes: BODY_BYTES,
            job_bytes: JOB_BYTES,
        }
    }
}

pub(super) struct Inner {
    pub(super) server: Server,
    pub(super) keys: Keys,
    pub(super) config: RedisJournalConfig,
    pub(super) clock: Clock,
    /// The object store of large blocks, if there is one.
    pub(super) bodies: Option<Arc<BodyStore>>,
    pub(super) observer: RedisObserver,
    /// Name of this process, unlike that of any other: others' watchers and answers are told from its own by it.
    pub(super) name: String,
    pub(super) followers: Followers,
    pub(super) controls: Controls,
    pub(super) topics: Topics,
    pub(super) attended: Attended,
    pub(super) held: Held,
    pub(super) gates: Gates,
    pub(super) pages: PagesToCount,
    /// Number of webhooks that have become pending at this worker.
    pub(super) new_webhooks: watch::Sender<u64>,
    /// Permits to read rows of a log.
    pub(super) reads: Semaphore,
    /// Notified when the healing must look at everything at once.
    pub(super) healing: Notify,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Inner {
    pub(super) fn new(
        link: Arc<RedisLink>,
        bodies: Option<Arc<BodyStore>>,
        config: RedisJournalConfig,
        clock: Clock,
        observer: RedisObserver,
    ) -> Self {
        Self {
            bodies,
            keys: Keys::new(link.prefix()),
            server: Server::new(link, clock.clone()),
            config,
            clock,
            observer,
            name: Uuid::new_v4().simple().to_string(),
            followers: Followers::default(),
            controls: Controls::default(),
            topics: Topics::default(),
            attended: Attended::default(),
            held: Held::default(),
            gates: Gates::default(),
            pages: PagesToCount::default(),
            new_webhooks: watch::Sender::default(),
            reads: Semaphore::new(READS),
            healing: Notify::new(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        }
    }

    /// A call of a script on these keys; its own arguments follow.
    pub(super) fn call(&self, script: &'static Script, keys: &[&str]) -> Request {
        let keys: Vec<&[u8]> = keys.iter().map(|key| key.as_bytes()).collect();
        script.on(&keys).number(self.server.link().offset())
    }

    /// Runs a task until it ends or the journal is closed.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            stop.run_until_cancelled(task).await;
        });
    }

    pub(super) fn follow(self: &Arc<Self>, channel: ChannelId, tail: Arc<dyn Tail>) -> FollowGuard {
        let number = self.followers.add(channel, tail);
        self.tune(channel);
        self.stir(channel);
        let inner = self.clone();
        FollowGuard::new(move || inner.unfollow(channel, number))
    }

    fn unfollow(self: &Arc<Self>, channel: ChannelId, number: u64) {
        self.followers.remove(channel, number);
        self.tune(channel);
    }

    pub(super) fn stop(&self) {
        self.stop.cancel();
    }

    /// Waits until all tasks have ended.
    pub(super) async fn end_tasks(&self) {
        self.stop();
        self.tasks.close();
        self.tasks.wait().await;
    }
}
