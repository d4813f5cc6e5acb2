//! Limits of a tenant as headers and problems (draft-ietf-httpapi-ratelimit-headers).

use http::header::HeaderName;
use http::{HeaderMap, HeaderValue};
use shared::{Problem, answer};

use super::answer::Answer;
use crate::tenant::{Allowance, Refusal};

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Seconds of a day.
const DAY: u64 = 86_400;

/// Adds the submissions that are left.
pub(super) fn tell(allowance: Allowance, headers: &mut HeaderMap) {
    let Allowance {
        limit,
        remaining,
        reset,
    } = allowance;
    insert(headers, "submissions", (limit, 60), (remaining, reset));
}

/// The `429` to a submission beyond a limit.
pub(super) fn refuse(refusal: &Refusal) -> Answer {
    let (name, limit, window, wait) = match *refusal {
        Refusal::Submissions { limit, wait } => ("submissions", limit, 60, wait),
        Refusal::Pages { limit, wait } => ("pages", limit, DAY, wait),
    };
    let mut answer = answer::problem(&problem(refusal));
    let reset = wait.as_secs().max(1);
    insert(answer.headers_mut(), name, (limit, window), (0, reset));
    answer.into()
}

/// The problem of a submission beyond a limit.
pub(super) fn problem(refusal: &Refusal) -> Problem {
    let (detail, wait) = match *refusal {
        Refusal::Submissions { limit, wait } => (
            format!(
                "this API key may submit {limit} times a minute; come back after Retry-After seconds"
            ),
            wait,
        ),
        Refusal::Pages { limit, wait } => (
            format!(
                "this API key may fetch {limit} pages a day, and has; the next day begins at midnight UTC"
            ),
            wait,
        ),
    };
    Problem::too_many_requests(detail).retry_after(wait)
}

fn insert(headers: &mut HeaderMap, name: &str, policy: (u32, u64), state: (u32, u64)) {
    let ((limit, window), (remaining, reset)) = (policy, state);
    let texts = [
        (
            RATE_LIMIT_POLICY,
            format!("\"{name}\";q={limit};w={window}"),
        ),
        (RATE_LIMIT, format!("\"{name}\";r={remaining};t={reset}")),
    ];
    for (header, text) in texts {
        let value = HeaderValue::try_from(text).expect("names and numbers are ASCII");
        headers.insert(header, value);
    }
}
