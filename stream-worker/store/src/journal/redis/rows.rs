//! Rows of a log: blocks, or their places in the object store.

use bytes::Bytes;
use shared::{ChannelId, EventId, Position};

use super::answer::Answer;
use super::block::{self, Unpacked};
use super::bodies::Place;
use super::inner::Inner;
use crate::journal::JournalError;
use crate::redis::Reply;

/// One row of a stream of blocks.
pub(super) struct Row {
    pub(super) last: EventId,
    found: Found,
}

/// Value of a row.
enum Found {
    Frames(Bytes),
    Gist(Bytes),
    /// Frames whose block lies in the object store.
    Away(Place),
}

/// A block that was read, from the log or from the object store.
pub(super) struct Block {
    pub(super) last: EventId,
    pub(super) bytes: Bytes,
    is_gist: bool,
    /// Key of the object that it was in.
    object: Option<String>,
}

impl Inner {
    /// Reads the block of a row, from the object store if it lies there.
    pub(super) async fn block(&self, row: Row) -> Result<Block, JournalError> {
        let (bytes, is_gist, object) = match row.found {
            Found::Frames(bytes) => (bytes, false, None),
            Found::Gist(bytes) => (bytes, true, None),
            Found::Away(place) => (self.fetch(&place).await?, false, Some(place.part.key)),
        };
        Ok(Block {
            last: row.last,
            bytes,
            is_gist,
            object,
        })
    }
}

impl Row {
    /// Reads one entry of a stream: its ID, and its first field.
    pub(super) fn read(entry: Reply) -> Result<Self, JournalError> {
        let mut entry = Answer::of(entry)?;
        let last = entry.needed()?;
        let mut fields = Answer::of(entry.value()?)?;
        let found = match fields.needed::<String>()?.as_str() {
            "z" => Found::Frames(fields.bytes()?),
            "g" => Found::Gist(fields.bytes()?),
            "b" => Found::Away(fields.needed()?),
            other => {
                return Err(JournalError::Damaged(format!(
                    "the field {other:?} of a log"
                )));
            }
        };
        Ok(Self { last, found })
    }

    /// Bytes before packing, about.
    pub(super) fn size(&self) -> usize {
        match &self.found {
            Found::Frames(block) | Found::Gist(block) => block::unpacked_size(block),
            Found::Away(place) => place.size,
        }
    }
}

impl Block {
    pub(super) fn unpack(&self) -> Option<Vec<Unpacked>> {
        if self.is_gist {
            block::unpack_gist(self.last, &self.bytes)
        } else {
            block::unpack(self.last, &self.bytes)
        }
    }

    /// The error for a damaged event of this block. It names the object that the block was in, so that it can be looked at.
    pub(super) fn damaged(&self, channel: ChannelId, position: Position) -> JournalError {
        match &self.object {
            None => damaged(channel, position),
            Some(object) => JournalError::Damaged(format!(
                "the event at position {position} of channel {channel}, in the object {object}"
            )),
        }
    }
}

/// An event that cannot be read.
pub(super) fn damaged(channel: ChannelId, position: Position) -> JournalError {
    JournalError::Damaged(format!(
        "the event at position {position} of channel {channel}"
    ))
}
