//! The jobs whose lease this worker has.

use std::collections::HashMap;

use parking_lot::Mutex;
use shared::{Attempt, ChannelId};

use crate::journal::Lease;

/// Room that a log has taken.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Taken {
    /// Bytes in the server.
    pub(super) bytes: u64,
    /// True if the log tells that formats are left out.
    pub(super) tells_cut: bool,
}

/// Each job whose attempt runs here.
#[derive(Default)]
pub(super) struct Held(Mutex<HashMap<ChannelId, Holding>>);

#[derive(Debug, Clone)]
struct Holding {
    attempt: Attempt,
    /// For the totals by tenant.
    tenant: String,
    /// Number of changes of the job's flags, as an answer of the server said last.
    changes: u64,
    taken: Taken,
}

impl Held {
    pub(super) fn take(&self, lease: &Lease, tenant: &str, changes: u64, taken: Taken) {
        let holding = Holding {
            attempt: lease.attempt,
            tenant: tenant.to_owned(),
            changes,
            taken,
        };
        self.0.lock().insert(lease.channel, holding);
    }

    /// Forgets a lease, if it is still this attempt's.
    pub(super) fn drop(&self, lease: &Lease) {
        let mut held = self.0.lock();
        if held
            .get(&lease.channel)
            .is_some_and(|it| it.attempt == lease.attempt)
        {
            held.remove(&lease.channel);
        }
    }

    /// Notes how often the flags have changed; true if that is news.
    pub(super) fn flags_changed(&self, channel: ChannelId, changes: u64) -> bool {
        let mut held = self.0.lock();
        let Some(holding) = held.get_mut(&channel) else {
            return false;
        };
        std::mem::replace(&mut holding.changes, changes) != changes
    }

    /// Notes the room that a log has taken with a step of this lease.
    pub(super) fn grow(&self, lease: &Lease, bytes: u64, tells_cut: bool) {
        let mut held = self.0.lock();
        let holding = held.get_mut(&lease.channel);
        if let Some(holding) = holding.filter(|it| it.attempt == lease.attempt) {
            holding.taken.bytes = bytes;
            holding.taken.tells_cut |= tells_cut;
        }
    }

    /// The room that the log of a job has taken whose lease is held.
    pub(super) fn taken(&self, lease: &Lease) -> Taken {
        let held = self.0.lock();
        let holding = held.get(&lease.channel);
        let holding = holding.filter(|it| it.attempt == lease.attempt);
        holding.map_or(Taken::default(), |it| it.taken)
    }

    pub(super) fn tenant_of(&self, channel: ChannelId) -> Option<String> {
        Some(self.0.lock().get(&channel)?.tenant.clone())
    }

    pub(super) fn channels(&self) -> Vec<ChannelId> {
        self.0.lock().keys().copied().collect()
    }
}
