//! Frames on their way into a socket that may take only a part of them.

use std::io::{self, IoSlice};

use shared::{EventId, Frame};
use tokio::net::TcpStream;

/// Slices handed to the kernel in one call at most.
const MAX_SLICES: usize = 128;

/// Frames, and how far they have been written.
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

    /// Writes as much as the socket takes now; true once all is out.
    ///
    /// # Errors
    /// The socket's, `WouldBlock` among them; [`progress`](Self::progress) says how far it came.
    pub(super) fn try_write(&mut self, socket: &TcpStream) -> io::Result<bool> {
        while self.done < self.frames.len() {
            let written = self.try_write_once(socket)?;
            self.advance(written);
        }
        Ok(true)
    }

    fn try_write_once(&self, socket: &TcpStream) -> io::Result<usize> {
        let rest = &self.frames[self.done..];
        if let [only] = rest {
            return socket.try_write(&only.bytes[self.part..]);
        }
        let mut slices = [IoSlice::new(&[]); MAX_SLICES];
        let count = rest.len().min(MAX_SLICES);
        for (slice, frame) in slices.iter_mut().zip(rest) {
            *slice = IoSlice::new(&frame.bytes);
        }
        slices[0] = IoSlice::new(&rest[0].bytes[self.part..]);
        socket.try_write_vectored(&slices[..count])
    }

    fn advance(&mut self, mut written: usize) {
        while let Some(frame) = self.frames.get(self.done) {
            let left = frame.bytes.len() - self.part;
            if written < left {
                self.part += written;
                return;
            }
            written -= left;
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

    /// How many frames are out whole.
    pub(super) const fn done(&self) -> usize {
        self.done
    }

    /// Bytes that are still to go.
    pub(super) fn left(&self) -> usize {
        self.frames[self.done..]
            .iter()
            .map(|frame| frame.bytes.len())
            .sum::<usize>()
            - self.part
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;
    use shared::{Attempt, Position};

    use super::*;

    proptest! {
        #[test]
        fn progress_says_exactly_what_is_out(lengths in prop::collection::vec(1_usize..50, 1..20), skip in 0_usize..50, writes in prop::collection::vec(0_usize..80, 0..40)) {
            let frames: Vec<Frame> = lengths.iter().enumerate().map(|(index, length)| Frame {
                id: EventId::new(Attempt(1), Position(index as u64 + 1)),
                bytes: Bytes::from(vec![b'x'; *length]),
            }).collect();
            let skip = skip.min(lengths[0] - 1);
            let total: usize = lengths.iter().sum::<usize>() - skip;
            let mut batch = Batch::new(frames, skip);
            let mut out = 0;
            for write in writes {
                let write = write.min(total - out);
                batch.advance(write);
                out += write;
                let (whole, part) = batch.progress();
                let before: usize = lengths[..whole.map_or(0, |id| usize::try_from(id.position.0).unwrap())].iter().sum();
                prop_assert_eq!(before + part, out + skip);
                prop_assert_eq!(batch.left(), total - out);
            }
        }
    }
}
