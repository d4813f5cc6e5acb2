//! Work on the journal as a whole: retention, a probe for readiness, the close.

use async_trait::async_trait;
use shared::Timestamp;

use super::JournalError;

/// Keeps a journal in order. For the process that owns it, not for those who write or read jobs.
#[async_trait]
pub trait Upkeep: Send + Sync + 'static {
    /// Deletes the events of jobs that ended before `ended_before`, a slice at a time; answers the number of channels that
    /// went. A store that expires records by itself answers 0.
    async fn expire(&self, ended_before: Timestamp) -> Result<usize, JournalError>;

    /// Makes a durable write that no job sees: fails if a commit would fail now.
    async fn probe(&self) -> Result<(), JournalError>;

    /// Finishes writes that wait and closes the store. Every later call fails.
    async fn close(&self);
}
