//! The last frames of a log, shared by every watcher that keeps up.

use std::collections::VecDeque;

use shared::{Frame, Position};

/// Consecutive frames up to the head, within a budget of bytes.
#[derive(Debug, Default)]
pub(super) struct Tail {
    frames: VecDeque<Frame>,
    bytes: usize,
    budget: usize,
}

impl Tail {
    pub(super) fn new(budget: usize) -> Self {
        Self {
            frames: VecDeque::new(),
            bytes: 0,
            budget,
        }
    }

    /// Adds frames at the head. A gap before them empties the tail first: a reader then finds its place in the journal.
    pub(super) fn extend(&mut self, frames: &[Frame]) {
        for frame in frames {
            let expected = self.frames.back().map(|last| last.id.position.next());
            match expected {
                Some(expected) if frame.id.position < expected => continue,
                Some(expected) if frame.id.position > expected => self.clear(),
                Some(_) | None => {}
            }
            self.bytes += frame.bytes.len();
            self.frames.push_back(frame.clone());
        }
        while self.bytes > self.budget
            && let Some(oldest) = self.frames.pop_front()
        {
            self.bytes -= oldest.bytes.len();
        }
    }

    /// Empties the tail: the head has moved past it.
    pub(super) fn clear(&mut self) {
        self.frames.clear();
        self.bytes = 0;
    }

    /// Frames after `position`, at least one and about `budget` bytes; nothing if the next one is not here.
    pub(super) fn after(&self, position: Position, budget: usize) -> Option<Vec<Frame>> {
        let first = self.frames.front()?.id.position;
        let next = position.next();
        if next < first {
            return None;
        }
        let skip = usize::try_from(next.0 - first.0).ok()?;
        let mut bytes = 0;
        let frames: Vec<Frame> = self
            .frames
            .iter()
            .skip(skip)
            .take_while(|frame| {
                let fits = bytes < budget;
                bytes += frame.bytes.len();
                fits
            })
            .cloned()
            .collect();
        (!frames.is_empty()).then_some(frames)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;
    use shared::{Attempt, EventId};

    use super::*;

    fn frame(position: u64) -> Frame {
        Frame {
            id: EventId::new(Attempt(1), Position(position)),
            bytes: Bytes::from(vec![b'x'; 10]),
        }
    }

    fn frames(range: std::ops::RangeInclusive<u64>) -> Vec<Frame> {
        range.map(frame).collect()
    }

    #[test]
    fn a_reader_at_the_tail_gets_what_follows_its_place() {
        let mut tail = Tail::new(1000);
        tail.extend(&frames(1..=5));
        assert_eq!(tail.after(Position(2), 1000), Some(frames(3..=5)));
        assert_eq!(tail.after(Position(5), 1000), None);
        assert_eq!(tail.after(Position(0), 15), Some(frames(1..=2)));
    }

    #[test]
    fn a_reader_behind_the_tail_is_sent_to_the_journal() {
        let mut tail = Tail::new(30);
        tail.extend(&frames(1..=10));
        assert_eq!(tail.after(Position(6), 1000), None);
        assert_eq!(tail.after(Position(7), 1000), Some(frames(8..=10)));
    }

    #[test]
    fn a_gap_empties_the_tail() {
        let mut tail = Tail::new(1000);
        tail.extend(&frames(1..=3));
        tail.extend(&frames(7..=8));
        assert_eq!(tail.after(Position(3), 1000), None);
        assert_eq!(tail.after(Position(6), 1000), Some(frames(7..=8)));
    }

    proptest! {
        #[test]
        fn whatever_comes_a_reader_sees_consecutive_positions(chunks in prop::collection::vec((1_u64..40, 0_u64..6), 1..20), from in 0_u64..60) {
            let mut tail = Tail::new(120);
            for (start, length) in chunks {
                tail.extend(&frames(start..=start + length));
            }
            if let Some(seen) = tail.after(Position(from), usize::MAX) {
                for (index, frame) in seen.iter().enumerate() {
                    prop_assert_eq!(frame.id.position.0, from + 1 + index as u64);
                }
            }
            prop_assert!(tail.bytes <= 120);
        }
    }
}
