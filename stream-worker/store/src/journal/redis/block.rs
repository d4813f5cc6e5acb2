//! Blocks: frames of one attempt at consecutive positions, packed together.
//!
//! A block is stored under the ID of its *last* event: the first block after a cursor is then the one that holds the next
//! event, and no index is needed. Its bytes are, in little endian:
//!
//! | bytes | hold |
//! |---|---|
//! | 4 | CRC-32 of the ID and of all that follows |
//! | 4 | number of frames |
//! | 4 | length before packing |
//! | rest | zstd of: the length of each frame in 4 bytes, then the frames |
//!
//! The highest bit of a frame's length says that it was cut and that its whole data lies beside the log: under the event's own
//! ID, as a block of one. A gist is a block of the same events' data instead of their frames, without the formats of pages.

use std::cell::RefCell;

use bytes::Bytes;
use shared::{Attempt, EventId, Frame, Position, sse};
use zstd::bulk::{Compressor, Decompressor};

use crate::journal::Entry;

/// Bytes of frames in a block, before packing. More than that only if one frame has more.
const MAX_BYTES: usize = 64 * 1024;

/// Bytes before packing that a block is believed to have, at most. A longer whole event is split by nobody: it is bounded where
/// it is made.
const MAX_UNPACKED: usize = 256 * 1024 * 1024;

/// Speed matters more here than the last per cent: frames are of one shape, and the first level finds it.
const LEVEL: i32 = 1;

const HEADER: usize = 12;

/// Says in a frame's length that the frame was cut.
const CUT: u32 = 1 << 31;

/// Packed frames, to be written to the log.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// Position of its last frame.
    pub(super) last: Position,
    pub(super) bytes: Vec<u8>,
    /// The same events without the formats of their pages, where these are more than half of the frames.
    pub(super) gist: Option<Vec<u8>>,
    /// Bytes of the frames.
    pub(super) size: usize,
}

/// One frame of a block that was read back.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unpacked {
    pub(super) frame: Frame,
    /// True if the event's whole data lies beside the log.
    pub(super) cut: bool,
    /// True if the bytes are the event's data without formats, and no frame.
    pub(super) is_gist: bool,
}

/// Packs the frames that `attempt` writes from `first` on.
pub(super) fn pack(attempt: Attempt, first: Position, entries: &[Entry]) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut next = first;
    let mut rest = entries;
    while !rest.is_empty() {
        let (block, others) = rest.split_at(fitting(rest));
        let last = Position(next.0 + block.len() as u64 - 1);
        let id = EventId::new(attempt, last);
        let size = block.iter().map(|entry| entry.frame.len()).sum();
        blocks.push(Block {
            last,
            bytes: pack_frames(id, block, size),
            gist: pack_gist(id, block, size),
            size,
        });
        next = last.next();
        rest = others;
    }
    blocks
}

/// The number of entries that make the next block.
fn fitting(entries: &[Entry]) -> usize {
    let mut size = 0;
    let fit = entries.iter().take_while(|entry| {
        size += entry.frame.len();
        size <= MAX_BYTES
    });
    fit.count().max(1)
}

fn pack_frames(last: EventId, entries: &[Entry], size: usize) -> Vec<u8> {
    let lengths = entries.iter().map(|entry| {
        let cut = if entry.whole.is_some() { CUT } else { 0 };
        length_of(&entry.frame) | cut
    });
    let frames = entries.iter().map(|entry| &entry.frame[..]);
    seal(last, &plain(lengths, frames, size))
}

/// Packs what is left of a block without the formats of pages; nothing if that is not less than half of its `size`.
fn pack_gist(last: EventId, entries: &[Entry], size: usize) -> Option<Vec<u8>> {
    if entries.iter().all(|entry| entry.gist.is_none()) {
        return None;
    }
    let data_of = |entry: &'_ Entry| match &entry.gist {
        Some(gist) => Some(gist.clone()),
        None => sse::data(&entry.frame).map(|data| entry.frame.slice_ref(data)),
    };
    let gists: Vec<Bytes> = entries.iter().map(data_of).collect::<Option<_>>()?;
    let left = gists.iter().map(Bytes::len).sum::<usize>();
    let gists = gists.iter().map(|gist| &gist[..]);
    (left * 2 < size).then(|| seal(last, &plain(gists.clone().map(length_of), gists, left)))
}

/// Packs the whole data of one event.
pub(super) fn pack_whole(id: EventId, whole: &[u8]) -> Vec<u8> {
    let once = std::iter::once(whole);
    seal(id, &plain(once.clone().map(length_of), once, whole.len()))
}

