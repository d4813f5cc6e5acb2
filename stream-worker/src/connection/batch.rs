//! Frames on their way into a socket that may take only a part of them.

use std::io::{self, IoSlice};

use shared::{EventId, Frame};
use tokio::net::TcpStream;

use super::chunks::{Chunks, Next};

/// Slices handed to the kernel in one call at most.
const MAX_SLICES: usize = 128;
/// Slices of a single frame: the size of its chunk, the frame, the line end.
const FEW_SLICES: usize = 3;

/// Frames, and how far they have been written.
#[derive(Default)]
pub(super) struct Batch {
    frames: Vec<Frame>,
    /// Frames that are out whole.
    done: usize,
    /// Bytes of the next one that are out.
    part: usize,
}

impl Batch {
    /// Frames of whose first one `skip` bytes are out already.
    pub(super) const fn new(frames: Vec<Frame>, skip: usize) -> Self {
        Self {
            frames,
            done: 0,
            part: skip,
        }
    }

    /// True once all frames are out, and the chunk that they end in is completed.
    pub(super) fn is_out(&self, chunks: &Chunks) -> bool {
        self.done == self.frames.len() && !chunks.needs_line_end()
    }

    /// Writes what the socket takes in one call; answers how many bytes it took.
    ///
    /// # Errors
    /// The socket's, `WouldBlock` among them.
    pub(super) fn try_write(
        &mut self,
        socket: &TcpStream,
        chunks: &mut Chunks,
    ) -> io::Result<usize> {
        let next = chunks.open(self.left());
        let written = if self.frames.len() - self.done <= 1 {
            self.gather::<FEW_SLICES, _>(&next, |slices| socket.try_write_vectored(slices))
        } else {
            self.gather::<MAX_SLICES, _>(&next, |slices| socket.try_write_vectored(slices))
        }?;
        self.advance(chunks.advance(written));
        Ok(written)
    }

    /// Shows `write` the bytes that come next: what is before the data, the data, and what is after it.
    pub(super) fn gather<const SLICES: usize, T>(
        &self,
        next: &Next,
        write: impl FnOnce(&[IoSlice<'_>]) -> T,
    ) -> T {
        let mut slices = [IoSlice::new(&[]); SLICES];
        let mut count = 0;
        let mut push = |bytes| {
            slices[count] = IoSlice::new(bytes);
            count += 1;
        };
        if !next.before().is_empty() {
            push(next.before());
        }
        let (mut data, mut part) = (next.data, self.part);
        // Room for what is before and after.
        for frame in self.frames[self.done..].iter().take(SLICES - 2) {
            if data == 0 {
                break;
            }
            let rest = &frame.bytes[part..];
            let rest = &rest[..rest.len().min(data)];
            push(rest);
            data -= rest.len();
            part = 0;
        }
        if data == 0 && !next.after.is_empty() {
            push(next.after);
        }
        write(&slices[..count])
    }

    /// Notes that so many bytes of the frames are out.
    pub(super) fn advance(&mut self, mut data: usize) {
        while let Some(frame) = self.frames.get(self.done) {
            let left = frame.bytes.len() - self.part;
            if data < left {
                self.part += data;
                return;
            }
            data -= left;
            self.done += 1;
            self.part = 0;
        }
    }

    /// The last frame that is out whole, if any is, and the bytes of the next that are.
    pub(super) fn progress(&self) -> (Option<EventId>, usize) {
        let whole = self
            .done
            .checked_sub(1)
            .and_then(|last| self.frames.get(last))
            .map(|frame| frame.id);
        (whole, self.part)
    }

    /// Number of frames that are out whole.
    pub(super) const fn done(&self) -> usize {
        self.done
    }

    /// Bytes of data that are still to go.
    pub(super) fn left(&self) -> usize {
        self.frames[self.done..]
            .iter()
            .map(|frame| frame.bytes.len())
            .sum::<usize>()
            - self.part
    }
}
