//! The pattern of one rule, and the paths that it is held against (RFC 9309, sections 2.2.2 and 2.2.3).
//!
//! Both sides have one normal form, since a rule may be written in another spelling than a URL: octets beyond ASCII are
//! escaped, escapes of unreserved characters are undone, those that stay have capital digits. In a query the escapes of
//! delimiters such as `:` and `/` are undone too, for forms send them so. A `*` or `$` in a URL is escaped, so that `%2A`
//! in a rule means it.

use std::borrow::Cow;

use memchr::memmem;
use url::{Position, Url};

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// The paths that one rule is about.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    /// In normal form, with its wildcards.
    text: Box<[u8]>,
    /// True if a path must end where the pattern does: it ended in `$`.
    ends: bool,
}

/// A URL's path and query in normal form.
#[derive(Debug)]
pub(crate) struct Subject<'a>(Cow<'a, [u8]>);

impl Pattern {
    /// The pattern that a rule's value names.
    pub(crate) fn new(value: &[u8]) -> Self {
        let (value, ends) = match value.strip_suffix(b"$") {
            Some(rest) => (rest, true),
            None => (value, false),
        };
        Self {
            text: normal(value, Side::Rule).into(),
            ends,
        }
    }

    /// The number of its octets. The longest match wins, as the most specific.
    pub(crate) fn length(&self) -> usize {
        self.text.len() + usize::from(self.ends)
    }

    /// The same pattern for the directory, if it names a directory's `index.html`.
    pub(crate) fn of_directory(&self) -> Option<Self> {
        let directory = self.text.strip_suffix(b"index.html")?;
        directory.ends_with(b"/").then(|| Self {
            text: directory.into(),
            ends: true,
        })
    }

    /// True if a path matches. Takes time in proportion to both lengths, however many wildcards there are.
    pub(crate) fn matches(&self, subject: &Subject<'_>) -> bool {
        let mut parts = self.text.split(|&byte| byte == b'*').peekable();
        let first = parts.next().unwrap_or_default();
        let Some(mut rest) = subject.0.strip_prefix(first) else {
            return false;
        };
        if parts.peek().is_none() {
            return !self.ends || rest.is_empty();
        }
        while let Some(part) = parts.next() {
            if self.ends && parts.peek().is_none() {
                return rest.ends_with(part);
            }
            match memmem::find(rest, part) {
                Some(at) => rest = &rest[at + part.len()..],
                None => return false,
            }
        }
        true
    }
}

impl<'a> Subject<'a> {
    /// The path and query of `url`.
    pub(crate) fn of(url: &'a Url) -> Self {
        Self::new(&url[Position::BeforePath..Position::AfterQuery])
    }

    /// A path with its query.
    pub(crate) fn new(path: &'a str) -> Self {
        let is_plain = |byte: u8| byte.is_ascii() && !matches!(byte, b'%' | b'*' | b'$');
        if path.bytes().all(is_plain) {
            Self(Cow::Borrowed(path.as_bytes()))
        } else {
            Self(Cow::Owned(normal(path.as_bytes(), Side::Url)))
        }
    }
}

/// The side that a text is on. A rule's `*` is a wildcard, a URL's is a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Rule,
    Url,
}

fn normal(text: &[u8], side: Side) -> Vec<u8> {
    let mut normal = Vec::with_capacity(text.len());
    let mut in_query = false;
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let escaped = (byte == b'%').then(|| escaped_byte(text, at)).flatten();
        at += if escaped.is_some() { 3 } else { 1 };
        match escaped {
            Some(value) if is_unreserved(value) || in_query && is_delimiter(value) => {
                normal.push(value);
            }
            Some(value) => escape(&mut normal, value),
            None if is_to_escape(byte, side) => escape(&mut normal, byte),
            None => normal.push(byte),
        }
        in_query |= byte == b'?';
    }
    normal
}

const fn is_to_escape(byte: u8, side: Side) -> bool {
    match byte {
        b'$' => true,
        b'*' => matches!(side, Side::Url),
        _ => !byte.is_ascii(),
    }
}

fn escape(normal: &mut Vec<u8>, byte: u8) {
    let digit = |half: u8| HEX[usize::from(half)];
    normal.extend([b'%', digit(byte >> 4), digit(byte & 0xf)]);
}

fn escaped_byte(text: &[u8], at: usize) -> Option<u8> {
    let digit = |offset: usize| char::from(*text.get(at + offset)?).to_digit(16);
    u8::try_from(digit(1)? * 16 + digit(2)?).ok()
}

const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// True for a general delimiter of RFC 3986 that a query may hold as it is.
const fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b':' | b'/' | b'?' | b'@' | b'[' | b']')
}