/// Joins lengths and parts into the contents of a block: first every length, then every part. `size` is the sum of the parts.
fn plain<'a>(
    lengths: impl ExactSizeIterator<Item = u32>,
    parts: impl Iterator<Item = &'a [u8]>,
    size: usize,
) -> Plain {
    let count = lengths.len();
    let mut bytes = Vec::with_capacity(count * 4 + size);
    lengths.for_each(|length| bytes.extend_from_slice(&length.to_le_bytes()));
    parts.for_each(|part| bytes.extend_from_slice(part));
    Plain { count, bytes }
}

/// The contents of a block before packing.
struct Plain {
    count: usize,
    bytes: Vec<u8>,
}

fn seal(last: EventId, plain: &Plain) -> Vec<u8> {
    let packed = compress(&plain.bytes);
    let mut bytes = Vec::with_capacity(HEADER + packed.len());
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(&short(plain.count).to_le_bytes());
    bytes.extend_from_slice(&short(plain.bytes.len()).to_le_bytes());
    bytes.extend_from_slice(&packed);
    let crc = checksum(last, &bytes[4..]);
    bytes[..4].copy_from_slice(&crc.to_le_bytes());
    bytes
}

/// Reads a block back; nothing if it is not what was stored under this ID.
pub(super) fn unpack(last: EventId, block: &[u8]) -> Option<Vec<Unpacked>> {
    let [crc, count, size] = header(block)?;
    let (count, size) = (count as usize, size as usize);
    if crc != checksum(last, &block[4..]) || size > MAX_UNPACKED {
        return None;
    }
    let plain = Bytes::from(decompress(&block[HEADER..], size)?);
    let first = (last.position.0 + 1).checked_sub(count as u64)?;
    let mut start = count.checked_mul(4)?;
    let mut frames = Vec::with_capacity(count.min(size / 4));
    for (number, position) in (0..count).zip(first..) {
        let length = plain.get(number * 4..number * 4 + 4)?;
        let length = u32::from_le_bytes(length.try_into().ok()?);
        let end = start + (length & !CUT) as usize;
        if end > plain.len() {
            return None;
        }
        let frame = Frame {
            id: EventId::new(last.attempt, Position(position)),
            bytes: plain.slice(start..end),
        };
        frames.push(Unpacked {
            frame,
            cut: length & CUT != 0,
            is_gist: false,
        });
        start = end;
    }
    (start == plain.len() && first > 0 && count > 0).then_some(frames)
}

/// Reads a gist back; nothing if it is not what was stored under this ID.
pub(super) fn unpack_gist(last: EventId, block: &[u8]) -> Option<Vec<Unpacked>> {
    let mut events = unpack(last, block)?;
    for event in &mut events {
        event.is_gist = true;
    }
    Some(events)
}

/// Bytes that a block has before packing, as it says itself.
pub(super) fn unpacked_size(block: &[u8]) -> usize {
    header(block).map_or(0, |[_, _, size]| size as usize)
}

/// Reads the whole data of one event back; nothing if it is not what was stored under this ID.
pub(super) fn unpack_whole(id: EventId, block: &[u8]) -> Option<Bytes> {
    let [whole] = unpack(id, block)?.try_into().ok()?;
    let Unpacked { frame, .. } = whole;
    Some(frame.bytes)
}

fn header(block: &[u8]) -> Option<[u32; 3]> {
    let word = |at: usize| {
        let bytes = block.get(at..at + 4)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    };
    Some([word(0)?, word(4)?, word(8)?])
}

/// CRC-32 of a block together with the ID that it is stored under: a block that has moved is as wrong as one that has changed.
fn checksum(last: EventId, bytes: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&last.attempt.0.to_le_bytes());
    crc.update(&last.position.0.to_le_bytes());
    crc.update(bytes);
    crc.finalize()
}

fn length_of(data: &[u8]) -> u32 {
    let length = short(data.len());
    assert!(length < CUT, "events are far below 2 GiB");
    length
}

fn short(length: usize) -> u32 {
    u32::try_from(length).expect("blocks are far below 4 GiB")
}

thread_local! {
    // A context is larger than what it packs: each thread keeps one.
    static PACKER: RefCell<Compressor<'static>> = RefCell::new(
        Compressor::new(LEVEL).expect("the level is one that zstd knows")
    );
    static UNPACKER: RefCell<Decompressor<'static>> = RefCell::new(
        Decompressor::new().expect("a context without a dictionary is always made")
    );
}

fn compress(plain: &[u8]) -> Vec<u8> {
    PACKER.with_borrow_mut(|packer| {
        packer
            .compress(plain)
            .expect("the buffer has the room that zstd asks for")
    })
}

