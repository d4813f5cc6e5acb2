//! An error as Firecrawl's clients read it.

use serde::Serialize;
use shared::{Fault, Problem};

/// An answer that is an error: a sentence, and what is wrong with which field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = FirecrawlError)]
pub struct Refusal {
    /// The HTTP status.
    #[serde(skip)]
    pub status: u16,
    /// Always false.
    pub success: bool,
    /// The fault as a sentence that says what would be right.
    pub error: String,
    /// Stable name of the kind of error, where clients know one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The single faults of a request's body.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<Detail>,
    /// Seconds to wait before the next try; goes into `Retry-After`.
    #[serde(skip)]
    pub retry_after: Option<u64>,
}

/// One fault of a request's body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = FirecrawlErrorDetail)]
pub struct Detail {
    /// Names of the field and of those around it, outermost first.
    pub path: Vec<String>,
    /// The fault as a sentence that says what would be right.
    pub message: String,
}

impl Refusal {
    /// An error with this HTTP status.
    #[must_use]
    pub fn new(status: u16, error: impl Into<String>) -> Self {
        Self {
            status,
            success: false,
            error: error.into(),
            code: None,
            details: Vec::new(),
            retry_after: None,
        }
    }

    /// The same with the name that clients know it by.
    #[must_use]
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// The answer for a job that is not there for this caller.
    #[must_use]
    pub fn unknown_job() -> Self {
        Self::new(404, "Job not found")
    }

    /// A body with faults.
    #[must_use]
    pub(super) fn of_body(details: Vec<Detail>) -> Self {
        let sentences: Vec<String> = details
            .iter()
            .map(|detail| match detail.path.as_slice() {
                [] => detail.message.clone(),
                path => format!("{}: {}", path.join("."), detail.message),
            })
            .collect();
        Self {
            details,
            ..Self::new(400, format!("Bad Request: {}", sentences.join("; ")))
        }
    }

    /// A problem of ours. `theirs` names a field of a crawl request as the client knows it.
    #[must_use]
    pub fn of_problem(problem: &Problem, theirs: impl Fn(&str) -> Vec<String>) -> Self {
        let detail = |fault: &Fault| Detail {
            path: path_of(&fault.pointer, &theirs),
            message: fault.detail.clone(),
        };
        let details: Vec<Detail> = problem.errors.iter().map(detail).collect();
        // The operator's leave is missing: nothing is wrong with the request as such.
        let is_forbidden = problem
            .errors
            .iter()
            .any(|fault| fault.code == "notPermitted");
        let status = if is_forbidden { 403 } else { problem.status };
        let mut refusal = if details.is_empty() {
            Self::new(status, problem.detail.clone())
        } else {
            Self {
                status,
                ..Self::of_body(details)
            }
        };
        refusal.retry_after = problem.retry_after.map(|wait| wait.as_secs().max(1));
        refusal
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::of_problem(&problem, |field| vec![field.to_owned()])
    }
}

/// The path of a JSON pointer into a crawl request (RFC 6901).
fn path_of(pointer: &str, theirs: impl Fn(&str) -> Vec<String>) -> Vec<String> {
    let mut segments = pointer
        .split('/')
        .skip(1)
        .map(|segment| segment.replace("~1", "/").replace("~0", "~"));
    let Some(field) = segments.next() else {
        return Vec::new();
    };
    let mut path = theirs(&field);
    path.extend(segments);
    path
}
