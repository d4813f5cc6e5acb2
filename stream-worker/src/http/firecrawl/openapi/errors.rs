//! The errors that several calls answer alike.

use utoipa::IntoResponses;

use crate::firecrawl::Refusal;

/// The error of every call.
#[derive(IntoResponses)]
pub(super) enum NeedsKey {
    #[response(status = 401, description = "An API key is needed.")]
    NoKey(Refusal),
}

/// Errors of a call that is about one job.
#[derive(IntoResponses)]
pub(super) enum OfJob {
    #[response(status = 401, description = "An API key is needed.")]
    NoKey(Refusal),
    #[response(status = 404, description = "No such job for this key.")]
    NoSuchJob(Refusal),
}

/// Errors of a call that starts a job.
#[derive(IntoResponses)]
pub(super) enum OfSubmission {
    #[response(
        status = 400,
        description = "A field is not valid; `details` names it."
    )]
    Invalid(Refusal),
    #[response(status = 401, description = "An API key is needed.")]
    NoKey(Refusal),
    #[response(status = 413, description = "The body is larger than 64 KiB.")]
    TooLarge(Refusal),
    #[response(status = 415, description = "The body is not JSON.")]
    NoJson(Refusal),
    #[response(status = 429, description = "A limit of the API key is reached.")]
    Limited(Refusal),
    #[response(status = 503, description = "The queue does not answer.")]
    NoQueue(Refusal),
}

/// Errors of a call that waits for a page, beside those of a submission.
#[derive(IntoResponses)]
pub(super) enum OfFetch {
    #[response(
        status = 403,
        description = "robots.txt forbids the page, or its address may not be dialled."
    )]
    Forbidden(Refusal),
    #[response(status = 408, description = "The page did not come in time.")]
    Late(Refusal),
    #[response(
        status = 500,
        description = "The page could not be fetched; `code` names the kind."
    )]
    Failed(Refusal),
}
