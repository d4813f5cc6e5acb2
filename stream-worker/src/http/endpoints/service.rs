//! Endpoints for those who run the worker: liveness, readiness, metrics, the description.

use http::StatusCode;
use serde::Serialize;

use crate::http::HttpState;
use crate::http::answer::{Answer, bytes, json};

/// Liveness: 200 while the process runs.
#[utoipa::path(get, path = "/healthz", tag = "service", responses((status = 200, description = "The process runs.", body = String)))]
pub(in crate::http) fn healthz() -> Answer {
    Answer::Response(bytes(StatusCode::OK, "text/plain; charset=utf-8", "ok\n"))
}

/// Readiness of one worker, from samples that are a few seconds old: asking costs nothing.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct Readiness {
    /// True if the worker can do its part: the same as `streams`, or as `jobs` in one that serves no watchers. The answer's
    /// status.
    ready: bool,
    /// True once the worker is stopping.
    draining: bool,
    /// True if streams are served: the journal takes what it is given, the worker is not stopping, and it is one for watchers.
    streams: bool,
    /// True if jobs are taken and run: the journal and the queue answer, the worker is not stopping, and it is one for jobs.
    jobs: bool,
    /// The reason, for a person, if the journal does not take commits; null if it does.
    journal: Option<String>,
    /// Durability of the journal's store: `disk` for a file on this machine that is synced before it is shown; for Redis
    /// `multiZone`, `always`, `everySec`, `replicas`, `unsynced`, `replica` or `volatile`.
    durability: &'static str,
    /// The reason, for a person, if the queue does not answer; null if it does.
    queue: Option<String>,
    /// The reason, for a person, if the object store cannot be written to or read from: jobs whose pages go there wait meanwhile,
    /// and so do streams and results that want such a page; all others go on. Null if it can, or if there is none.
    bodies: Option<String>,
}

/// Readiness: 200 while watchers and requests should be sent here.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "service",
    responses(
        (status = 200, description = "Send them. The queue may be away all the same: see `jobs` and `queue`.", body = Readiness),
        (status = 503, description = "Send them to another worker; the body says why.", body = Readiness),
    )
)]
pub(in crate::http) fn readyz(state: &HttpState) -> Answer {
    let draining = state.draining.is_cancelled();
    let (journal, queue) = (state.health.journal(), state.health.queue());
    let usable = !draining && journal.is_none();
    let streams = usable && state.serves.streams;
    let jobs = usable && state.serves.jobs && queue.is_none();
    let ready = if state.serves.streams { streams } else { jobs };
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
            streams,
            jobs,
            journal,
            durability: state.durability,
            queue,
            bodies: state.health.bodies(),
        },
    )
}

/// Metrics in the text format of OpenMetrics.
#[utoipa::path(get, path = "/metrics", tag = "service", responses((status = 200, description = "OpenMetrics text.", body = String, content_type = "application/openmetrics-text")))]
pub(in crate::http) fn metrics(state: &HttpState) -> Answer {
    const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Answer::Response(bytes(StatusCode::OK, OPEN_METRICS, (state.exposition)()))
}
