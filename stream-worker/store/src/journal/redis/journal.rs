//! The journal in Redis, and its life.

use std::sync::Arc;
use std::time::Duration;

use shared::Clock;

use super::expiry::millis;
use super::inner::{Inner, RedisJournalConfig};
use super::observer::RedisObserver;
use crate::bodies::BodyStore;
use crate::journal::JournalError;
use crate::redis::{RedisLink, Request};

/// Bytes that a probe writes: those of a step of some pages.
const PROBE_BYTES: usize = 4096;

/// Time for which a probe's value is kept.
const PROBE_EXPIRY: Duration = Duration::from_secs(60);

/// The journal of many workers, in one Redis.
pub struct RedisJournal {
    pub(super) inner: Arc<Inner>,
}

impl RedisJournal {
    /// A journal whose keys and connections are those of `link`, which is closed by whoever opened it, after the journal. What is
    /// large goes to `bodies`, the same for all workers that share the server. `observer` is given the journal's measurements.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    #[must_use]
    pub fn open(
        link: Arc<RedisLink>,
        bodies: Option<Arc<BodyStore>>,
        config: RedisJournalConfig,
        clock: Clock,
        observer: RedisObserver,
    ) -> Self {
        let inner = Arc::new(Inner::new(link, bodies, config, clock, observer));
        inner.spawn(inner.clone().hear());
        inner.spawn(inner.clone().heal());
        Self { inner }
    }
}

impl Drop for RedisJournal {
    /// The tasks of a journal that was not closed end as well.
    fn drop(&mut self) {
        self.inner.stop();
    }
}

impl Inner {
    pub(super) async fn probe(&self) -> Result<(), JournalError> {
        let probe = Request::command("SET")
            .bytes(self.keys.probe())
            .bytes([b'p'; PROBE_BYTES])
            .bytes("PX")
            .number(millis(PROBE_EXPIRY));
        self.server.run(probe).await.map(drop)
    }

    pub(super) async fn close(&self) {
        if let Err(error) = self.count_gathered_pages().await {
            tracing::warn!(%error, "the pages of the last second are not counted");
        }
        self.leave_all().await;
        self.server.close();
        self.end_tasks().await;
    }
}
