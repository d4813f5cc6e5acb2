//! A tag, from its name to its `>`.

use std::borrow::Cow;

use super::name::Name;
use super::place::Place;

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
    #[inline]
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
                (self.name, at) = self.name.read(bytes, at);
                if at == bytes.len() {
                    return None;
                }
                self.is_read = !self.is_end && is_read(self.name);
                self.place.insert(Place::Between)
            }
        };
        let end = if bytes[at] == b'>' && *place == Place::Between {
            Some(at)
        } else {
            place.end(bytes, at)
        };
        let closes_itself = *place == Place::Slash;
        let attributes = if self.is_read {
            self.attributes(text, at, end)?
        } else {
            Cow::Borrowed("")
        };
        Some(Whole {
            name: self.name,
            is_end: self.is_end,
            closes_itself,
            attributes,
            next: end? + 1,
        })
    }

    /// The attributes that end at `end`. None if they do not; then this part of them is kept.
    fn attributes<'a>(
        &mut self,
        text: &'a str,
        at: usize,
        end: Option<usize>,
    ) -> Option<Cow<'a, str>> {
        let part = &text[at..end.unwrap_or(text.len())];
        if end.is_some() && self.attributes.is_empty() {
            return Some(Cow::Borrowed(part));
        }
        let room = MAX_ATTRIBUTES.saturating_sub(self.attributes.len());
        self.attributes
            .push_str(&part[..part.floor_char_boundary(room)]);
        end.map(|_| Cow::Owned(std::mem::take(&mut self.attributes)))
    }
}
