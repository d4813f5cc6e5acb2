//! The parts of a log, by the attempts that wrote them, and the comparison of cursors with them.

use shared::{Attempt, EventId, Position};

use crate::journal::Cursor;

/// The parts of a log in order, one for each attempt: its number, and the position after the head at which it began. It wrote
/// up to where the next one began, which may be nothing.
///
/// Attempts' numbers are never given twice, and each attempt writes in order from its first position on. So a number that is
/// here says what came before it, even if the log lost its tail since.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Spans(Vec<Span>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    attempt: Attempt,
    first: Position,
}

impl Spans {
    /// Reads `attempt:first` for each part, with commas between.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let span = |part: &str| {
            let (attempt, first) = part.split_once(':')?;
            Some(Span {
                attempt: Attempt(attempt.parse().ok()?),
                first: Position(first.parse().ok()?),
            })
        };
        if text.is_empty() {
            return Some(Self::default());
        }
        let spans: Vec<_> = text.split(',').map(span).collect::<Option<_>>()?;
        let in_order = spans.is_sorted_by(|a, b| a.attempt < b.attempt && a.first <= b.first);
        in_order.then_some(Self(spans))
    }

    /// The attempt that wrote, or would write, at a position.
    pub(super) fn writer_of(&self, position: Position) -> Option<Attempt> {
        let after = self.0.partition_point(|span| span.first <= position);
        Some(self.0[after.checked_sub(1)?].attempt)
    }

    /// The event at `position`; the start for position 0.
    fn event_at(&self, position: Position) -> EventId {
        match self.writer_of(position) {
            Some(attempt) if position.0 > 0 => EventId::new(attempt, position),
            _ => EventId::START,
        }
    }

    /// Compares a cursor with a log of these parts whose last event is at `head`.
    pub(super) fn locate(&self, cursor: EventId, head: Position) -> Cursor {
        if cursor == EventId::START {
            return Cursor::Valid;
        }
        let Ok(index) = self
            .0
            .binary_search_by_key(&cursor.attempt, |span| span.attempt)
        else {
            // Of this log in another history, or of another log. It is tempting to search for the next later attempt: but an
            // earlier one may have gone on after the one that was lost.
            return Cursor::Unknown;
        };
        if cursor.position < self.0[index].first {
            return Cursor::Unknown;
        }
        let last = match self.0.get(index + 1) {
            Some(next) => Position(next.first.0 - 1),
            None => head,
        };
        if cursor.position <= last {
            return Cursor::Valid;
        }
        Cursor::LostTail {
            after: self.event_at(last),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn id(attempt: u32, position: u64) -> EventId {
        EventId::new(Attempt(attempt), Position(position))
    }

    /// 1 to 3 by attempt 10, nothing by 20, 4 to 6 by 30.
    fn located(attempt: u32, position: u64) -> Cursor {
        let spans = Spans::parse("10:1,20:4,30:4").unwrap();
        spans.locate(id(attempt, position), Position(6))
    }

    #[test]
    fn an_event_of_its_attempts_part_is_valid() {
        for cursor in [(10, 1), (10, 3), (30, 4), (30, 6)] {
            assert_eq!(located(cursor.0, cursor.1), Cursor::Valid);
        }
        assert_eq!(
            Spans::default().locate(EventId::START, Position(0)),
            Cursor::Valid
        );
    }

    #[test]
    fn an_event_beyond_its_attempts_part_is_lost_from_the_end_of_that_part_on() {
        let lost = |attempt, position| Cursor::LostTail {
            after: id(attempt, position),
        };
        assert_eq!(located(10, 4), lost(10, 3));
        assert_eq!(located(20, 4), lost(10, 3));
        assert_eq!(located(30, 9), lost(30, 6));
    }

    #[test]
    fn an_event_of_an_attempt_that_the_log_does_not_know_is_unknown() {
        for cursor in [(9, 1), (11, 2), (25, 4), (40, 7), (30, 3)] {
            assert_eq!(located(cursor.0, cursor.1), Cursor::Unknown);
        }
    }

    #[test]
    fn parts_out_of_order_are_refused() {
        for text in ["1:1,1:2", "2:1,1:2", "1:4,2:3", "1", "1:x", "1:1,"] {
            assert_eq!(Spans::parse(text), None, "{text}");
        }
    }
}
