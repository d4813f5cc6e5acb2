//! A worker's connections to one Redis, under one noun.

use std::sync::Arc;
#[cfg(test)]
use std::sync::atomic::{AtomicI64, Ordering};

use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use super::keeper::{Keeper, PULSE};
use super::lanes::{LANES, Lanes};
use super::pushes::Pushes;
use super::{Line, LinkError, Listener, RedisAddress, Refusal, Reply, Request, Server, Terms};

/// The link to Redis: connections that are made anew whenever they are lost, and the prefix of all keys.
///
/// There are three, and sixteen more if replicas confirm changes.
///
/// Dropped without [`close`](Self::close), its connections end all the same.
#[derive(Debug)]
pub struct RedisLink {
    address: RedisAddress,
    prefix: String,
    commits: Line,
    reads: Line,
    pushes: Arc<Pushes>,
    /// Set if replicas confirm what matters most.
    lanes: Option<Lanes>,
    /// Milliseconds by which scripts believe the server's clock to be late. Raised by tests, to let time pass.
    #[cfg(test)]
    offset: AtomicI64,
    keepers: TaskTracker,
    stop: DropGuard,
}

impl RedisLink {
    /// A link whose keys begin with `prefix`. It connects in the background: calls wait for that, and say why it fails.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    #[must_use]
    pub fn open(address: RedisAddress, prefix: impl Into<String>) -> Self {
        Self::open_with(address, prefix.into(), PULSE, 0)
    }

    /// A link as [`open`](Self::open) makes it. So many replicas confirm whatever goes through
    /// [`ask_confirmed`](Self::ask_confirmed), for which it has 16 connections more.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    #[must_use]
    pub fn open_confirmed(address: RedisAddress, prefix: impl Into<String>, replicas: u32) -> Self {
        Self::open_with(address, prefix.into(), PULSE, replicas)
    }

    /// A link that asks its connections for their life this often.
    pub(super) fn open_with(
        address: RedisAddress,
        prefix: String,
        pulse: Duration,
        replicas: u32,
    ) -> Self {
        let (stop, keepers) = (CancellationToken::new(), TaskTracker::new());
        let term = watch::Sender::new(0);
        let keep = |name| {
            let (keeper, line) = Keeper::new(name, address.clone(), term.clone(), stop.clone());
            (keeper.with_pulse(pulse), line)
        };
        let (commits_keeper, commits) = keep("commits");
        let (reads_keeper, reads) = keep("reads");
        let (pushes_keeper, pushes_line) = keep("pushes");
        let pushes = Arc::new(Pushes::on(pushes_line));
        keepers.spawn(commits_keeper.run());
        keepers.spawn(reads_keeper.run());
        keepers.spawn(pushes_keeper.with_pushes(pushes.clone()).run());
        let lane = |_number| {
            let (keeper, line) = keep("confirmed commits");
            keepers.spawn(keeper.run());
            line
        };
        let lanes = (replicas > 0).then(|| Lanes::new(replicas, (0..LANES).map(lane).collect()));
        keepers.close();
        Self {
            address,
            prefix,
            commits,
            reads,
            pushes,
            lanes,
            #[cfg(test)]
            offset: AtomicI64::new(0),
            keepers,
            stop: stop.drop_guard(),
        }
    }

    /// Address of the server.
    #[must_use]
    pub const fn address(&self) -> &RedisAddress {
        &self.address
    }

    /// Prefix of all keys.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The connection for all that changes something, and for what is small.
    #[must_use]
    pub const fn commits(&self) -> &Line {
        &self.commits
    }

    /// The connection for large answers.
    #[must_use]
    pub const fn reads(&self) -> &Line {
        &self.reads
    }

    /// True if replicas confirm what goes through [`ask_confirmed`](Self::ask_confirmed).
    #[must_use]
    pub const fn is_confirmed(&self) -> bool {
        self.lanes.is_some()
    }

    /// Makes a call that changes what `key` names, and waits until the replicas that this link was opened for have the change.
    /// Without any it is a call on [`commits`](Self::commits).
    ///
    /// # Errors
    /// As [`Line::ask`]; [`LinkError::Unconfirmed`] if the call was carried out and too few replicas have it.
    ///
    /// # Cancel safety
    /// A dropped call may or may not be carried out.
    pub async fn ask_confirmed(
        &self,
        key: impl AsRef<[u8]>,
        request: &Request,
    ) -> Result<Reply, LinkError> {
        match &self.lanes {
            Some(lanes) => lanes.ask(key.as_ref(), request).await,
            None => self.commits.ask(request).await,
        }
    }

    /// A new listener on the connection that the server pushes messages on.
    #[must_use]
    pub fn listener(&self) -> Listener {
        Listener::of(&self.pushes)
    }

    /// Reasons for which connections are missing now. Without any the link is ready.
    #[must_use]
    pub fn faults(&self) -> Vec<LinkError> {
        let lines = [&self.commits, &self.reads, self.pushes.line()];
        let lanes = self.lanes.iter().flat_map(Lanes::lines);
        lines
            .into_iter()
            .chain(lanes)
            .filter_map(Line::fault)
            .collect()
    }

    /// Milliseconds that scripts add to the server's time.
    #[must_use]
    #[cfg(not(test))]
    pub const fn offset(&self) -> i64 {
        0
    }

    /// Milliseconds that scripts add to the server's time.
    #[cfg(test)]
    pub(crate) fn offset(&self) -> i64 {
        self.offset.load(Ordering::Relaxed)
    }

    /// Lets time pass for scripts.
    #[cfg(test)]
    pub(crate) fn pass(&self, span: Duration) {
        let millis = i64::try_from(span.as_millis()).expect("a test's time fits");
        self.offset.fetch_add(millis, Ordering::Relaxed);
    }

    /// Has scripts believe that the server's clock is wrong by so many milliseconds.
    #[cfg(test)]
    pub(crate) fn set_offset(&self, millis: i64) {
        self.offset.store(millis, Ordering::Relaxed);
    }

    /// Examines the server.
    ///
    /// # Errors
    /// [`Refusal`] if it must not be used as it is, or cannot be asked now ([`Refusal::Link`]).
    pub async fn examine(&self, terms: Terms) -> Result<Server, Refusal> {
        Server::examine(&self.commits, &self.address, terms).await
    }

    /// Ends the connections. Later calls answer [`LinkError::Closed`].
    pub async fn close(&self) {
        self.stop.token().cancel();
        self.keepers.wait().await;
    }
}
