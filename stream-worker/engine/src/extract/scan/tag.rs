//! A tag, from its name to its `>`.

use std::borrow::Cow;

use super::name::Name;
use super::place::{Place, ends_name};

/// Bytes of the attributes of a tag that pieces cut. What is longer is read up to here.
const MAX_ATTRIBUTES: usize = 4 * 1024 * 1024;

/// A tag, as far as it has been read.
#[derive(Debug)]
pub(super) struct Tag {
    name: Name,
    is_end: bool,
    /// None within its name.
    place: Option<Place>,
    /// True if its attributes are looked at.
    is_read: bool,
    /// Attributes in earlier pieces.
    attributes: String,
}

/// A tag that has been read.
#[derive(Debug)]
pub(super) struct Whole<'a> {
    pub(super) name: Name,
    pub(super) is_end: bool,
    pub(super) closes_itself: bool,
    /// Empty if they are not looked at.
    pub(super) attributes: Cow<'a, str>,
    /// The place behind it.
    pub(super) next: usize,
}

impl Tag {
    pub(super) const fn new(is_end: bool) -> Self {
        Self {
            name: Name::NONE,
            is_end,
            place: None,
            is_read: false,
            attributes: String::new(),
        }
    }

    /// Goes on at `at` of the next piece. None if the tag does not end in it. Start tags are looked at if `is_read` says so of
    /// their name.
    pub(super) fn read<'a>(
        &mut self,
        text: &'a str,
        mut at: usize,
        is_read: impl FnOnce(Name) -> bool,
    ) -> Option<Whole<'a>> {
        let bytes = text.as_bytes();
        let place = match &mut self.place {
            Some(place) => place,
            None => {
                while let Some(byte) = bytes.get(at).filter(|byte| !ends_name(**byte)) {
                    self.name = self.name.with(*byte);
                    at += 1;
                }
                if at == bytes.len() {
                    return None;
                }
                self.is_read = !self.is_end && is_read(self.name);
                self.place.insert(Place::Between)
            }
        };
        let end = place.end(bytes, at);
        let closes_itself = *place == Place::Slash;
        let part = &text[at..end.unwrap_or(text.len())];
        let attributes = if !self.is_read {
            Cow::Borrowed("")
        } else if end.is_some() && self.attributes.is_empty() {
            Cow::Borrowed(part)
        } else {
            let room = MAX_ATTRIBUTES.saturating_sub(self.attributes.len());
            self.attributes
                .push_str(&part[..part.floor_char_boundary(room)]);
            end?;
            Cow::Owned(std::mem::take(&mut self.attributes))
        };
        Some(Whole {
            name: self.name,
            is_end: self.is_end,
            closes_itself,
            attributes,
            next: end? + 1,
        })
    }
}
