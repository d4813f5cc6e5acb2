//! A cursor over a channel: what one watcher is to be sent next.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use shared::event::ByeReason;
use shared::{EventId, Frame};
use store::journal::{JournalError, Page};
use tokio::time::{Instant, sleep};

use super::farewell::farewell;
use super::moment::Moment;
use super::place::Place;
use super::{ConnectionConfig, STALL_WHILE_STOPPING};
use crate::channel::{ChannelGate, Close, Membership, Since};
use crate::tenant;

/// One watcher's place in a log.
///
/// Replay and following are the same act: look at what comes after the cursor, in the channel's tail or else in the
/// journal; if there is nothing, wait for a wake-up. It keeps no frames. A journal that does not answer is asked again at the
/// next wake-up, with heartbeats meanwhile; one that has lost events that were sent is told of with a `reset`.
pub struct Subscription {
    membership: Membership,
    config: Arc<ConnectionConfig>,
    /// The last event that was sent whole.
    cursor: EventId,
    /// The channel's count of lost tails at the time when the cursor was last compared with the journal.
    partings: u32,
    /// Bytes of the next frame that were sent already, when a write ended inside it.
    sent_of_next: usize,
    /// True while the transport has announced bytes of the log that are not out yet.
    owes: bool,
    /// True if something was written since the last look.
    wrote: bool,
    /// True after a look that has found nothing, until the next wake-up.
    has_looked: bool,
    /// Time of the look that followed the last write: a heartbeat is due a while after it.
    last_write: Moment,
    /// End of the connection's lifetime.
    expires: Moment,
    /// Its place among the watchers of its tenant, given back with the connection.
    place: Option<tenant::Place>,
}

/// The next thing to send to a watcher.
#[derive(Debug)]
pub enum Delivery {
    /// Frames about the stream itself, which are in no log.
    Aside(Bytes),
    /// Frames of the log that follow the cursor, the first from its `skip`-th byte on.
    Frames {
        /// The frames.
        frames: Vec<Frame>,
        /// Bytes of the first one that were sent before.
        skip: usize,
        /// True if they were read from the journal for this watcher alone; false if they are shared with the channel's tail.
        held: bool,
    },
    /// A sign of life.
    Heartbeat,
    /// The last frame, and why.
    Bye(Bytes, Close),
    /// Nothing more.
    End(Close),
}

/// Result of a look at the log.
#[derive(Debug)]
pub(super) enum Found {
    /// It is to be sent.
    Delivery(Delivery),
    /// The channel's tail no longer has the next events: the caller reads them from the journal.
    Behind,
}

impl Subscription {
    /// Begins after `cursor`, which has been held against the journal when the channel said `partings`.
    pub(super) fn new(
        membership: Membership,
        cursor: EventId,
        partings: u32,
        config: Arc<ConnectionConfig>,
    ) -> Self {
        let now = Moment::now(&config);
        let lifetime = config.lifetime.mul_f64(0.8 + 0.2 * fastrand::f64());
        Self {
            partings,
            cursor,
            sent_of_next: 0,
            owes: false,
            wrote: false,
            has_looked: false,
            last_write: now,
            expires: now.after(lifetime),
            config,
            membership,
            place: None,
        }
    }

    /// Gives `place` back at its end.
    pub(crate) fn keep(&mut self, place: Option<tenant::Place>) {
        self.place = place;
    }

    /// Waits for what is to be sent next. It is sent only once [`sent`](Self::sent) says so.
    ///
    /// # Cancel safety
    /// Cancel-safe: a dropped call has taken nothing that is to be sent.
    pub async fn next(&mut self) -> Delivery {
        self.look_again();
        loop {
            match poll_fn(|cx| self.poll(cx)).await {
                Found::Delivery(delivery) => return delivery,
                Found::Behind => {
                    if let Some(delivery) = Box::pin(self.read_on()).await {
                        return delivery;
                    }
                }
            }
        }
    }

    /// Has the next [`poll`](Self::poll) look without a wake-up.
    pub(super) const fn look_again(&mut self) {
        self.has_looked = false;
    }

    /// Polls for what is to be sent next. A watcher that waits here carries no future for it. After [`Found::Behind`] it is for
    /// the caller to [`read_on`](Self::read_on).
    pub(super) fn poll(&mut self, cx: &Context<'_>) -> Poll<Found> {
        loop {
            if self.has_looked {
                ready!(self.membership.gate().poll_rung(cx));
                self.has_looked = false;
            }
            self.membership.gate().hush();
            let now = Moment::now(&self.config);
            if std::mem::take(&mut self.wrote) {
                self.last_write = now;
            }
            if let Some((reason, close)) = self.must_go(now) {
                let bye = farewell(&self.config, reason, self.cursor);
                return Poll::Ready(Found::Delivery(Delivery::Bye(bye, close)));
            }
            if let Some(news) = self.look() {
                return Poll::Ready(news);
            }
            if self.is_silent(now) {
                return Poll::Ready(Found::Delivery(Delivery::Heartbeat));
            }
            self.has_looked = true;
        }
    }

    fn look(&self) -> Option<Found> {
        if !self.is_amid() && self.is_paused() {
            return None;
        }
        match self.membership.channel().since(
            self.cursor.position,
            self.partings,
            self.config.write_budget,
        ) {
            Since::Frames(frames) => Some(Found::Delivery(self.frames(frames, false))),
            Since::Ended => Some(Found::Delivery(Delivery::End(Close::Ended))),
            Since::Current => None,
            Since::Behind => Some(Found::Behind),
        }
    }

