//! RFC 9457 problem documents: what was wrong, where, and what would be right.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The media type of a problem document.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// An error as a caller receives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// Stable name of the kind of problem; programs compare it.
    #[serde(rename = "type")]
    pub kind: Cow<'static, str>,
    /// The kind in words, the same each time.
    pub title: Cow<'static, str>,
    /// The HTTP status.
    pub status: u16,
    /// The fault of this request, and what would be right.
    pub detail: String,
    /// The single faults, where the problem is a request's content.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Fault>,
    /// Time to wait before the next try; goes into `Retry-After` in seconds.
    #[serde(skip)]
    pub retry_after: Option<Duration>,
}

/// One thing wrong with a request's content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Fault {
    /// RFC 6901 pointer to the field; empty for the whole body.
    pub pointer: String,
    /// Stable name of the kind of fault.
    pub code: Cow<'static, str>,
    /// Sentence that says what would be right.
    pub detail: String,
}

impl Fault {
    pub(crate) fn new(
        pointer: impl Into<String>,
        code: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            pointer: pointer.into(),
            code: Cow::Borrowed(code),
            detail: detail.into(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {}",
            if self.pointer.is_empty() {
                "body"
            } else {
                &self.pointer
            },
            self.detail
        )
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $status:literal $kind:literal $title:literal;)+) => {
        impl Problem {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $name(detail: impl Into<String>) -> Self {
                    Self {
                        kind: Cow::Borrowed(concat!("urn:crawlcast:problem:", $kind)),
                        title: Cow::Borrowed($title),
                        status: $status,
                        detail: detail.into(),
                        errors: Vec::new(),
                        retry_after: None,
                    }
                }
            )+
        }
    };
}

kinds! {
    /// A parameter outside the body is wrong.
    bad_request = 400 "bad-request" "The request is not valid";
    /// No API key, or one that is not known.
    unauthorized = 401 "unauthorized" "An API key is needed";
    /// The caller may not do this.
    forbidden = 403 "forbidden" "This is not allowed";
    /// There is nothing here for this token, whether or not the channel exists.
    not_found = 404 "not-found" "There is nothing here";
    /// The operator has switched the doctor off.
    doctor_off = 404 "doctor-off" "The doctor is switched off";
    /// The path exists, the method does not.
    method_not_allowed = 405 "method-not-allowed" "The method does not fit this path";
    /// The state does not allow it.
    conflict = 409 "conflict" "The job's state does not allow this";
    /// The record was deleted when its retention ended.
    gone = 410 "gone" "The record is no longer kept";
    /// The body is larger than allowed.
    too_large = 413 "too-large" "The request is too large";
    /// The body is not JSON by its media type.
    unsupported_media_type = 415 "unsupported-media-type" "The body's media type is not supported";
    /// A limit of the caller is reached.
    too_many_requests = 429 "too-many-requests" "A limit is reached";
    /// Something here failed; the log says what.
    internal = 500 "internal" "Something failed here";
    /// Something that is needed does not answer.
    unavailable = 503 "unavailable" "The service cannot do this now";
}

impl Problem {
    /// A request whose content has faults.
    #[must_use]
    pub fn invalid_request(errors: Vec<Fault>) -> Self {
        let detail = match errors.as_slice() {
            [only] => only.to_string(),
            many => format!(
                "{} faults; each is listed in errors with what would be right",
                many.len()
            ),
        };
        Self {
            kind: Cow::Borrowed("urn:crawlcast:problem:invalid-request"),
            title: Cow::Borrowed("The crawl request is not valid"),
            errors,
            ..Self::bad_request(detail)
        }
    }

    /// This problem, with a time to come back.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// The document's bytes.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a problem is strings and numbers")
    }
}
