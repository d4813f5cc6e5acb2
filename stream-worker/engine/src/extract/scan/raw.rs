//! Elements that hold text only, whatever it looks like (HTML, sections "RCDATA state" to "script data double escape end state").

use memchr::{memchr, memchr2};

use super::name::Name;
use super::names::{
    IFRAME, NOEMBED, NOFRAMES, NOSCRIPT, PLAINTEXT, SCRIPT, STYLE, TEXTAREA, TITLE, XMP,
};
use super::place::ends_name;

/// Letters of the longest of their names.
const LONGEST_NAME: usize = 8;

/// An element that is open and holds text only.
#[derive(Debug, Clone, Copy)]
pub(super) struct Raw {
    name: Name,
    escape: Escape,
}

/// A script's way to hold the end tag of another script: in what looks like a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escape {
    None,
    /// Within `<!-- … -->`.
    Comment,
    /// Within a `<script>` in there.
    Script,
}

/// The place to which the text goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The element's end tag begins here.
    At(usize),
    /// The text goes up to here at least; what follows may be an end tag and is cut.
    CutAt(usize),
}

/// A tag that may be there.
#[derive(PartialEq, Eq)]
enum Found {
    Yes,
    No,
    Cut,
}

impl Raw {
    /// The reading of the content of an element with this name; none if it holds elements.
    pub(super) const fn of(name: Name) -> Option<Self> {
        match name {
            IFRAME | NOEMBED | NOFRAMES | NOSCRIPT | PLAINTEXT | SCRIPT | STYLE | TEXTAREA
            | TITLE | XMP => Some(Self {
                name,
                escape: Escape::None,
            }),
            _ => None,
        }
    }

    /// Looks for the end from `at` on. No more text comes behind it if it is the `last`.
    pub(super) fn end(&mut self, bytes: &[u8], mut at: usize, last: bool) -> End {
        let start = at;
        while let Some(next) = self.next(bytes, at) {
            if bytes[next] == b'>' {
                if bytes[start..next].ends_with(b"--") {
                    self.escape = Escape::None;
                }
            } else {
                match self.tag(&bytes[next + 1..]) {
                    Found::Yes => return End::At(next),
                    Found::Cut if !last => return End::CutAt(next),
                    Found::No | Found::Cut => {}
                }
            }
            at = next + 1;
        }
        // Dashes may belong to the end of a comment.
        let dashes = bytes[start..].iter().rev().take(2);
        let dashes = dashes.take_while(|byte| **byte == b'-').count();
        let is_escaped = self.escape != Escape::None;
        End::CutAt(bytes.len() - if is_escaped && !last { dashes } else { 0 })
    }

    /// The next byte that may end something.
    fn next(self, bytes: &[u8], at: usize) -> Option<usize> {
        let rest = &bytes[at..];
        let next = match self.escape {
            Escape::None if self.name == PLAINTEXT => None,
            Escape::None => memchr(b'<', rest),
            Escape::Comment | Escape::Script => memchr2(b'<', b'>', rest),
        };
        Some(at + next?)
    }

    /// Looks at what may be a tag, behind its `<`. True for one that ends the element.
    fn tag(&mut self, rest: &[u8]) -> Found {
        if let Some(name) = rest.strip_prefix(b"/") {
            let found = self.is_own(name);
            if found == Found::Yes && self.escape == Escape::Script {
                self.escape = Escape::Comment;
                return Found::No;
            }
            return found;
        }
        if self.name != SCRIPT {
            return if rest.is_empty() {
                Found::Cut
            } else {
                Found::No
            };
        }
        match self.escape {
            Escape::None => {
                let opening = b"!--";
                if rest.starts_with(opening) {
                    self.escape = Escape::Comment;
                } else if opening.starts_with(rest) {
                    return Found::Cut;
                }
            }
            Escape::Comment => match self.is_own(rest) {
                Found::Yes => self.escape = Escape::Script,
                Found::Cut => return Found::Cut,
                Found::No => {}
            },
            Escape::Script if rest.is_empty() => return Found::Cut,
            Escape::Script => {}
        }
        Found::No
    }

    /// True if the element's own name begins here.
    fn is_own(self, bytes: &[u8]) -> Found {
        let (name, end) = Name::NONE.read(&bytes[..bytes.len().min(LONGEST_NAME + 1)], 0);
        match bytes.get(end) {
            None if end <= LONGEST_NAME => Found::Cut,
            Some(byte) if name == self.name && ends_name(*byte) => Found::Yes,
            Some(_) | None => Found::No,
        }
    }
}
