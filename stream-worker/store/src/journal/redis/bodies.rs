//! Bodies: large blocks, which lie in the object store while the log refers to them.
//!
//! They are written before the step that refers to them, so that a writer that dies leaves an object that nobody refers to, never
//! a reference to nothing. All that is large in one step goes into one object: while it is written the next pages gather, so
//! that a fast crawl has few objects, and a slow one waits for nobody.

use std::fmt;
use std::str::FromStr;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use shared::{ChannelId, EventId, Position, Timestamp};

use super::block::{self, Block};
use super::inner::Inner;
use crate::bodies::{BodyError, Part};
use crate::journal::{JournalError, Lease, Step};
use crate::redis::Request;

/// Bytes of an object. More than that only if one block has more.
const MAX_OBJECT: usize = 4 * 1024 * 1024;

/// Objects of one step that are written at once.
const PUTS_AT_ONCE: usize = 4;

/// Channels whose logs are asked for at once.
const CHUNK: usize = 500;

/// A block's bytes, or their place in the object store, as one row of the log holds them.
#[derive(Debug)]
pub(super) enum Kept {
    /// The block itself.
    Here(Vec<u8>),
    /// The place of the block in the object store.
    Away(Place),
}

/// A block's place in the object store. In the log it is text: `<offset> <length> <bytes before packing> <key>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) part: Part,
    /// Bytes before packing, about.
    pub(super) size: usize,
}

/// A row to be written to the log: a block, or its place in the object store.
#[derive(Debug)]
pub(super) struct NewRow {
    pub(super) last: Position,
    pub(super) kept: Kept,
    pub(super) gist: Option<Vec<u8>>,
    /// Bytes before packing.
    size: usize,
    /// Bytes of the server's memory that are saved if the block lies in the object store.
    spared: usize,
}

/// The rows that one step writes to the log.
pub(super) struct NewRows {
    pub(super) blocks: Vec<NewRow>,
    /// The whole data of events whose frame was cut.
    pub(super) wholes: Vec<NewRow>,
}

/// An object for the object store: blocks one after the other.
struct Object {
    key: String,
    bytes: Vec<u8>,
}

impl Inner {
    /// Packs a step, and writes what is large in it to the object store, if there is one.
    pub(super) async fn pack(&self, held: &Lease, step: &Step) -> Result<NewRows, JournalError> {
        let mut rows = NewRows::of(held, step);
        let Some(bodies) = &self.bodies else {
            return Ok(rows);
        };
        let objects = rows.move_out(
            self.config.body_bytes,
            &key_prefix(self.clock.now(), held, step.first),
        );
        stream::iter(objects)
            .map(|object| async move { bodies.put(&object.key, Bytes::from(object.bytes)).await })
            .buffer_unordered(PUTS_AT_ONCE)
            .try_collect::<()>()
            .await?;
        Ok(rows)
    }

    /// The block that lies at a place.
    pub(super) async fn fetch(&self, place: &Place) -> Result<Bytes, JournalError> {
        let Some(bodies) = &self.bodies else {
            return Err(JournalError::Store(format!(
                "the object {} cannot be read: set CRAWLCAST_BODIES as on the worker that wrote it",
                place.part.key
            )));
        };
        Ok(bodies.read(&place.part).await?)
    }

    /// Deletes the objects of logs that have gone, of days so long before `ended_before` that no step of them is under way.
    pub(super) async fn sweep_bodies(&self, ended_before: Timestamp) -> Result<(), JournalError> {
        let Some(bodies) = self.bodies.as_ref().filter(|bodies| bodies.is_swept_here()) else {
            return Ok(());
        };
        let last = day(ended_before);
        for day in bodies.folders("").await? {
            if !is_day(&day) || day >= last {
                continue;
            }
            let channels: Vec<ChannelId> = bodies
                .folders(&day)
                .await?
                .iter()
                .filter_map(|name| name.parse().ok())
                .collect();
            for channel in self.without_log(&channels).await? {
                bodies.delete_folder(&format!("{day}/{channel}")).await?;
            }
        }
        Ok(())
    }

    /// Those of the channels whose log has expired, or was lost.
    async fn without_log(&self, channels: &[ChannelId]) -> Result<Vec<ChannelId>, JournalError> {
        let mut gone = Vec::new();
        for chunk in channels.chunks(CHUNK) {
            let questions: Vec<_> = chunk
                .iter()
                .map(|channel| Request::command("EXISTS").bytes(self.keys.channel(*channel).log))
                .collect();
            for (channel, kept) in chunk.iter().zip(self.server.run_all(&questions).await?) {
                if kept?.count()? == 0 {
                    gone.push(*channel);
                }
            }
        }
        Ok(gone)
    }
}

