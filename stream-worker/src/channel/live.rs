//! One channel that is being watched here.

use std::collections::HashSet;
use std::sync::Arc;

use parking_lot::Mutex;
use shared::event::ByeReason;
use shared::{ChannelId, Frame, Position};
use store::journal::{Advance, Control, Snapshot, Tail as Follower};
use tokio::sync::{Notify, watch};
use uuid::Uuid;

use super::gate::{ById, Gate};
use super::tail::Tail;

/// The live side of one job.
pub struct Channel {
    id: ChannelId,
    /// Asks the channel's task to ring every watcher. From any thread, the journal's writer among them, for the price of one
    /// notification; requests made before it is heard are one.
    request: Notify,
    /// The job's flags: whether its stream is paused for all, and whether it is to end.
    control: watch::Receiver<Control>,
    /// Held for a few lines at a time by the journal's thread and by each watcher that looks.
    live: Mutex<Live>,
    /// Held while all are rung.
    watchers: Mutex<HashSet<ById>>,
}

struct Live {
    tail: Tail,
    /// The last position that is known to exist.
    head: Position,
    /// True once the head is the terminal event.
    ended: bool,
    /// Times that events which were told have been lost or replaced: a cursor from before must be proved by the journal.
    partings: u32,
}

/// State of the gate that all watchers of a channel share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelGate {
    /// Frames pass to each watcher that is not paused itself.
    Open,
    /// No frame passes.
    Paused,
    /// Frames pass to all watchers, paused or not: the job has been told to end, so there is nothing to hold back for.
    Cancelled,
}

/// Result of a look at the log from one position.
#[derive(Debug, PartialEq, Eq)]
pub enum Since {
    /// The next frames.
    Frames(Vec<Frame>),
    /// The next frame may be in the journal only, or the cursor may not be in the log any more: ask the journal.
    Behind,
    /// No frame follows yet.
    Current,
    /// No frame will follow: the log has ended.
    Ended,
}

impl Channel {
    pub(super) fn new(id: ChannelId, tail_bytes: usize, control: watch::Receiver<Control>) -> Self {
        let live = Live {
            tail: Tail::new(tail_bytes),
            head: Position(0),
            ended: false,
            partings: 0,
        };
        Self {
            id,
            request: Notify::new(),
            control,
            live: Mutex::new(live),
            watchers: Mutex::default(),
        }
    }

    /// ID of the job and of its channel.
    #[must_use]
    pub const fn id(&self) -> ChannelId {
        self.id
    }

    /// Times that events of the log which were told here have been lost or replaced since the channel is watched.
    #[must_use]
    pub fn partings(&self) -> u32 {
        self.live.lock().partings
    }

    /// The frames after `position`, about `budget` bytes of them, or the reason why there are none. `partings` is what
    /// [`partings`](Self::partings) said before that position was held against the journal.
    #[must_use]
    pub fn since(&self, position: Position, partings: u32, budget: usize) -> Since {
        let live = self.live.lock();
        if partings != live.partings {
            return Since::Behind;
        }
        match live.tail.after(position, budget) {
            Some(frames) => Since::Frames(frames),
            None if position < live.head => Since::Behind,
            None if live.ended => Since::Ended,
            None => Since::Current,
        }
    }

    /// State of the job's flags as far as they concern its stream.
    #[must_use]
    pub fn gate(&self) -> ChannelGate {
        let control = self.control.borrow();
        match (control.cancel, control.paused) {
            (Some(_), _) => ChannelGate::Cancelled,
            (None, true) => ChannelGate::Paused,
            (None, false) => ChannelGate::Open,
        }
    }

    /// Takes in what a snapshot says of the log, which may be more than has been heard.
    pub fn learn(&self, snapshot: &Snapshot) {
        let mut live = self.live.lock();
        if snapshot.head.position >= live.head {
            live.head = snapshot.head.position;
            live.ended |= snapshot.state.is_terminal();
        }
    }

    /// Watchers of this channel on this worker.
    #[must_use]
    pub fn watchers(&self) -> usize {
        self.watchers.lock().len()
    }

    /// Pauses or resumes one watcher; false if it is not here.
    pub(super) fn pause_one(&self, connection: Uuid, paused: bool) -> bool {
        let gate = self
            .watchers
            .lock()
            .get(&connection)
            .map(|by_id| by_id.0.clone());
        if let Some(gate) = &gate {
            gate.pause(paused);
            gate.ring();
        }
        gate.is_some()
    }

    /// Sends every watcher away.
    pub(super) fn dismiss(&self, reason: ByeReason) {
        // Rung at once: the channel's task may be on its way out as well.
        for ById(gate) in self.watchers.lock().iter() {
            gate.dismiss(reason);
            gate.ring();
        }
    }

    pub(super) fn join(&self) -> Arc<Gate> {
        let gate = Arc::new(Gate::new());
        self.watchers.lock().insert(ById(gate.clone()));
        gate
    }

    /// Removes a watcher; answers how many are left.
    pub(super) fn leave(&self, connection: Uuid) -> usize {
        let mut watchers = self.watchers.lock();
        watchers.remove(&connection);
        watchers.len()
    }

    /// Has every watcher look for news soon.
    pub(super) fn wake(&self) {
        self.request.notify_one();
    }

    /// The channel's task: rings every watcher after each request and each change of the job's flags.
    pub(super) async fn ring_watchers(self: Arc<Self>, mut control: watch::Receiver<Control>) {
        let mut flags_live = true;
        loop {
            // Both arms are cancel-safe: a request and a change are kept until they are seen.
            tokio::select! {
                () = self.request.notified() => {}
                // The journal is closing when nobody can change a flag any more.
                changed = control.changed(), if flags_live => flags_live = changed.is_ok(),
            }
            for ById(gate) in self.watchers.lock().iter() {
                gate.ring();
            }
        }
    }
}

impl Follower for Channel {
    fn advance(&self, advance: &Advance) {
        {
            let mut live = self.live.lock();
            if let Some(from) = advance.parted {
                live.tail.clear();
                live.partings = live.partings.wrapping_add(1);
                live.ended = false;
                live.head = Position(from.0.saturating_sub(1));
            }
            if advance.frames.is_empty() {
                live.tail.clear();
            } else {
                live.tail.extend(&advance.frames);
            }
            live.head = live.head.max(advance.head.position);
            live.ended |= advance.ended;
        }
        self.wake();
    }
}
