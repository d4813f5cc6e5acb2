//! Errors of a journal.

/// Failure of a journal's operation.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
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
