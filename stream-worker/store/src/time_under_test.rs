//! The time that passes for a store under test.

use std::time::Duration;

use async_trait::async_trait;

/// The time that a store under test goes by.
#[async_trait]
pub(crate) trait Time: Send + Sync {
    /// Lets it pass.
    async fn pass(&self, span: Duration);
}

/// Tokio's time, paused.
pub(crate) struct PausedTime;

#[async_trait]
impl Time for PausedTime {
    async fn pass(&self, span: Duration) {
        tokio::time::advance(span).await;
    }
}
