//! Parts of a line, before they are put together.

/// A part of running text.
#[derive(Debug)]
pub(super) enum Piece<'a> {
    /// Text as the page has it: its white space is not folded yet.
    Text(&'a str),
    /// Text within a code element.
    Code(&'a str),
    Open(Mark),
    Close(Mark),
    OpenLink,
    /// The end of a link that leads there.
    CloseLink(String),
    /// A picture, written.
    Picture(String),
    /// Text that is made up or owned, such as a description.
    Words(String),
    Break,
}

/// Something that is said about a stretch of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Emphasis,
    Strong,
    Struck,
    Raised,
    Lowered,
}

/// The place of running text, which decides how a line break in it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Paragraph,
    /// One line.
    Heading,
    Cell,
}
