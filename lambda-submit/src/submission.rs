//! One submission, from its judgement until its job is durable.

use shared::submission::{Accepted, Front, Submitted, queue_unavailable};
use shared::{Problem, Timestamp};

use crate::enqueuer::{Enqueuer, Trace};

/// Judges a submission and puts its job into the queue; the answer means that it is there.
///
/// # Errors
/// The problem to answer with.
pub(crate) async fn submit(
    front: &Front,
    enqueuer: &dyn Enqueuer,
    submitted: Submitted<'_>,
    trace: &Trace,
    now: Timestamp,
) -> Result<Accepted, Problem> {
    let (job, accepted) = front.accept(submitted, now)?;
    enqueuer.enqueue(&job, trace).await.map_err(|error| {
        tracing::error!(channel = %job.channel_id, code = error.code, %error, "could not queue a job");
        queue_unavailable()
    })?;
    tracing::info!(channel = %job.channel_id, tenant = job.tenant, seeds = job.request.urls.len(), "accepted a job");
    Ok(accepted)
}
