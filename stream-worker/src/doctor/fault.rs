//! Proven faults, told apart as finely as the lines that mend them are.

/// A fault that a check has proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::doctor) enum Fault {
    /// Nobody answers.
    Unreachable,
    /// A proxy answers, and the worker behind it does not.
    WorkerAway,
    /// Somebody else answers, or a method is refused.
    Refused,
    /// The service redirects to another address.
    Redirected,
    /// Frames are held back.
    Buffered,
    /// A stream is compressed.
    Compressed,
    /// A header of answers is gone or changed.
    HeaderGone(&'static str),
    /// `Last-Event-ID` is lost.
    CursorGone,
    /// The query is lost.
    QueryGone,
    /// `Authorization` is lost.
    AuthorizationGone,
    /// A silent stream is cut.
    IdleCut,
    /// Idle connections to the worker are kept too long.
    KeptTooLong,
    /// A stream is cut at an age.
    AgeCut,
    /// A client's leaving is hidden.
    LeavingHidden,
    /// A cut looks like an end.
    CutHidden,
    /// `OPTIONS` does not reach the worker.
    PreflightRefused,
    /// `Access-Control-Allow-Origin` is gone.
    OriginGone,
    /// `Access-Control-Allow-Origin` is there twice, or names another origin.
    OriginTwice,
    /// Answers come from a cache.
    Cached,
}
