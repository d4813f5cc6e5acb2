//! The channels that are watched here, and their watchers.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use shared::ChannelId;
use shared::event::ByeReason;
use store::journal::{FollowGuard, Journal, JournalError};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use super::gate::Gate;
use super::live::Channel;
use super::metrics::ChannelMetrics;
use super::presence::Presence;

/// Settings of the live side.
#[derive(Debug, Clone)]
pub struct ChannelConfig {
    /// Bytes of recent frames kept for each watched channel: what a watcher may be behind without a read from the
    /// journal.
    pub tail_bytes: usize,
    /// Watchers at most, of all channels together.
    pub max_watchers: usize,
    /// Interval at which every watcher looks at the time: a quarter of the heartbeat.
    pub tick: Duration,
}

/// Every watched channel, by its ID.
pub struct Registry {
    config: ChannelConfig,
    journal: Arc<dyn Journal>,
    metrics: ChannelMetrics,
    /// Owns the registry's tasks and the channels'.
    tasks: TaskTracker,
    stop: CancellationToken,
    channels: Mutex<HashMap<ChannelId, Entry>>,
    /// Taken before a watcher joins, so that the limit holds under any number of simultaneous arrivals.
    watchers: AtomicUsize,
    presence: Presence,
}

struct Entry {
    channel: Arc<Channel>,
    /// Ends the journal's calls with the channel.
    _follow: FollowGuard,
    /// Ends the channel's task.
    _task: DropGuard,
}

impl Registry {
    /// Starts an empty registry and its tasks.
    pub fn start(
        config: ChannelConfig,
        journal: Arc<dyn Journal>,
        metrics: ChannelMetrics,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) -> Arc<Self> {
        let registry = Arc::new(Self {
            config,
            journal,
            metrics,
            tasks,
            stop,
            channels: Mutex::default(),
            watchers: AtomicUsize::new(0),
            presence: Presence::default(),
        });
        registry.tasks.spawn(registry.clone().tick());
        registry.tasks.spawn(registry.clone().write_presence());
        registry.tasks.spawn(registry.clone().obey_gate_requests());
        registry
    }

    /// The journal of the channels' logs.
    #[must_use]
    pub fn journal(&self) -> &Arc<dyn Journal> {
        &self.journal
    }

    /// Counters of channels and watchers.
    #[must_use]
    pub const fn metrics(&self) -> &ChannelMetrics {
        &self.metrics
    }

    /// The channel, if it is watched here.
    #[must_use]
    pub fn find(&self, id: ChannelId) -> Option<Arc<Channel>> {
        self.channels
            .lock()
            .get(&id)
            .map(|entry| entry.channel.clone())
    }

    /// Watchers of all channels on this worker.
    #[must_use]
    pub fn watchers(&self) -> usize {
        self.watchers.load(Ordering::Relaxed)
    }

    /// Adds a watcher to a channel. Nothing if there are too many already.
    ///
    /// From then on the channel hears what the journal makes durable: whoever reads the log afterwards misses nothing.
    ///
    /// # Errors
    /// The journal's, when the channel's flags cannot be read.
    pub async fn join(self: &Arc<Self>, id: ChannelId) -> Result<Option<Membership>, JournalError> {
        let taken = self.watchers.fetch_add(1, Ordering::Relaxed);
        // From here on a dropped membership gives the place back, whatever happens.
        let mut membership = Membership {
            registry: self.clone(),
            joined: None,
        };
        if taken >= self.config.max_watchers {
            return Ok(None);
        }
        membership.joined = match self.join_existing(id) {
            Some(joined) => Some(joined),
            None => {
                let control = self.journal.control(id).await?;
                Some(self.join_or_open(id, control))
            }
        };
        self.metrics.watchers.inc();
        Ok(Some(membership))
    }

    fn join_existing(&self, id: ChannelId) -> Option<(Arc<Channel>, Arc<Gate>)> {
        let joined = {
            let channels = self.channels.lock();
            let channel = &channels.get(&id)?.channel;
            (channel.clone(), channel.join())
        };
        self.presence.note(id);
        Some(joined)
    }

