//! Errors of a journal.

/// Failure of a journal's operation.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The log is shorter than what this attempt has written: its store lost acknowledged events. Do not retry; the next
    /// attempt goes on from what is left.
    #[error("the journal lost events that it had confirmed")]
    Rewound,
    /// Another attempt holds the job, or the job has ended. Do not retry.
    #[error("the lease on the job is lost")]
    LeaseLost,
    /// A stored row does not match its checksum or its place. It is not served; do not retry.
    #[error("the journal is damaged: {0}")]
    Damaged(String),
    /// The store did not take or give the bytes (disk full, I/O error). A retry may succeed.
    #[error("the journal's store failed: {0}")]
    Store(String),
}
