//! The way through a page, piece by piece.

use super::attributes::Attributes;
use super::find::find;
use super::foreign::Foreign;
use super::raw::{self, Raw};
use super::sink::{Kind, Sink, StartTag};
use super::skipped::{self, Opening, Skipped};
use super::tag::Tag;

/// Bytes of a piece's end that may have to wait for the next piece, at most: the longest is `</noscript` or `</textarea`.
const MAX_HELD: usize = 16;
/// Bytes that are put behind them: enough to see what they are.
const LOOK_AHEAD: usize = 2 * MAX_HELD;

/// Reads one page. Its findings do not depend on how the page is cut.
#[derive(Debug)]
pub(in crate::extract) struct Scanner {
    state: State,
    foreign: Foreign,
    /// The end of the last piece, whose meaning the next one decides.
    held: String,
    /// The kind of the text that was told without its end.
    open_text: Option<Kind>,
}

/// The part of a page that the end of the last piece stands in.
#[derive(Debug)]
enum State {
    Content,
    Raw(Raw),
    Tag(Tag),
    Skipped(Skipped),
}

/// The next step of the way.
enum Next {
    /// The page goes on here.
    At(usize),
    /// The piece is read up to here; its rest is put before the next piece.
    Held(usize),
}

impl Scanner {
    pub(in crate::extract) const fn new() -> Self {
        Self {
            state: State::Content,
            foreign: Foreign::new(),
            held: String::new(),
            open_text: None,
        }
    }

    /// Reads the next piece.
    pub(in crate::extract) fn feed(&mut self, piece: &str, sink: &mut impl Sink) {
        let rest = self.feed_held(piece, sink);
        let read = self.scan(rest, false, sink);
        self.held.push_str(&rest[read..]);
    }

    /// Ends the page. A tag that has not ended is none.
    pub(in crate::extract) fn end(&mut self, sink: &mut impl Sink) {
        let held = std::mem::take(&mut self.held);
        self.scan(&held, true, sink);
        if let Some(kind) = self.open_text {
            sink.text("", kind, true);
        }
    }

