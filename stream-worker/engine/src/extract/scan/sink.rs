//! The reader of a page, and what it is told.

use std::borrow::Cow;

use super::attributes::Attributes;
use super::name::Name;

/// The reader of a page.
pub(in crate::extract) trait Sink {
    /// True if the attributes of elements with this name are read; else [`StartTag`] has none.
    fn reads(&self, name: Name) -> bool;

    fn start(&mut self, tag: &StartTag<'_>);

    fn end(&mut self, name: Name);

    /// A piece of text with its character references undecoded. The last piece of a text may be empty, and no reference goes on
    /// behind it.
    fn text(&mut self, piece: &str, kind: Kind, is_last: bool);
}

/// The kind of a piece of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::extract) enum Kind {
    /// Between tags.
    Content,
    /// Between tags of a drawing or a formula.
    Foreign,
    /// Within an element that holds text only: a script, a title, a `<noscript>`.
    Raw,
}

/// A start tag.
#[derive(Debug)]
pub(in crate::extract) struct StartTag<'a> {
    pub(in crate::extract) name: Name,
    /// True for an element of a drawing or a formula, which has another meaning there.
    pub(in crate::extract) is_foreign: bool,
    pub(super) attributes: Attributes<'a>,
}

impl<'a> StartTag<'a> {
    /// The attributes in the order of the tag. If a name comes twice, the first counts.
    pub(in crate::extract) const fn attributes(&self) -> Attributes<'a> {
        self.attributes
    }

    /// The value of an attribute, with its references decoded.
    pub(in crate::extract) fn attribute(&self, name: &str) -> Option<Cow<'a, str>> {
        let mut attributes = self.attributes();
        let attribute = attributes.find(|attribute| attribute.is(name))?;
        Some(attribute.value())
    }
}
