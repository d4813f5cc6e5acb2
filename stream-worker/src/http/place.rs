//! The right to keep one socket open.

use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::OwnedSemaphorePermit;

/// One accepted socket's share of the limit on sockets; counted in the metric `sockets` until it is dropped.
pub(super) struct Place {
    _permit: OwnedSemaphorePermit,
    sockets: Gauge,
}

impl Place {
    pub(super) fn new(permit: OwnedSemaphorePermit, sockets: &Gauge) -> Self {
        sockets.inc();
        Self {
            _permit: permit,
            sockets: sockets.clone(),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.sockets.dec();
    }
}
