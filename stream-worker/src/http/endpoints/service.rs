//! How the worker itself is.

use http::StatusCode;
use serde::Serialize;

use crate::http::HttpState;
use crate::http::answer::{Answer, bytes, json};
use crate::http::openapi;

/// Whether the process lives.
#[utoipa::path(get, path = "/healthz", tag = "service", responses((status = 200, description = "It does.", body = String)))]
pub(in crate::http) fn healthz() -> Answer {
    Answer::Response(bytes(StatusCode::OK, "text/plain; charset=utf-8", "ok\n"))
}

/// Whether work and watchers should be sent here, and if not, why.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct Readiness {
    /// All of the below.
    ready: bool,
    /// Whether the worker is stopping.
    draining: bool,
    /// What is wrong with the journal, if anything.
    journal: Option<String>,
    /// What is wrong with the queue, if anything.
    queue: Option<String>,
}

/// Whether work and watchers should be sent here.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "service",
    responses(
        (status = 200, description = "They should.", body = Readiness),
        (status = 503, description = "They should not; the body says why.", body = Readiness),
    )
)]
pub(in crate::http) async fn readyz(state: &HttpState) -> Answer {
    let draining = state.draining.is_cancelled();
    let journal = state
        .registry
        .journal()
        .probe()
        .await
        .err()
        .map(|error| error.to_string());
    let queue = state
        .queue
        .depth()
        .await
        .err()
        .map(|error| error.to_string());
    let ready = !draining && journal.is_none() && queue.is_none();
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    json(
        status,
        &Readiness {
            ready,
            draining,
            journal,
            queue,
        },
    )
}

/// Metrics in the text format of OpenMetrics.
#[utoipa::path(get, path = "/metrics", tag = "service", responses((status = 200, description = "OpenMetrics text.", body = String)))]
pub(in crate::http) fn metrics(state: &HttpState) -> Answer {
    const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Answer::Response(bytes(StatusCode::OK, OPEN_METRICS, (state.exposition)()))
}

/// This description.
#[utoipa::path(get, path = "/openapi.json", tag = "service", responses((status = 200, description = "OpenAPI 3.1.")))]
pub(in crate::http) fn openapi() -> Answer {
    Answer::Response(bytes(
        StatusCode::OK,
        "application/json",
        openapi::document(),
    ))
}
