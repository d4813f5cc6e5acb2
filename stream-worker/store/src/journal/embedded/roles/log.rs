//! Logs: a step is one command, everything else a read or a look at memory.

use std::sync::Arc;

use async_trait::async_trait;
use shared::{ChannelId, EventId, Frame};

use crate::journal::embedded::journal::EmbeddedJournal;
use crate::journal::embedded::{cursor, digest_rows, event_rows, pending_rows, step};
use crate::journal::{
    Cursor, Digest, FollowGuard, JobLog, JournalError, Lease, Ordinal, Page, Pending, Step, Stored,
    Tail,
};

#[async_trait]
impl JobLog for EmbeddedJournal {
    async fn commit(&self, held: &Lease, step: Step) -> Result<(), JournalError> {
        let (held, now) = (held.clone(), self.clock.now());
        let followers = self.followers.clone();
        self.database
            .write_large(step::size(&step), move |tx| {
                if let Some(advance) = step::commit(tx, &held, &step, now)? {
                    tx.after_commit(move || followers.advance(held.channel, &advance));
                }
                Ok(())
            })
            .await
    }

    async fn pending(
        &self,
        channel: ChannelId,
        after: Ordinal,
        most: usize,
    ) -> Result<Vec<Pending>, JournalError> {
        let page = self.look(channel, move |connection, row| {
            if row.record.stage.outcome().is_some() {
                return Ok(Vec::new());
            }
            pending_rows::page(connection, &row, after, most)
        });
        Ok(page.await?.unwrap_or_default())
    }

    async fn read(
        &self,
        channel: ChannelId,
        after: EventId,
        budget: usize,
    ) -> Result<Page<Frame>, JournalError> {
        let frames = self.look(channel, move |connection, row| {
            cursor::proved(connection, &row, after, |after| {
                event_rows::frames(connection, &row, after, budget)
            })
        });
        Ok(frames.await?.unwrap_or_else(|| page_of_nothing(after)))
    }

    async fn read_whole(
        &self,
        channel: ChannelId,
        after: EventId,
        budget: usize,
    ) -> Result<Page<Stored>, JournalError> {
        let events = self.look(channel, move |connection, row| {
            cursor::proved(connection, &row, after, |after| {
                event_rows::whole(connection, &row, after, budget)
            })
        });
        Ok(events.await?.unwrap_or_else(|| page_of_nothing(after)))
    }

    async fn recall(
        &self,
        channel: ChannelId,
        after: EventId,
        budget: usize,
    ) -> Result<Page<Stored>, JournalError> {
        let events = self.look(channel, move |connection, row| {
            cursor::proved(connection, &row, after, |after| {
                event_rows::gists(connection, &row, after, budget)
            })
        });
        Ok(events.await?.unwrap_or_else(|| page_of_nothing(after)))
    }

    async fn digests(
        &self,
        channel: ChannelId,
        after: u64,
        budget: usize,
    ) -> Result<Vec<Digest>, JournalError> {
        let digests = self.look(channel, move |connection, row| {
            digest_rows::page(connection, &row, after, budget)
        });
        Ok(digests.await?.unwrap_or_default())
    }

    async fn locate(&self, channel: ChannelId, cursor: EventId) -> Result<Cursor, JournalError> {
        self.database
            .read(move |connection| Ok(cursor::locate(connection, channel, cursor)?))
            .await
    }

    fn follow(&self, channel: ChannelId, tail: Arc<dyn Tail>) -> FollowGuard {
        self.followers.add(channel, tail)
    }
}

/// A read from a channel that does not exist.
fn page_of_nothing<T>(after: EventId) -> Page<T> {
    match after {
        EventId::START => Page::Next(Vec::new()),
        _ => Page::Parted {
            after: EventId::START,
        },
    }
}
