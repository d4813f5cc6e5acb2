//! Connections on which changes wait for replicas.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use super::{Line, LinkError, Reply, Request};

/// Connections: the server blocks each one while it waits, so that many jobs need many.
pub(super) const LANES: usize = 16;

/// The lanes, and the number of replicas that confirm what goes over them.
#[derive(Debug)]
pub(super) struct Lanes {
    replicas: u32,
    lines: Vec<Line>,
}

impl Lanes {
    /// Lanes over these connections, of which there is at least one.
    pub(super) const fn new(replicas: u32, lines: Vec<Line>) -> Self {
        Self { replicas, lines }
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter()
    }

    /// Makes a call that is confirmed before it is answered. Calls about the same key go over the same lane, in their order.
    pub(super) async fn ask(&self, key: &[u8], request: &Request) -> Result<Reply, LinkError> {
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(key);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "it is below the number of lanes"
        )]
        let lane = (hash % self.lines.len() as u64) as usize;
        self.lines[lane].ask_confirmed(request, self.replicas).await
    }
}
