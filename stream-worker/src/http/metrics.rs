//! Metrics of sockets and requests.

use http::StatusCode;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// Counters of the front. Cheap to clone; clones count together.
#[derive(Debug, Clone, Default)]
pub struct HttpMetrics {
    /// Open sockets, watchers' included.
    pub sockets: Gauge,
    /// Jobs accepted here.
    pub submitted: Counter,
    responses: Family<StatusLabels, Counter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StatusLabels {
    status: u16,
}

impl HttpMetrics {
    /// Names the metrics in `registry`.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "sockets",
            "Open sockets, watchers' included",
            self.sockets.clone(),
        );
        registry.register("submissions", "Jobs accepted here", self.submitted.clone());
        registry.register(
            "responses",
            "Responses that are not streams, by status",
            self.responses.clone(),
        );
    }

    pub(super) fn answered(&self, status: StatusCode) {
        self.responses
            .get_or_create(&StatusLabels {
                status: status.as_u16(),
            })
            .inc();
    }
}