    /// Reads what was held with the start of the next piece. Returns the rest of that.
    fn feed_held<'a>(&mut self, piece: &'a str, sink: &mut impl Sink) -> &'a str {
        if self.held.is_empty() {
            return piece;
        }
        let mut joined = std::mem::take(&mut self.held);
        let held = joined.len();
        joined.push_str(&piece[..piece.floor_char_boundary(LOOK_AHEAD)]);
        let read = self.scan(&joined, false, sink);
        match read.checked_sub(held) {
            Some(read) => &piece[read..],
            // Then it is short, and all of it was joined.
            None => {
                joined.drain(..read);
                self.held = joined;
                ""
            }
        }
    }

    /// Reads `text` and returns how far: all of it but what has to be held, and all of it if it is the `last`.
    fn scan(&mut self, text: &str, last: bool, sink: &mut impl Sink) -> usize {
        let mut at = 0;
        while at < text.len() {
            let next = match &mut self.state {
                State::Content => self.content(text, at, last, sink),
                State::Raw(raw) => {
                    let end = raw.end(text.as_bytes(), at, last);
                    self.raw(end, text, at, sink)
                }
                State::Tag(tag) => {
                    let tag = std::mem::replace(tag, Tag::new(false));
                    self.state = State::Content;
                    Next::At(self.tag(tag, text, at, sink))
                }
                State::Skipped(skipped) => match skipped.end(text.as_bytes(), at) {
                    skipped::End::At(end) => {
                        self.state = State::Content;
                        Next::At(end)
                    }
                    skipped::End::CutAt(end) => Next::Held(end),
                },
            };
            match next {
                Next::At(next) => at = next,
                Next::Held(from) => return from,
            }
        }
        at
    }

    /// Reads text up to the next tag or comment, and the beginning of that.
    fn content(&mut self, text: &str, start: usize, last: bool, sink: &mut impl Sink) -> Next {
        let bytes = text.as_bytes();
        let mut at = start;
        while let Some(found) = find(b'<', bytes, at) {
            at = found;
            let behind = &bytes[at + 1..];
            let before = &text[start..at];
            match behind {
                [b'a'..=b'z' | b'A'..=b'Z', ..] => {
                    self.end_text(before, self.kind(), sink);
                    return Next::At(self.tag(Tag::new(false), text, at + 1, sink));
                }
                [b'/', b'a'..=b'z' | b'A'..=b'Z', ..] => {
                    self.end_text(before, self.kind(), sink);
                    return Next::At(self.tag(Tag::new(true), text, at + 2, sink));
                }
                [b'/', b'>', ..] => {
                    self.end_text(before, self.kind(), sink);
                    return Next::At(at + 3);
                }
                [b'!' | b'?', ..] | [b'/', _, ..] => {
                    let opening = Skipped::open(behind, self.foreign.is_current(), last);
                    return self.open_skipped(opening, before, at, sink);
                }
                [] | [b'/'] if !last => {
                    self.text(before, self.kind(), sink);
                    return Next::Held(at);
                }
                _ => at += 1,
            }
        }
        self.text(&text[start..], self.kind(), sink);
        Next::At(text.len())
    }

    /// Takes in the text before what is passed over, and the `opening` of that at `at`.
    fn open_skipped(
        &mut self,
        opening: Opening,
        before: &str,
        at: usize,
        sink: &mut impl Sink,
    ) -> Next {
        let length = match opening {
            Opening::Cut => {
                self.text(before, self.kind(), sink);
                return Next::Held(at);
            }
            Opening::Whole(length) => length,
            Opening::Of(skipped, length) => {
                self.state = State::Skipped(skipped);
                length
            }
        };
        self.end_text(before, self.kind(), sink);
        Next::At(at + 1 + length)
    }

    /// Takes in the text of an element that holds nothing else, from `start` to its `end`.
    fn raw(&mut self, end: raw::End, text: &str, start: usize, sink: &mut impl Sink) -> Next {
        match end {
            raw::End::At(end) => {
                self.end_text(&text[start..end], Kind::Raw, sink);
                self.state = State::Content;
                Next::At(self.tag(Tag::new(true), text, end + 2, sink))
            }
            raw::End::CutAt(end) => {
                self.text(&text[start..end], Kind::Raw, sink);
                Next::Held(end)
            }
        }
    }

    /// Reads a tag from `at` up to its end, or to the end of this piece.
    fn tag(&mut self, mut tag: Tag, text: &str, at: usize, sink: &mut impl Sink) -> usize {
        let is_read = |name| sink.reads(name) || self.foreign.reads(name);
        let Some(tag) = tag.read(text, at, is_read) else {
            self.state = State::Tag(tag);
            return text.len();
        };
        if tag.is_end {
            self.foreign.end(tag.name);
            sink.end(tag.name);
            return tag.next;
        }
        let attributes = Attributes(&tag.attributes);
        let is_of_page = self.foreign.start(tag.name, attributes, tag.closes_itself);
        if is_of_page && let Some(raw) = Raw::of(tag.name) {
            self.state = State::Raw(raw);
        }
        sink.start(&StartTag {
            name: tag.name,
            is_foreign: !is_of_page,
            attributes,
        });
        tag.next
    }

    /// Tells a piece of text that may go on.
    fn text(&mut self, piece: &str, kind: Kind, sink: &mut impl Sink) {
        if !piece.is_empty() {
            self.open_text = Some(kind);
            sink.text(piece, kind, false);
        }
    }

    fn end_text(&mut self, piece: &str, kind: Kind, sink: &mut impl Sink) {
        if self.open_text.take().is_some() || !piece.is_empty() {
            sink.text(piece, kind, true);
        }
    }

    /// The kind of text between tags.
    const fn kind(&self) -> Kind {
        if self.foreign.is_empty() {
            Kind::Content
        } else {
            Kind::Foreign
        }
    }
}