    fn join_or_open(
        &self,
        id: ChannelId,
        control: tokio::sync::watch::Receiver<store::journal::Control>,
    ) -> (Arc<Channel>, Arc<Gate>) {
        let mut channels = self.channels.lock();
        let entry = channels.entry(id).or_insert_with(|| {
            let channel = Arc::new(Channel::new(id, self.config.tail_bytes, control.clone()));
            let closed = self.stop.child_token();
            let ringing = channel.clone().ring_watchers(control);
            self.tasks
                .spawn(closed.clone().run_until_cancelled_owned(ringing));
            Entry {
                _follow: self.journal.follow(id, channel.clone()),
                _task: closed.drop_guard(),
                channel,
            }
        });
        let joined = (entry.channel.clone(), entry.channel.join());
        self.presence.note(id);
        self.metrics
            .channels
            .set(i64::try_from(channels.len()).unwrap_or(i64::MAX));
        joined
    }

    fn leave(&self, channel: &Channel, gate: &Gate) {
        let mut channels = self.channels.lock();
        self.presence.note(channel.id());
        if channel.leave(gate.id()) == 0 {
            channels.remove(&channel.id());
            self.metrics
                .channels
                .set(i64::try_from(channels.len()).unwrap_or(i64::MAX));
            if channels.is_empty() {
                // A crowd that has left leaves no empty table behind.
                channels.shrink_to(64);
            }
        }
    }

    /// Sends every watcher away, with the reason.
    pub fn dismiss(&self, reason: ByeReason) {
        let channels: Vec<Arc<Channel>> = self
            .channels
            .lock()
            .values()
            .map(|entry| entry.channel.clone())
            .collect();
        for channel in channels {
            channel.dismiss(reason);
        }
    }

    /// One clock for every watcher's heartbeat, lifetime and stall.
    async fn tick(self: Arc<Self>) {
        let mut tick = tokio::time::interval(self.config.tick);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while self.stop.run_until_cancelled(tick.tick()).await.is_some() {
            let channels: Vec<Arc<Channel>> = self
                .channels
                .lock()
                .values()
                .map(|entry| entry.channel.clone())
                .collect();
            for channel in channels {
                channel.wake();
            }
        }
    }

    /// Pauses or resumes one watcher, on whichever worker it is; false if it is on none.
    ///
    /// # Errors
    /// The journal's, when other workers cannot be asked.
    pub async fn pause_one(
        &self,
        id: ChannelId,
        connection: Uuid,
        paused: bool,
    ) -> Result<bool, JournalError> {
        if self.pause_one_here(id, connection, paused) {
            return Ok(true);
        }
        self.journal.gate(id, connection, paused).await
    }

    fn pause_one_here(&self, id: ChannelId, connection: Uuid, paused: bool) -> bool {
        self.find(id)
            .is_some_and(|channel| channel.pause_one(connection, paused))
    }

    /// Does what other workers ask for watchers that are here.
    async fn obey_gate_requests(self: Arc<Self>) {
        let mut requests = self.journal.gate_requests();
        while let Some(Some(request)) = self.stop.run_until_cancelled(requests.recv()).await {
            let here = self.pause_one_here(request.channel, request.connection, request.paused);
            // Whoever asked may have stopped waiting.
            let _told = request.answer.send(here);
        }
    }

    /// Tells the journal how many watch each channel here, each change once it has settled.
    async fn write_presence(self: Arc<Self>) {
        let write = |id| {
            let watchers = self.find(id).map_or(0, |channel| channel.watchers());
            self.journal.attend(id, watchers)
        };
        let writes = self.presence.write_all(write);
        let _stopped = self.stop.run_until_cancelled(writes).await;
    }
}

/// A watcher's place in a channel; dropping it gives the place back.
pub struct Membership {
    registry: Arc<Registry>,
    joined: Option<(Arc<Channel>, Arc<Gate>)>,
}

impl Membership {
    /// The channel.
    ///
    /// # Panics
    /// Never: [`Registry::join`] hands out only memberships that have joined.
    #[must_use]
    pub fn channel(&self) -> &Arc<Channel> {
        &self
            .joined
            .as_ref()
            .expect("a membership that was handed out has joined")
            .0
    }

    /// The watcher's gate.
    ///
    /// # Panics
    /// Never, as [`channel`](Self::channel).
    #[must_use]
    pub fn gate(&self) -> &Gate {
        &self
            .joined
            .as_ref()
            .expect("a membership that was handed out has joined")
            .1
    }

    /// The registry that the channel is in.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.registry
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        if let Some((channel, gate)) = self.joined.take() {
            self.registry.leave(&channel, &gate);
            self.registry.metrics.watchers.dec();
        }
        self.registry.watchers.fetch_sub(1, Ordering::Relaxed);
    }
}
