//! The attributes of a tag.

use std::borrow::Cow;

use memchr::memchr2;

use super::super::entities::{self, Within};
use super::find::find;
use super::place::{ends_name, is_blank};

/// The attributes that are written between a tag's name and its `>`.
#[derive(Debug, Clone, Copy)]
pub(in crate::extract) struct Attributes<'a>(pub(super) &'a str);

/// An attribute as it is written.
#[derive(Debug, Clone, Copy)]
pub(in crate::extract) struct Attribute<'a> {
    name: &'a str,
    value: &'a str,
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Attribute<'a>;

    fn next(&mut self) -> Option<Attribute<'a>> {
        let rest = after(self.0, |byte| is_blank(byte) || byte == b'/');
        if rest.is_empty() {
            return None;
        }
        // Its first character belongs to the name, even if it is a sign of equality.
        let bytes = rest.as_bytes();
        let end = bytes[1..]
            .iter()
            .position(|byte| ends_name(*byte) || *byte == b'=');
        let (name, rest) = rest.split_at(end.map_or(rest.len(), |end| end + 1));
        let (value, rest) = match after(rest, is_blank).strip_prefix('=') {
            Some(value) => value_of(after(value, is_blank)),
            None => ("", rest),
        };
        self.0 = rest;
        Some(Attribute { name, value })
    }
}

/// A value that begins here, and what follows it.
fn value_of(text: &str) -> (&str, &str) {
    let bytes = text.as_bytes();
    if let Some(quote @ (b'"' | b'\'')) = bytes.first().copied() {
        let end = find(quote, bytes, 1).unwrap_or(bytes.len());
        return (&text[1..end], text.get(end + 1..).unwrap_or_default());
    }
    let end = bytes.iter().position(|byte| is_blank(*byte));
    text.split_at(end.unwrap_or(text.len()))
}

/// `text` from the first byte that is none of those.
fn after(text: &str, is_passed: impl Fn(u8) -> bool) -> &str {
    let start = text.bytes().position(|byte| !is_passed(byte));
    &text[start.unwrap_or(text.len())..]
}

impl<'a> Attribute<'a> {
    /// True if this is its name, in small letters.
    pub(in crate::extract) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// Its name as it is written.
    #[cfg(test)]
    pub(in crate::extract) const fn name(&self) -> &'a str {
        self.name
    }

    /// The value with its references decoded; empty if it has none.
    pub(in crate::extract) fn value(&self) -> Cow<'a, str> {
        match memchr2(b'&', 0, self.value.as_bytes()) {
            None => Cow::Borrowed(self.value),
            // Before references are decoded: one to this character is another case.
            Some(_) if self.value.contains('\0') => {
                let value = self.value.replace('\0', "\u{fffd}");
                Cow::Owned(entities::decode(&value, Within::Attribute).into_owned())
            }
            Some(_) => entities::decode(self.value, Within::Attribute),
        }
    }
}
