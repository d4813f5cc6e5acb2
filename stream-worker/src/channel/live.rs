//! One channel that is being watched here.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use shared::event::ByeReason;
use shared::{ChannelId, Frame, Position};
use store::journal::{Advance, Control, Snapshot, Tail as Follower};
use tokio::sync::watch;
use uuid::Uuid;

use super::gate::Gate;
use super::tail::Tail;
use super::wakeup::Wakeup;

/// The live side of one job.
pub struct Channel {
    id: ChannelId,
    wakeup: Wakeup,
    /// The job's flags: whether its stream is paused for all, and whether it is to end.
    control: watch::Receiver<Control>,
    /// Held for a few lines at a time by the journal's thread and by each watcher that looks.
    live: Mutex<Live>,
}

struct Live {
    tail: Tail,
    /// The last position that is known to exist.
    head: Position,
    /// True once the head is the terminal event.
    ended: bool,
    /// Times that events which were told have been lost or replaced: a cursor from before must be proved by the journal.
    partings: u32,
    watchers: HashMap<Uuid, Arc<Gate>>,
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
            watchers: HashMap::new(),
        };
        Self {
            id,
            wakeup: Wakeup::new(),
            control,
            live: Mutex::new(live),
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

    /// Receives a wake-up at every change that may concern a watcher.
    #[must_use]
    pub fn wakeups(&self) -> watch::Receiver<()> {
        self.wakeup.subscribe()
    }

    /// Watchers of this channel on this worker.
    #[must_use]
    pub fn watchers(&self) -> usize {
        self.live.lock().watchers.len()
    }

    /// Pauses or resumes one watcher; false if it is not here.
    pub(super) fn pause_one(&self, connection: Uuid, paused: bool) -> bool {
        let gate = self.live.lock().watchers.get(&connection).cloned();
        if let Some(gate) = &gate {
            gate.pause(paused);
            self.wake();
        }
        gate.is_some()
    }

    /// Sends every watcher away.
    pub(super) fn dismiss(&self, reason: ByeReason) {
        for gate in self.live.lock().watchers.values() {
            gate.dismiss(reason);
        }
        // At once: the channel's task may be on its way out as well.
        self.wakeup.broadcast();
    }

    pub(super) fn join(&self) -> Arc<Gate> {
        let gate = Arc::new(Gate::new());
        self.live.lock().watchers.insert(gate.id(), gate.clone());
        gate
    }

    /// Removes a watcher; answers how many are left.
    pub(super) fn leave(&self, connection: Uuid) -> usize {
        let mut live = self.live.lock();
        live.watchers.remove(&connection);
        live.watchers.len()
    }

    /// Has every watcher look for news soon.
    pub(super) fn wake(&self) {
        self.wakeup.request();
    }

    /// The channel's task: broadcasts after each request and each change of the job's flags.
    pub(super) async fn run_wakeups(self: Arc<Self>, mut control: watch::Receiver<Control>) {
        let mut flags_live = true;
        loop {
            // Both arms are cancel-safe: a request and a change are kept until they are seen.
            tokio::select! {
                () = self.wakeup.requested() => {}
                // The journal is closing when nobody can change a flag any more.
                changed = control.changed(), if flags_live => flags_live = changed.is_ok(),
            }
            self.wakeup.broadcast();
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
