//! One file for each group of endpoints.

pub(super) mod submit;
pub(super) mod events;
pub(super) mod channel;
pub(super) mod service;
pub(super) mod page;

use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use shared::Problem;
use shared::numbers::MAX_BODY_BYTES;
use shared::submission::body_too_large;

use store::journal::JournalError;

/// How long a caller may take to send a body of at most 64 KiB.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Reads a whole body, within its limits.
async fn read_body(body: Incoming) -> Result<Bytes, Problem> {
    let read = Limited::new(body, MAX_BODY_BYTES).collect();
    match tokio::time::timeout(BODY_TIMEOUT, read).await {
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(body_too_large()),
        Ok(Err(_cut)) => Err(Problem::bad_request(
            "the body ended before its announced length",
        )),
        Err(_elapsed) => Err(Problem::bad_request(
            "the body must arrive within 10 seconds",
        )),
    }
}

/// A header's value, if it is there once and readable.
fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The journal's errors, as a caller of anything but the stream sees them.
fn journal_problem(error: &JournalError) -> Problem {
    tracing::error!(%error, "the journal did not answer a request");
    match error {
        JournalError::Damaged(_) => {
            Problem::internal("the record of this job is damaged and is not served")
        }
        JournalError::Store(_) | JournalError::LeaseLost => {
            Problem::unavailable("the journal does not answer; try again")
                .retry_after(Duration::from_secs(5))
        }
    }
}