    /// Reads on in the journal. Nothing if the next wake-up has to be waited for.
    ///
    /// # Cancel safety
    /// Cancel-safe: a dropped call has taken nothing that is to be sent.
    pub(super) async fn read_on(&mut self) -> Option<Delivery> {
        let now = Moment::now(&self.config);
        match self.catch_up().await {
            Ok(Some(delivery)) => return Some(delivery),
            Ok(None) => {}
            Err(JournalError::Store(error)) if !self.has_stalled(now) => {
                // The log is where it was when its store is back: nobody has to come again for that.
                tracing::debug!(channel = %self.membership.channel().id(), cursor = %self.cursor, error, "could not read the log; trying again");
                self.metrics().failed_reads.inc();
            }
            Err(error) => return Some(self.give_up(&error)),
        }
        if self.is_silent(now) {
            return Some(Delivery::Heartbeat);
        }
        self.has_looked = true;
        None
    }

    /// Reads on in the journal, which proves the cursor.
    async fn catch_up(&mut self) -> Result<Option<Delivery>, JournalError> {
        let (channel, registry) = (self.membership.channel(), self.membership.registry());
        let partings = channel.partings();
        registry.metrics().catch_ups.inc();
        let journal = registry.journal();
        let page = journal.read(channel.id(), self.cursor, self.config.write_budget);
        match page.await? {
            Page::Next(frames) => {
                let proved = std::mem::replace(&mut self.partings, partings) != partings;
                Ok(match frames.as_slice() {
                    [] if proved => None,
                    // The channel knows of more than the journal has: retention has removed the log under this watcher.
                    [] => Some(Delivery::End(Close::Failed)),
                    [..] => Some(self.frames(frames, true)),
                })
            }
            // No `reset` fits into a frame: the watcher comes back, and is told then.
            Page::Parted { .. } if self.is_amid() => Ok(Some(Delivery::End(Close::Failed))),
            Page::Parted { .. } => {
                let place = Place::of(registry, channel.id(), self.cursor).await?;
                self.cursor = place.cursor;
                self.partings = partings;
                Ok(place.reset(self.config.clock.now()).map(Delivery::Aside))
            }
        }
    }

    fn is_paused(&self) -> bool {
        match self.membership.channel().gate() {
            ChannelGate::Open => self.membership.gate().is_paused(),
            ChannelGate::Paused => true,
            ChannelGate::Cancelled => false,
        }
    }

    fn frames(&self, frames: Vec<Frame>, held: bool) -> Delivery {
        Delivery::Frames {
            frames,
            skip: self.sent_of_next,
            held,
        }
    }

    /// Notes what was written: `whole` is the last frame that went out whole, and `part` bytes of the next one followed.
    pub(super) fn sent(&mut self, whole: Option<EventId>, part: usize) {
        if let Some(id) = whole {
            self.cursor = id;
        }
        self.sent_of_next = part;
        self.wrote();
    }

    /// Notes whether the transport has promised the watcher more bytes of the log than are out.
    pub(super) const fn owes(&mut self, owes: bool) {
        self.owes = owes;
    }

    /// True while the stream stands inside a frame or inside what was announced: only the next bytes of the log may follow.
    pub(super) const fn is_amid(&self) -> bool {
        self.owes || self.sent_of_next > 0
    }

    /// Notes that something was written.
    pub(super) const fn wrote(&mut self) {
        self.wrote = true;
    }

    /// Time at which a socket that takes nothing from now on counts as stalled.
    pub(super) fn stalls_at(&self) -> Instant {
        Instant::now() + self.config.stall
    }

    /// Waits until the watcher has been dismissed, and then for the time that its socket may still take nothing.
    ///
    /// # Cancel safety
    /// Cancel-safe: it changes nothing.
    pub(super) async fn overstays(&self) {
        self.membership.gate().dismissed().await;
        sleep(STALL_WHILE_STOPPING).await;
    }

    pub(super) const fn config(&self) -> &Arc<ConnectionConfig> {
        &self.config
    }

    pub(super) fn metrics(&self) -> &crate::channel::ChannelMetrics {
        self.membership.registry().metrics()
    }

    fn must_go(&self, now: Moment) -> Option<(ByeReason, Close)> {
        if self.is_amid() {
            return None;
        }
        match self.membership.gate().bye() {
            Some(reason) => Some((reason, Close::Drain)),
            None if now >= self.expires => Some((ByeReason::Lifetime, Close::Lifetime)),
            None => None,
        }
    }

    /// True if the next tick would come too late for a heartbeat.
    fn is_silent(&self, now: Moment) -> bool {
        !self.is_amid() && now.since(self.last_write) + self.config.tick > self.config.heartbeat
    }

    /// True if the rest of what was begun has been missing for as long as a socket may take nothing.
    fn has_stalled(&self, now: Moment) -> bool {
        self.is_amid() && now.since(self.last_write) > self.config.stall
    }

    fn give_up(&self, error: &JournalError) -> Delivery {
        tracing::warn!(channel = %self.membership.channel().id(), cursor = %self.cursor, %error, "could not read the log");
        if self.is_amid() {
            return Delivery::End(Close::Failed);
        }
        Delivery::Bye(
            farewell(&self.config, ByeReason::Overload, self.cursor),
            Close::Failed,
        )
    }
}
