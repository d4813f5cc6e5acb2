//! Reads of a log: each proves its cursor first.

use bytes::Bytes;
use shared::{ChannelId, EventId, Frame, Position, sse};

use super::answer::Answer;
use super::block::{self, Unpacked};
use super::inner::Inner;
use super::keys::ChannelKeys;
use super::record::LogState;
use crate::journal::{Cursor, JournalError, Page, Stored};
use crate::redis::{Reply, Request};

/// Bytes before packing that a block has at most, but for a single large frame.
const BLOCK: usize = 64 * 1024;

/// Blocks of one answer at most.
const MAX_BLOCKS: usize = 256;

/// A page of a log, and the place where the log ended when it was read.
pub(super) struct Reading {
    pub(super) page: Page<Unpacked>,
    pub(super) head: EventId,
    /// True if the event at the head is the terminal one.
    pub(super) ended: bool,
}

/// Some blocks after a cursor, in one answer of the server.
struct Chunk {
    state: LogState,
    /// False once the log has expired.
    kept: bool,
    blocks: Vec<Reply>,
}

impl Inner {
    pub(super) async fn read(
        &self,
        channel: ChannelId,
        after: EventId,
        budget: usize,
    ) -> Result<Page<Frame>, JournalError> {
        let reading = self.read_log(channel, after, budget).await?;
        Ok(match reading.page {
            Page::Next(events) => Page::Next(events.into_iter().map(|event| event.frame).collect()),
            Page::Parted { after } => Page::Parted { after },
        })
    }

    pub(super) async fn read_whole(
        &self,
        channel: ChannelId,
        after: EventId,
        budget: usize,
    ) -> Result<Page<Stored>, JournalError> {
        let events = match self.read_log(channel, after, budget).await?.page {
            Page::Next(events) => events,
            Page::Parted { after } => return Ok(Page::Parted { after }),
        };
        let mut stored = Vec::with_capacity(events.len());
        let mut size = 0;
        for event in events {
            let data = self.data_of(channel, &event).await?;
            size += data.len();
            stored.push(Stored {
                id: event.frame.id,
                data,
            });
            if size >= budget {
                break;
            }
        }
        Ok(Page::Next(stored))
    }

    /// The whole data of an event.
    async fn data_of(&self, channel: ChannelId, event: &Unpacked) -> Result<Bytes, JournalError> {
        let id = event.frame.id;
        let broken = || damaged(channel, id.position);
        if !event.cut {
            let data = sse::data(&event.frame.bytes).ok_or_else(broken)?;
            return Ok(event.frame.bytes.slice_ref(data));
        }
        let range = Request::command("XRANGE")
            .bytes(self.keys.channel(channel).whole)
            .bytes(id.to_string())
            .bytes(id.to_string());
        let mut found = Answer::of(self.server.read(range).await?)?;
        let (found_id, bytes) = entry(found.next().ok_or_else(broken)?)?;
        (found_id == id)
            .then(|| block::unpack_whole(id, &bytes))
            .flatten()
            .ok_or_else(broken)
    }

    /// Events after `after`, about `budget` bytes of their frames and at least one if there is one.
    pub(super) async fn read_log(
        &self,
        channel: ChannelId,
        after: EventId,
        budget: usize,
    ) -> Result<Reading, JournalError> {
        let keys = self.keys.channel(channel);
        let mut shelf = Shelf::new(channel, after);
        let mut count = (budget / BLOCK).clamp(1, 16);
        loop {
            let chunk = self.chunk(&keys, shelf.last, count).await?;
            let Some(Chunk {
                state,
                kept,
                blocks,
            }) = chunk
            else {
                return Ok(nothing_at_all(after));
            };
            let full = blocks.len() == count;
            let reading = |page| Reading {
                page,
                head: state.head,
                ended: state.stage.has_ended(),
            };
            let page = match compare(&state, kept, shelf.last) {
                Cursor::Valid if kept || !state.stage.has_ended() => {
                    shelf.put(&state, blocks, budget)?;
                    if full && shelf.size < budget {
                        count = shelf.blocks_for(budget);
                        continue;
                    }
                    shelf.check_end(&state, budget)?;
                    Page::Next(shelf.events)
                }
                // A log that has expired has nothing more. What was read before the log was rewound has been read all the same.
                Cursor::Valid | Cursor::Trimmed { .. } => Page::Next(shelf.events),
                _parted if !shelf.events.is_empty() => Page::Next(shelf.events),
                Cursor::Unknown => Page::Parted {
                    after: EventId::START,
                },
                Cursor::LostTail { after } => Page::Parted { after },
            };
            return Ok(reading(page));
        }
    }

