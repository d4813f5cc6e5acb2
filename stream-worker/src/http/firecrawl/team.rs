//! `GET /team/…`: what a key may still use, in numbers that are this service's own.

use http::{Request, StatusCode};
use hyper::body::Incoming;
use serde_json::json;

use super::caller::tenant;
use crate::firecrawl::Refusal;
use crate::http::HttpState;
use crate::http::answer::{Answer, journal_problem, json as answer_json};
use crate::tenant::Standing;

/// Pages that a key without a quota is told to have left: clients compute with the number.
const UNLIMITED: u64 = 1_000_000_000;

/// A page is a credit.
pub(super) async fn credit_usage(
    state: &HttpState,
    request: &Request<Incoming>,
) -> Result<Answer, Refusal> {
    let standing = standing(state, request).await?;
    let plan = standing.limits.pages.map(|pages| u64::from(pages.get()));
    let remaining = plan.map_or(UNLIMITED, |pages| {
        pages.saturating_sub(standing.today.pages)
    });
    let plan = plan.unwrap_or(UNLIMITED);
    let data = json!({
        "remainingCredits": remaining,
        "remaining_credits": remaining,
        "planCredits": plan,
        "plan_credits": plan,
        "billingPeriodEnd": standing.resets_at,
        "billing_period_end": standing.resets_at,
    });
    Ok(answer_json(
        StatusCode::OK,
        &json!({"success": true, "data": data}),
    ))
}

/// The jobs of the key on this worker. Those that wait are not counted by key.
pub(super) async fn queue_status(
    state: &HttpState,
    request: &Request<Incoming>,
) -> Result<Answer, Refusal> {
    let standing = standing(state, request).await?;
    let running = standing.running;
    let most = standing.limits.jobs.map(std::num::NonZeroU32::get);
    Ok(answer_json(
        StatusCode::OK,
        &json!({
            "success": true,
            "jobsInQueue": running,
            "activeJobsInQueue": running,
            "waitingJobsInQueue": 0,
            "maxConcurrency": most.unwrap_or(u32::MAX),
            "mostRecentSuccess": null,
        }),
    ))
}

/// Jobs that run, and how many may.
pub(super) async fn concurrency(
    state: &HttpState,
    request: &Request<Incoming>,
) -> Result<Answer, Refusal> {
    let standing = standing(state, request).await?;
    let most = standing.limits.jobs.map(std::num::NonZeroU32::get);
    Ok(answer_json(
        StatusCode::OK,
        &json!({
            "success": true,
            "concurrency": standing.running,
            "maxConcurrency": most.unwrap_or(u32::MAX),
        }),
    ))
}

async fn standing(state: &HttpState, request: &Request<Incoming>) -> Result<Standing, Refusal> {
    let tenant = tenant(state, request)?;
    let journal = state.registry.journal().as_ref();
    let standing = state
        .tenants
        .standing(&tenant, journal, state.clock.now())
        .await;
    Ok(standing.map_err(|error| journal_problem(&error))?)
}
