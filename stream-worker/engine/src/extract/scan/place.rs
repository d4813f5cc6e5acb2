//! The way through a tag to its end (HTML, sections "before attribute name state" to "self-closing start tag state").

use super::find::find;

/// The place behind a tag's name that has been reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// An attribute may begin, or the tag end.
    Between,
    /// Behind a slash: if the tag ends here, it closes itself.
    Slash,
    /// In an attribute's name.
    Name,
    /// Behind it: a value may follow.
    AfterName,
    /// Behind the sign of equality.
    Equals,
    DoubleQuoted,
    SingleQuoted,
    Unquoted,
}

impl Place {
    /// Goes on from `at` to the `>` that ends the tag. None if that is not there.
    pub(super) fn end(&mut self, bytes: &[u8], at: usize) -> Option<usize> {
        let mut place = *self;
        let end = place.walk(bytes, at);
        *self = place;
        end
    }

    #[inline]
    fn walk(&mut self, bytes: &[u8], mut at: usize) -> Option<usize> {
        loop {
            at = match self {
                Self::Between => after_plain_attributes(bytes, at),
                Self::DoubleQuoted => find(b'"', bytes, at)?,
                Self::SingleQuoted => find(b'\'', bytes, at)?,
                Self::Unquoted => skip(bytes, at, IN_VALUE)?,
                Self::Name => skip(bytes, at, IN_NAME)?,
                Self::Slash | Self::AfterName | Self::Equals => at,
            };
            let byte = *bytes.get(at)?;
            *self = match (*self, byte) {
                (Self::DoubleQuoted | Self::SingleQuoted, _) => Self::Between,
                (_, b'>') => return Some(at),
                (Self::Name | Self::AfterName, b'=') => Self::Equals,
                (Self::Equals, b'"') => Self::DoubleQuoted,
                (Self::Equals, b'\'') => Self::SingleQuoted,
                (Self::Equals, _) if !is_blank(byte) => Self::Unquoted,
                (Self::Equals, _) => Self::Equals,
                (_, b'/') => Self::Slash,
                (Self::Name | Self::AfterName, _) if is_blank(byte) => Self::AfterName,
                (_, _) if is_blank(byte) => Self::Between,
                _ => Self::Name,
            };
            at += 1;
        }
    }
}

/// The place behind attributes that are written as nearly all are: a blank, a name, and a value in double quotes.
#[inline]
fn after_plain_attributes(bytes: &[u8], mut at: usize) -> usize {
    while let Some(next) = after_plain_attribute(bytes, at) {
        at = next;
    }
    at
}

#[inline]
fn after_plain_attribute(bytes: &[u8], at: usize) -> Option<usize> {
    if bytes.get(at) != Some(&b' ') {
        return None;
    }
    let end = skip(bytes, at + 1, IN_NAME)?;
    // Its first character would belong to the name.
    let is_plain = end > at + 1 && bytes.get(end..end + 2) == Some(b"=\"");
    is_plain.then(|| find(b'"', bytes, end + 2).map(|quote| quote + 1))?
}

/// Bits of [`PARTS`]: a byte that goes on with an attribute's name, or with a value without quotes.
const IN_NAME: u8 = 1;
const IN_VALUE: u8 = 2;

/// The parts of a tag that each byte goes on with.
const PARTS: [u8; 256] = {
    let mut parts = [0; 256];
    let mut byte = 0_u8;
    loop {
        if !is_blank(byte) && byte != b'>' {
            let is_name = byte != b'/' && byte != b'=';
            parts[byte as usize] = IN_VALUE | if is_name { IN_NAME } else { 0 };
        }
        if byte == u8::MAX {
            break;
        }
        byte += 1;
    }
    parts
};

/// The place of the first byte from `at` on that does not go on with `part`.
#[inline]
fn skip(bytes: &[u8], at: usize, part: u8) -> Option<usize> {
    let rest = bytes.get(at..)?;
    let is_over = |byte: &u8| PARTS[usize::from(*byte)] & part == 0;
    Some(at + rest.iter().position(is_over)?)
}

pub(super) const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c)
}

/// True for a byte that ends the name of a tag.
pub(super) const fn ends_name(byte: u8) -> bool {
    is_blank(byte) || matches!(byte, b'/' | b'>')
}