impl NewRows {
    fn of(held: &Lease, step: &Step) -> Self {
        let blocks = block::pack(held.attempt, step.first, &step.entries);
        let wholes = (step.first.0..).zip(&step.entries);
        let wholes = wholes.filter_map(|(position, entry)| {
            let (last, whole) = (Position(position), entry.whole.as_ref()?);
            let bytes = block::pack_whole(EventId::new(held.attempt, last), whole);
            Some(NewRow {
                last,
                spared: bytes.len(),
                kept: Kept::Here(bytes),
                gist: None,
                size: whole.len(),
            })
        });
        Self {
            wholes: wholes.collect(),
            blocks: blocks.into_iter().map(NewRow::of).collect(),
        }
    }

    /// Moves each block that saves the server at least `worth` bytes into an object; answers the objects, which are to be
    /// written. Their keys begin with `prefix` and end with a checksum: the same step, sent twice, is the same objects, and no
    /// other writes over them.
    fn move_out(&mut self, worth: usize, prefix: &str) -> Vec<Object> {
        let rows = self.blocks.iter_mut().chain(&mut self.wholes);
        let mut large: Vec<&mut NewRow> = rows.filter(|row| row.spared >= worth).collect();
        let mut objects = Vec::new();
        while !large.is_empty() {
            let rest = large.split_off(fitting(&large));
            objects.push(Object::of(&mut large, prefix));
            large = rest;
        }
        objects
    }
}

/// The number of rows that make the next object.
fn fitting(rows: &[&mut NewRow]) -> usize {
    let mut size = 0;
    let fit = rows.iter().take_while(|row| {
        size += row.spared;
        size <= MAX_OBJECT
    });
    fit.count().max(1)
}

impl Object {
    /// Moves the blocks of rows into an object.
    fn of(rows: &mut [&mut NewRow], prefix: &str) -> Self {
        let blocks: Vec<Vec<u8>> = rows.iter_mut().map(|row| row.take_block()).collect();
        let bytes = blocks.concat();
        let key = format!("{prefix}-{:08x}", crc32fast::hash(&bytes));
        let mut offset = 0;
        for (row, block) in rows.iter_mut().zip(blocks) {
            let length = block.len() as u64;
            row.kept = Kept::Away(Place {
                part: Part {
                    key: key.clone(),
                    offset,
                    length,
                },
                size: row.size,
            });
            offset += length;
        }
        Self { key, bytes }
    }
}

impl NewRow {
    fn of(block: Block) -> Self {
        // Without a gist every attempt that resumes reads the block: it stays.
        let spared = block
            .gist
            .as_ref()
            .map_or(0, |gist| block.bytes.len().saturating_sub(gist.len()));
        Self {
            last: block.last,
            kept: Kept::Here(block.bytes),
            gist: block.gist,
            size: block.size,
            spared,
        }
    }

    fn take_block(&mut self) -> Vec<u8> {
        match &mut self.kept {
            Kept::Here(block) => std::mem::take(block),
            Kept::Away(_) => Vec::new(),
        }
    }
}

/// The beginning of the keys of a step's objects.
fn key_prefix(now: Timestamp, held: &Lease, first: Position) -> String {
    let Lease { channel, attempt } = held;
    format!("{}/{channel}/{attempt}-{first}", day(now))
}

/// The date in UTC, as in 2026-01-31.
fn day(time: Timestamp) -> String {
    time.to_string().chars().take(10).collect()
}

/// True for a folder that [`key_prefix`] has named.
fn is_day(folder: &str) -> bool {
    folder.len() == 10 && folder.chars().all(|c| matches!(c, '0'..='9' | '-'))
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Part {
            key,
            offset,
            length,
        } = &self.part;
        write!(f, "{offset} {length} {} {key}", self.size)
    }
}

impl FromStr for Place {
    type Err = JournalError;

    fn from_str(text: &str) -> Result<Self, JournalError> {
        let damaged = || JournalError::Damaged(format!("a place in the object store: {text:?}"));
        let words: Vec<&str> = text.splitn(4, ' ').collect();
        let [offset, length, size, key] = words.try_into().map_err(|_words| damaged())?;
        let number = |word: &str| word.parse::<u32>().map_err(|_error| damaged());
        Ok(Self {
            part: Part {
                key: key.to_owned(),
                offset: number(offset)?.into(),
                length: number(length)?.into(),
            },
            size: number(size)? as usize,
        })
    }
}

impl From<BodyError> for JournalError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::Missing(_) => Self::Damaged(error.to_string()),
            BodyError::Failed(_) => Self::Store(error.to_string()),
        }
    }
}