    async fn chunk(
        &self,
        keys: &ChannelKeys,
        after: EventId,
        count: usize,
    ) -> Result<Option<Chunk>, JournalError> {
        let [fields, kept] = ask_state(keys);
        let range = Request::command("XRANGE")
            .bytes(&keys.log)
            .bytes(format!("({after}"))
            .bytes("+")
            .bytes("COUNT")
            .number(count as u64);
        // In this order: what the record knows of is in the log, and a log that was there when it was read has been read.
        let [fields, blocks, kept] = self.server.read_all([fields, range, kept]).await?;
        let state = LogState::read(&mut Answer::of(fields)?)?;
        let Some(state) = state else {
            return Ok(None);
        };
        Ok(Some(Chunk {
            state,
            kept: kept.count()? > 0,
            blocks: Answer::of(blocks)?.collect(),
        }))
    }

    pub(super) async fn locate(
        &self,
        channel: ChannelId,
        cursor: EventId,
    ) -> Result<Cursor, JournalError> {
        let questions = ask_state(&self.keys.channel(channel));
        let [fields, kept] = self.server.read_all(questions).await?;
        Ok(match LogState::read(&mut Answer::of(fields)?)? {
            Some(state) => compare(&state, kept.count()? > 0, cursor),
            None if cursor == EventId::START => Cursor::Valid,
            None => Cursor::Unknown,
        })
    }

    /// The last event of a log, and if it is the terminal one.
    pub(super) async fn head(&self, channel: ChannelId) -> Result<(EventId, bool), JournalError> {
        let [fields, _] = ask_state(&self.keys.channel(channel));
        let fields = self.server.read(fields).await?;
        let state = LogState::read(&mut Answer::of(fields)?)?;
        Ok(state.map_or((EventId::START, false), |state| {
            (state.head, state.stage.has_ended())
        }))
    }
}

/// What a reader must know: fields of the record, and if there is a log.
fn ask_state(keys: &ChannelKeys) -> [Request; 2] {
    let mut fields = Request::command("HMGET").bytes(&keys.record);
    for field in LogState::FIELDS {
        fields = fields.bytes(field);
    }
    [fields, Request::command("EXISTS").bytes(&keys.log)]
}

fn compare(state: &LogState, kept: bool, cursor: EventId) -> Cursor {
    let head = state.head;
    if cursor != head && cursor != EventId::START && state.stage.has_ended() && !kept {
        return Cursor::Trimmed { after: head };
    }
    state.spans.locate(cursor, head.position)
}

/// Answer of a read of an unknown channel.
fn nothing_at_all(after: EventId) -> Reading {
    let start = EventId::START;
    let page = if after == start {
        Page::Next(Vec::new())
    } else {
        Page::Parted { after: start }
    };
    Reading {
        page,
        head: start,
        ended: false,
    }
}

/// Events that have been read, and the place up to which the log has been read.
struct Shelf {
    channel: ChannelId,
    last: EventId,
    events: Vec<Unpacked>,
    /// Bytes of the frames.
    size: usize,
    blocks: usize,
}

impl Shelf {
    const fn new(channel: ChannelId, after: EventId) -> Self {
        Self {
            channel,
            last: after,
            events: Vec::new(),
            size: 0,
            blocks: 0,
        }
    }

    /// Unpacks blocks up to the budget. Checks each one, and that none is missing.
    fn put(
        &mut self,
        state: &LogState,
        blocks: Vec<Reply>,
        budget: usize,
    ) -> Result<(), JournalError> {
        for block in blocks {
            let (id, bytes) = entry(block)?;
            if id.position > state.head.position {
                // It came after the record was read, and its attempt may have as well.
                return Ok(());
            }
            let events = block::unpack(id, &bytes).ok_or_else(|| self.damaged())?;
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

    /// Checks that a read which found no more blocks has come to the head.
    fn check_end(&self, state: &LogState, budget: usize) -> Result<(), JournalError> {
        if self.size < budget && self.last.position < state.head.position {
            return Err(self.damaged());
        }
        Ok(())
    }

    /// Blocks to ask for next, by the size of those so far.
    fn blocks_for(&self, budget: usize) -> usize {
        let each = (self.size / self.blocks.max(1)).max(1);
        ((budget - self.size) / each).clamp(1, MAX_BLOCKS)
    }

    fn damaged(&self) -> JournalError {
        damaged(self.channel, self.last.position.next())
    }
}

/// One entry of a stream with one field: its ID and its value.
fn entry(entry: Reply) -> Result<(EventId, Bytes), JournalError> {
    let mut entry = Answer::of(entry)?;
    let id = entry.needed()?;
    let mut fields = Answer::of(entry.value()?)?;
    fields.value()?;
    Ok((id, fields.bytes()?))
}

fn damaged(channel: ChannelId, position: Position) -> JournalError {
    JournalError::Damaged(format!(
        "the event at position {position} of channel {channel}"
    ))
}
