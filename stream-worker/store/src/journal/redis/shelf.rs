//! Events that have been read, block by block, up to a budget.

use shared::{ChannelId, EventId};

use super::block::Unpacked;
use super::record::LogState;
use super::rows::{Block, Row, damaged};
use crate::journal::JournalError;

/// Blocks of one answer at most.
const MAX_BLOCKS: usize = 256;

/// Events that have been read, and the place up to which the log has been read.
pub(super) struct Shelf {
    channel: ChannelId,
    pub(super) last: EventId,
    pub(super) events: Vec<Unpacked>,
    /// Bytes of the frames.
    pub(super) size: usize,
    blocks: usize,
}

impl Shelf {
    pub(super) const fn new(channel: ChannelId, after: EventId) -> Self {
        Self {
            channel,
            last: after,
            events: Vec::new(),
            size: 0,
            blocks: 0,
        }
    }

    /// Unpacks blocks up to the budget. Checks each one, and that none is missing.
    pub(super) fn put(
        &mut self,
        state: &LogState,
        blocks: Vec<Block>,
        budget: usize,
    ) -> Result<(), JournalError> {
        for block in blocks {
            let id = block.last;
            let events = block
                .unpack()
                .ok_or_else(|| block.damaged(self.channel, self.last.position.next()))?;
            let first = events.first().map(|event| event.frame.id.position);
            // A block from whose middle is read begins before the cursor; none begins after it.
            let follows = first.is_some_and(|first| first <= self.last.position.next());
            if !follows || state.spans.writer_of(id.position) != Some(id.attempt) {
                return Err(self.damaged());
            }
            self.blocks += 1;
            for event in events {
                if event.frame.id.position <= self.last.position {
                    continue;
                }
                if !self.events.is_empty() && self.size >= budget {
                    return Ok(());
                }
                self.size += event.frame.bytes.len();
                self.last = event.frame.id;
                self.events.push(event);
            }
        }
        Ok(())
    }

    /// The number of rows that have what is missing of the budget, and one at least.
    pub(super) fn fitting(&self, rows: &[Row], budget: usize) -> usize {
        let mut size = self.size;
        let fit = rows.iter().take_while(|row| {
            let fits = size < budget;
            size = size.saturating_add(row.size());
            fits
        });
        fit.count().max(1)
    }

    /// Checks that a read which found no more blocks has come to the end.
    pub(super) fn check_end(&self, end: EventId, budget: usize) -> Result<(), JournalError> {
        if self.size < budget && self.last.position < end.position {
            return Err(self.damaged());
        }
        Ok(())
    }

    /// Blocks to ask for next, by the size of those so far.
    pub(super) fn blocks_for(&self, budget: usize) -> usize {
        let each = (self.size / self.blocks.max(1)).max(1);
        ((budget - self.size) / each).clamp(1, MAX_BLOCKS)
    }

    fn damaged(&self) -> JournalError {
        damaged(self.channel, self.last.position.next())
    }
}
