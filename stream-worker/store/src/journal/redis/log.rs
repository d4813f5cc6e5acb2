//! Reads of a log: each proves its cursor first.

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use shared::{ChannelId, EventId, Frame, sse};

use super::answer::Answer;
use super::block::{self, Unpacked};
use super::inner::Inner;
use super::keys::ChannelKeys;
use super::record::LogState;
use super::rows::{Block, Row, damaged};
use super::scripts::RECALL;
use super::shelf::Shelf;
use crate::journal::{Cursor, JournalError, Page, Stored};
use crate::redis::Request;

/// Bytes before packing that a block has at most, but for a single large frame.
const BLOCK: usize = 64 * 1024;

/// Blocks of one read that are fetched from the object store at once.
const FETCHES: usize = 8;

/// Form in which a read takes events, and with it the end of the read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum View {
    /// Frames.
    Frames,
    /// The gist where there is one.
    Gists,
}

impl View {
    /// The last event that is read. Watchers read frames: only what replicas have confirmed, where they do. An attempt that
    /// goes on after its predecessor reads gists: everything.
    const fn end(self, state: &LogState) -> EventId {
        match self {
            Self::Frames => state.shown,
            Self::Gists => state.head,
        }
    }
}

/// A page of a log, and the place where the log ended when it was read.
pub(super) struct Reading {
    pub(super) page: Page<Unpacked>,
    pub(super) head: EventId,
    /// True if the event there is the terminal one.
    pub(super) ended: bool,
}

/// Some blocks after a cursor, in one answer of the server.
struct Chunk {
    state: LogState,
    /// False once the log has expired.
    kept: bool,
    rows: Vec<Row>,
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

    pub(super) async fn recall(
        &self,
        channel: ChannelId,
        after: EventId,
        budget: usize,
    ) -> Result<Page<Stored>, JournalError> {
        let reading = self.read_view(View::Gists, channel, after, budget).await?;
        let events = match reading.page {
            Page::Next(events) => events,
            Page::Parted { after } => return Ok(Page::Parted { after }),
        };
        let stored = events.into_iter().map(|event| {
            Ok(Stored {
                id: event.frame.id,
                data: shown_data(channel, &event)?,
            })
        });
        Ok(Page::Next(stored.collect::<Result<_, JournalError>>()?))
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
        if !event.cut {
            return shown_data(channel, event);
        }
        let id = event.frame.id;
        let broken = || damaged(channel, id.position);
        let range = Request::command("XRANGE")
            .bytes(self.keys.channel(channel).whole)
            .bytes(id.to_string())
            .bytes(id.to_string());
        let mut found = Answer::of(self.server.read(range).await?)?;
        let row = Row::read(found.next().ok_or_else(broken)?)?;
        if row.last != id {
            return Err(broken());
        }
        let block = self.block(row).await?;
        block::unpack_whole(id, &block.bytes).ok_or_else(|| block.damaged(channel, id.position))
    }

    /// Events after `after`, about `budget` bytes of their frames and at least one if there is one.
    pub(super) async fn read_log(
        &self,
        channel: ChannelId,
        after: EventId,
        budget: usize,
    ) -> Result<Reading, JournalError> {
        self.read_view(View::Frames, channel, after, budget).await
    }

    async fn read_view(
        &self,
        view: View,
        channel: ChannelId,
        after: EventId,
        budget: usize,
    ) -> Result<Reading, JournalError> {
        let keys = self.keys.channel(channel);
        let mut shelf = Shelf::new(channel, after);
        let mut count = (budget / BLOCK).clamp(1, 16);
        loop {
            let chunk = self.chunk(view, &keys, shelf.last, count).await?;
            let Some(Chunk {
                state,
                kept,
                mut rows,
            }) = chunk
            else {
                return Ok(nothing_at_all(after));
            };
            let end = view.end(&state);
            let found = rows.len();
            rows.truncate(shelf.fitting(&rows, budget));
            let more = found == count || rows.len() < found;
            let reading = |page| Reading {
                page,
                head: end,
                ended: state.has_ended(),
            };
            let page = match compare(&state, kept, shelf.last) {
                Cursor::Valid if kept || !state.stage.has_ended() => {
                    let blocks = self.blocks(end, rows).await?;
                    shelf.put(&state, blocks, budget)?;
                    if more && shelf.size < budget && shelf.last.position < end.position {
                        count = shelf.blocks_for(budget);
                        continue;
                    }
                    shelf.check_end(end, budget)?;
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
        view: View,
        keys: &ChannelKeys,
        after: EventId,
        count: usize,
    ) -> Result<Option<Chunk>, JournalError> {
        // After a reconnect many logs are read at once: so many at a time.
        let _permit = self.reads.acquire().await;
        let [fields, kept] = ask_state(keys);
        let range = match view {
            View::Frames => Request::command("XRANGE")
                .bytes(&keys.log)
                .bytes(format!("({after}"))
                .bytes("+")
                .bytes("COUNT")
                .number(count as u64),
            View::Gists => self
                .call(&RECALL, &[&keys.record, &keys.log])
                .bytes(after.to_string())
                .number(count as u64),
        };
        // In this order: what the record knows of is in the log, and a log that was there when it was read has been read.
        let [fields, rows, kept] = self.server.read_all([fields, range, kept]).await?;
        let state = LogState::read(&mut Answer::of(fields)?)?;
        let Some(state) = state else {
            return Ok(None);
        };
        let rows = Answer::of(rows)?.map(Row::read);
        Ok(Some(Chunk {
            state,
            kept: kept.count()? > 0,
            rows: rows.collect::<Result<_, _>>()?,
        }))
    }

    /// The blocks of rows up to `end`, wherever they are. A row beyond it is not shown yet, or came after the record was read, and
    /// its attempt may have as well.
    async fn blocks(&self, end: EventId, rows: Vec<Row>) -> Result<Vec<Block>, JournalError> {
        let rows = rows
            .into_iter()
            .take_while(|row| row.last.position <= end.position);
        stream::iter(rows)
            .map(|row| self.block(row))
            .buffered(FETCHES)
            .try_collect()
            .await
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

    /// The last event of a log that readers may have, and if it is the terminal one.
    pub(super) async fn head(&self, channel: ChannelId) -> Result<(EventId, bool), JournalError> {
        let [fields, _] = ask_state(&self.keys.channel(channel));
        let fields = self.server.read(fields).await?;
        let state = LogState::read(&mut Answer::of(fields)?)?;
        Ok(state.map_or((EventId::START, false), |state| {
            (state.shown, state.has_ended())
        }))
    }
}

/// Two requests for the state of a log: the record's fields that are [`LogState::FIELDS`], and whether the log exists.
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

/// The data that an event shows: that of its frame, or its gist.
fn shown_data(channel: ChannelId, event: &Unpacked) -> Result<Bytes, JournalError> {
    let bytes = &event.frame.bytes;
    if event.is_gist {
        return Ok(bytes.clone());
    }
    let data = sse::data(bytes).ok_or_else(|| damaged(channel, event.frame.id.position))?;
    Ok(bytes.slice_ref(data))
}
