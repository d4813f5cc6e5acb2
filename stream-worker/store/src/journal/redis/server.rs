//! The journal's way to the server: small calls on one connection, large answers on another, a listener, and the memory of
//! outages.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::Mutex;
use shared::{Clock, Timestamp};

use crate::journal::JournalError;
use crate::redis::{LinkError, Listener, RedisLink, Reply, Request};

/// The server, as the journal's parts use it.
pub(super) struct Server {
    link: Arc<RedisLink>,
    listener: Listener,
    clock: Clock,
    /// Number of the connection for small calls; raised by the healing when there is a new one.
    connections: AtomicU64,
    outage: Mutex<Outage>,
    closed: AtomicBool,
}

#[derive(Default)]
struct Outage {
    /// True since a call failed and none has succeeded.
    lasts: bool,
    /// End of the last one, by the worker's clock.
    ended: Option<Timestamp>,
}

impl Server {
    pub(super) fn new(link: Arc<RedisLink>, clock: Clock) -> Self {
        Self {
            listener: link.listener(),
            link,
            clock,
            connections: AtomicU64::new(0),
            outage: Mutex::default(),
            closed: AtomicBool::new(false),
        }
    }

    pub(super) fn link(&self) -> &RedisLink {
        &self.link
    }

    /// The listener for what is published.
    pub(super) const fn listener(&self) -> &Listener {
        &self.listener
    }

    /// Makes a call that changes something, or that is small.
    pub(super) async fn run(&self, request: Request) -> Result<Reply, JournalError> {
        self.check_open()?;
        let reply = self.link.commits().ask(&request).await;
        self.note_outage(reply.as_ref().err());
        Ok(reply?)
    }

    /// Makes a call that changes what `key` names, and waits until the replicas have it that shall confirm changes.
    pub(super) async fn run_confirmed(
        &self,
        key: &str,
        request: Request,
    ) -> Result<Reply, JournalError> {
        self.check_open()?;
        let reply = self.link.ask_confirmed(key, &request).await;
        self.note_outage(reply.as_ref().err());
        Ok(reply?)
    }

    /// True if replicas confirm changes.
    pub(super) fn is_confirmed(&self) -> bool {
        self.link.is_confirmed()
    }

    /// Makes many small calls. What the server says of one is in its answer.
    pub(super) async fn run_all(
        &self,
        requests: &[Request],
    ) -> Result<Vec<Result<Reply, LinkError>>, JournalError> {
        self.check_open()?;
        let replies = self.link.commits().ask_all(requests).await;
        self.note_outage(replies.as_ref().err());
        Ok(replies?)
    }

    /// Makes a call whose answer may be large.
    pub(super) async fn read(&self, request: Request) -> Result<Reply, JournalError> {
        self.check_open()?;
        Ok(self.link.reads().ask(&request).await?)
    }

    /// Makes some calls whose answers may be large.
    pub(super) async fn read_all<const N: usize>(
        &self,
        requests: [Request; N],
    ) -> Result<[Reply; N], JournalError> {
        self.check_open()?;
        let replies = self.link.reads().ask_all(&requests).await?;
        let replies: Vec<_> = replies.into_iter().collect::<Result<_, _>>()?;
        let short = |_replies| JournalError::Store("the server answered too little".into());
        replies.try_into().map_err(short)
    }

    /// Number of the connection for small calls, 0 at first. A value that was read over a later one is newer, whatever it
    /// says: the server may have lost its tail in between.
    pub(super) fn connections(&self) -> u64 {
        self.connections.load(Ordering::Relaxed)
    }

    /// Waits for a connection after the current one.
    pub(super) async fn reconnected(&self) -> Result<(), LinkError> {
        let last = self.connections();
        let number = self.link.commits().reconnected(last).await?;
        self.connections.store(number, Ordering::Relaxed);
        Ok(())
    }

    /// End of the last outage, by the worker's clock; nothing if there was none.
    pub(super) fn reconnected_at(&self) -> Option<Timestamp> {
        self.outage.lock().ended
    }

    /// Closes the journal's way to the server: every later call fails.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }

    fn check_open(&self) -> Result<(), JournalError> {
        if self.closed.load(Ordering::Relaxed) {
            return Err(JournalError::Store("the journal is closed".into()));
        }
        Ok(())
    }

    /// Notes the beginning or the end of an outage. Called before an answer is used: what it says of watchers must be read with
    /// the outage in mind.
    fn note_outage(&self, error: Option<&LinkError>) {
        let mut outage = self.outage.lock();
        match error {
            Some(LinkError::Failed(_)) => outage.lasts = true,
            Some(_) => {}
            None if outage.lasts => {
                *outage = Outage {
                    lasts: false,
                    ended: Some(self.clock.now()),
                }
            }
            None => {}
        }
    }
}
