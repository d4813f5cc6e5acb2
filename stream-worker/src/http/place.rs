//! The right to keep one socket open, and what its client is served with.
//!
//! Both are one value, since ten thousand watchers keep it: each byte of it counts.

use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::pace::PaceConfig;
use super::router::Router;

/// The parts of a listener that serve each of its clients.
pub(super) struct PeerContext {
    pub(super) router: Arc<Router>,
    pub(super) pace: PaceConfig,
    pub(super) tasks: TaskTracker,
    pub(super) stop: CancellationToken,
}

/// One accepted socket's share of the limit on sockets; counted in the metric `sockets` until it is dropped.
pub(super) struct Place {
    _permit: OwnedSemaphorePermit,
    context: Arc<PeerContext>,
}

impl Place {
    pub(super) fn new(permit: OwnedSemaphorePermit, context: Arc<PeerContext>) -> Self {
        context.router.state().metrics.sockets.inc();
        Self {
            _permit: permit,
            context,
        }
    }

    pub(super) const fn context(&self) -> &Arc<PeerContext> {
        &self.context
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.context.router.state().metrics.sockets.dec();
    }
}