fn decompress(packed: &[u8], size: usize) -> Option<Vec<u8>> {
    let plain = UNPACKER.with_borrow_mut(|unpacker| unpacker.decompress(packed, size));
    plain.ok().filter(|plain| plain.len() == size)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entries(count: usize, size: usize) -> Vec<Entry> {
        let frame = |number: usize| Bytes::from(number.to_string().repeat(size)[..size].to_owned());
        let entry = |number| Entry {
            frame: frame(number),
            gist: None,
            whole: None,
        };
        (0..count).map(entry).collect()
    }

    fn pack_all(entries: &[Entry]) -> Vec<Block> {
        pack(Attempt(7), Position(5), entries)
    }

    fn unpack_block(block: &Block) -> Option<Vec<Unpacked>> {
        unpack(EventId::new(Attempt(7), block.last), &block.bytes)
    }

    proptest! {
        #[test]
        fn frames_come_back_in_order_with_their_ids(frames in prop::collection::vec((0_usize..40_000, any::<bool>()), 1..40)) {
            let entry = |(size, cut): &(usize, bool)| Entry {
                frame: vec![b'x'; *size].into(),
                gist: None,
                whole: cut.then(Bytes::new),
            };
            let entries: Vec<_> = frames.iter().map(entry).collect();
            let read: Vec<_> = pack_all(&entries).iter().flat_map(|block| unpack_block(block).unwrap()).collect();
            for (position, (read, entry)) in (5..).zip(read.iter().zip(&entries)) {
                prop_assert_eq!(read.frame.id, EventId::new(Attempt(7), Position(position)));
                prop_assert_eq!(&read.frame.bytes, &entry.frame);
                prop_assert_eq!(read.cut, entry.whole.is_some());
            }
            prop_assert_eq!(read.len(), entries.len());
        }

        #[test]
        fn a_damaged_block_is_refused(at in 0_usize..100_000, bit in 0_u32..8) {
            let mut block = pack_all(&entries(16, 300)).remove(0);
            let at = at % block.bytes.len();
            block.bytes[at] ^= 1 << bit;
            prop_assert_eq!(unpack_block(&block), None);
        }
    }

    #[test]
    fn whole_data_comes_back_under_its_id() {
        let id = EventId::new(Attempt(7), Position(5));
        let packed = pack_whole(id, b"whole");
        assert_eq!(
            unpack_whole(id, &packed),
            Some(Bytes::from_static(b"whole"))
        );
        let other = EventId::new(Attempt(7), Position(6));
        assert_eq!(unpack_whole(other, &packed), None);
    }

    #[test]
    fn a_block_under_another_id_or_cut_short_is_refused() {
        let block = pack_all(&entries(4, 100)).remove(0);
        for id in [
            EventId::new(Attempt(7), Position(9)),
            EventId::new(Attempt(8), block.last),
        ] {
            assert_eq!(unpack(id, &block.bytes), None);
        }
        for length in 0..block.bytes.len() {
            let id = EventId::new(Attempt(7), block.last);
            assert_eq!(unpack(id, &block.bytes[..length]), None);
        }
    }

    #[test]
    fn a_gist_has_the_data_of_all_events_without_formats() {
        let id = |position| EventId::new(Attempt(7), Position(position));
        let frame = |data: &str| Bytes::from(format!("event:progress\ndata:{data}\nid:7-5\n\n"));
        let entry = |frame, gist| Entry {
            frame,
            gist,
            whole: None,
        };
        let page = entry(frame(&"x".repeat(500)), Some(Bytes::from_static(b"page")));
        let entries = [page, entry(frame("skipped"), None)];
        let block = pack_all(&entries).remove(0);
        let events = unpack(id(6), &block.gist.unwrap()).unwrap();
        let data: Vec<_> = events.iter().map(|event| &event.frame.bytes[..]).collect();
        assert_eq!(data, [&b"page"[..], b"skipped"]);
        assert_eq!(pack_all(&entries[1..]).remove(0).gist, None);
    }

    #[test]
    fn frames_of_one_shape_shrink_to_a_sixth() {
        let blocks = pack_all(&entries(16, 600));
        let packed: usize = blocks.iter().map(|block| block.bytes.len()).sum();
        assert!(packed < 16 * 100, "{packed}");
    }

    #[test]
    fn a_block_holds_64_kib_or_one_frame() {
        let blocks = pack_all(&entries(10, 20_000));
        let lasts: Vec<_> = blocks.iter().map(|block| block.last.0).collect();
        assert_eq!(lasts, [7, 10, 13, 14]);
        assert_eq!(pack_all(&entries(2, 200_000)).len(), 2);
    }
}
