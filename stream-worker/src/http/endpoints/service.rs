//! Liveness, readiness and metrics of the worker.

use http::StatusCode;
use serde::Serialize;

use crate::http::HttpState;
use crate::http::answer::{Answer, bytes, json};

/// Liveness: 200 while the process runs.
#[utoipa::path(get, path = "/healthz", tag = "service", responses((status = 200, description = "The process runs.", body = String)))]
pub(in crate::http) fn healthz() -> Answer {
    Answer::Response(bytes(StatusCode::OK, "text/plain; charset=utf-8", "ok\n"))
}

/// Readiness of the worker, and the reason if it is not ready.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct Readiness {
    /// True if the worker is not draining and both stores answer.
    ready: bool,
    /// True once the worker has been told to stop.
    draining: bool,
    /// Error of the journal; null while it answers.
    journal: Option<String>,
    /// Error of the queue; null while it answers.
    queue: Option<String>,
}

/// Readiness: 200 while the worker takes jobs and watchers.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "service",
    responses(
        (status = 200, description = "The worker takes jobs and watchers.", body = Readiness),
        (status = 503, description = "The worker is stopping, or its journal or queue does not answer; the body says which.", body = Readiness),
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
