//! Logs of jobs, as the journal in Redis writes and reads them.

use std::sync::Arc;

use async_trait::async_trait;
use shared::{ChannelId, EventId, Frame};

use crate::journal::redis::journal::RedisJournal;
use crate::journal::{
    Cursor, FollowGuard, JobLog, JournalError, Lease, Ordinal, Page, Pending, Room, Step, Stored,
    Tail,
};

#[async_trait]
impl JobLog for RedisJournal {
    async fn commit(&self, held: &Lease, step: Step) -> Result<(), JournalError> {
        self.inner.commit(held, step).await
    }

    fn room(&self, held: &Lease) -> Room {
        self.inner.room(held)
    }

    async fn pending(
        &self,
        channel: ChannelId,
        after: Ordinal,
        most: usize,
    ) -> Result<Vec<Pending>, JournalError> {
        self.inner.pending(channel, after, most).await
    }

    async fn read(
        &self,
        channel: ChannelId,
        after: EventId,
        budget: usize,
    ) -> Result<Page<Frame>, JournalError> {
        self.inner.read(channel, after, budget).await
    }

    async fn read_whole(
        &self,
        channel: ChannelId,
        after: EventId,
        budget: usize,
    ) -> Result<Page<Stored>, JournalError> {
        self.inner.read_whole(channel, after, budget).await
    }

    async fn recall(
        &self,
        channel: ChannelId,
        after: EventId,
        budget: usize,
    ) -> Result<Page<Stored>, JournalError> {
        self.inner.recall(channel, after, budget).await
    }

    async fn locate(&self, channel: ChannelId, cursor: EventId) -> Result<Cursor, JournalError> {
        self.inner.locate(channel, cursor).await
    }

    fn follow(&self, channel: ChannelId, tail: Arc<dyn Tail>) -> FollowGuard {
        self.inner.follow(channel, tail)
    }
}
