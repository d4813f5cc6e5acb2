//! The way through a tag to its end (HTML, sections "before attribute name state" to "self-closing start tag state").

use memchr::memchr;

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
    pub(super) fn end(&mut self, bytes: &[u8], mut at: usize) -> Option<usize> {
        while let Some(&byte) = bytes.get(at) {
            *self = match (*self, byte) {
                (Self::DoubleQuoted, _) => {
                    at += memchr(b'"', &bytes[at..])?;
                    Self::Between
                }
                (Self::SingleQuoted, _) => {
                    at += memchr(b'\'', &bytes[at..])?;
                    Self::Between
                }
                (_, b'>') => return Some(at),
                (Self::Unquoted, _) if !is_blank(byte) => Self::Unquoted,
                (Self::Equals, b'"') => Self::DoubleQuoted,
                (Self::Equals, b'\'') => Self::SingleQuoted,
                (Self::Equals, _) if !is_blank(byte) => Self::Unquoted,
                (Self::Equals, _) => Self::Equals,
                (Self::Name | Self::AfterName, b'=') => Self::Equals,
                (_, b'/') => Self::Slash,
                (Self::Name | Self::AfterName, _) if is_blank(byte) => Self::AfterName,
                (_, _) if is_blank(byte) => Self::Between,
                _ => Self::Name,
            };
            at += 1;
        }
        None
    }
}

pub(super) const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c)
}

/// True for a byte that ends the name of a tag.
pub(super) const fn ends_name(byte: u8) -> bool {
    is_blank(byte) || matches!(byte, b'/' | b'>')
}
