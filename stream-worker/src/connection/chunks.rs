//! The chunked coding of a body (RFC 9112, section 7.1), for a socket that may stop at any byte.
//!
//! It owns the bytes around the data: the size before each chunk, the line end after it, and the last chunk. It refuses
//! to know what the data are. A size that is out is a promise: only so many bytes of data may follow, so what is
//! remembered of a chunk outlives the buffer that it was to be filled from.

use bytes::{Bytes, BytesMut};
use shared::sse;

/// Tells that the body is whole. A body that lacks it was cut, and every client can see that.
const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

const LINE_END: &[u8] = b"\r\n";

/// Eight hexadecimal digits and a line end.
const MAX_SIZE_LINE: usize = 10;

/// The mark by which the client knows the end of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delimiter {
    /// Its socket is closed: all that HTTP/1.0 knows.
    Close,
    /// A last chunk comes, which tells a whole body from one that was cut.
    LastChunk,
}

/// A body on its way out.
#[derive(Debug)]
pub(super) struct Chunks {
    delimiter: Delimiter,
    /// Bytes of data in the chunk that is open; 0 while none is.
    size: u32,
    /// Bytes of that chunk that are out, those around the data included.
    out: u32,
}

/// The bytes that may be written next: some before the data, so much data, some after it.
#[derive(Debug)]
pub(super) struct Next {
    line: [u8; MAX_SIZE_LINE],
    line_rest: std::ops::Range<usize>,
    /// Bytes of data that still belong to the open chunk.
    pub(super) data: usize,
    /// Written once all of `data` is.
    pub(super) after: &'static [u8],
}

impl Next {
    /// Written before the data.
    pub(super) fn before(&self) -> &[u8] {
        &self.line[self.line_rest.clone()]
    }
}

impl Chunks {
    pub(super) const fn new(delimiter: Delimiter) -> Self {
        Self {
            delimiter,
            size: 0,
            out: 0,
        }
    }

    /// True while a chunk has begun that must be completed before anything else is written.
    pub(super) const fn is_begun(&self) -> bool {
        self.out > 0
    }

    /// True while only the line end of the chunk is missing, which needs no data.
    pub(super) fn needs_line_end(&self) -> bool {
        self.is_begun() && self.next(0).data == 0
    }

    /// The bytes that may go out next, of `available` bytes of data. Opens a chunk of all of them if none has begun.
    pub(super) fn open(&mut self, available: usize) -> Next {
        if !self.is_begun() && self.delimiter == Delimiter::LastChunk {
            // A chunk of nothing would be the last one.
            self.size = u32::try_from(available).unwrap_or(u32::MAX);
        }
        self.next(available)
    }

    fn next(&self, available: usize) -> Next {
        if self.size == 0 {
            return Next {
                line: [0; MAX_SIZE_LINE],
                line_rest: 0..0,
                data: available,
                after: &[],
            };
        }
        let (line, length) = size_line(self.size);
        let (size, out) = (self.size as usize, self.out as usize);
        let ended = out.saturating_sub(length + size).min(LINE_END.len());
        Next {
            line,
            line_rest: out.min(length)..length,
            data: size - out.saturating_sub(length).min(size),
            after: &LINE_END[ended..],
        }
    }

    /// Notes that the socket took `written` bytes; answers how many of them were data.
    pub(super) fn advance(&mut self, written: usize) -> usize {
        if self.size == 0 {
            return written;
        }
        let before = self.next(0);
        let data = written
            .saturating_sub(before.before().len())
            .min(before.data);
        let whole = before.before().len() + before.data + before.after.len();
        if written >= whole {
            (self.size, self.out) = (0, 0);
        } else {
            self.out += u32::try_from(written).expect("less than a chunk was written");
        }
        data
    }

    /// `data` as a chunk of its own.
    pub(super) fn whole(&self, data: Bytes) -> Bytes {
        match (self.delimiter, u32::try_from(data.len())) {
            (Delimiter::LastChunk, Ok(size @ 1..)) => {
                let (line, length) = size_line(size);
                let mut chunk = BytesMut::with_capacity(length + data.len() + LINE_END.len());
                chunk.extend_from_slice(&line[..length]);
                chunk.extend_from_slice(&data);
                chunk.extend_from_slice(LINE_END);
                chunk.freeze()
            }
            (Delimiter::LastChunk | Delimiter::Close, _) => data,
        }
    }

    /// A heartbeat as a chunk of its own.
    pub(super) const fn heartbeat(&self) -> &'static [u8] {
        match self.delimiter {
            Delimiter::Close => sse::HEARTBEAT,
            Delimiter::LastChunk => b"2\r\n:\n\r\n",
        }
    }

    /// Written after a body that is whole.
    pub(super) const fn last(&self) -> &'static [u8] {
        match self.delimiter {
            Delimiter::Close => &[],
            Delimiter::LastChunk => LAST_CHUNK,
        }
    }
}

/// The line before a chunk of `size` bytes, and its length.
fn size_line(size: u32) -> ([u8; MAX_SIZE_LINE], usize) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = (32 - (size | 1).leading_zeros()).div_ceil(4) as usize;
    let mut line = [0; MAX_SIZE_LINE];
    for (index, place) in line[..digits].iter_mut().rev().enumerate() {
        *place = DIGITS[(size >> (4 * index) & 0xf) as usize];
    }
    line[digits..digits + LINE_END.len()].copy_from_slice(LINE_END);
    (line, digits + LINE_END.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_spelled_in_hexadecimal() {
        for size in [1, 9, 10, 15, 16, 255, 256, 65_536, u32::MAX] {
            let (line, length) = size_line(size);
            assert_eq!(line[..length], *format!("{size:x}\r\n").as_bytes());
        }
    }

    #[test]
    fn a_heartbeat_is_a_chunk() {
        let chunks = Chunks::new(Delimiter::LastChunk);
        assert_eq!(
            chunks.whole(Bytes::from_static(sse::HEARTBEAT)),
            chunks.heartbeat()
        );
    }
}
