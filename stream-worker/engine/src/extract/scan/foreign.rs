//! Drawings and formulas, in which other rules hold (HTML, section "the rules for parsing tokens in foreign content").
//!
//! Their elements hold elements, whatever they are called, and text may be quoted whole. Elements of a page within them are
//! allowed in a few places, and end them in all others. What is open around them is not known here: an end tag of an element that
//! only pages have is taken to close one.

use super::attributes::Attributes;
use super::name::Name;
use super::names::*;

/// Open elements that are kept. Deeper ones are only counted.
const MAX_DEPTH: usize = 128;

/// The elements that are open within the outermost `<svg>` or `<math>`, that one included.
#[derive(Debug)]
pub(super) struct Foreign {
    open: Vec<Open>,
    deeper: usize,
}

#[derive(Debug, Clone, Copy)]
struct Open {
    name: Name,
    kind: Kind,
    /// True if its content is a page's again.
    holds_html: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Svg,
    MathMl,
}

impl Foreign {
    pub(super) const fn new() -> Self {
        Self {
            open: Vec::new(),
            deeper: 0,
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// True if elements and text that come next belong to a drawing or a formula.
    pub(super) fn is_current(&self) -> bool {
        self.open.last().is_some_and(|open| !open.holds_html)
    }

    /// True if the attributes of elements with this name decide how they are read.
    pub(super) fn reads(&self, name: Name) -> bool {
        self.is_current() && matches!(name, ANNOTATION_XML | FONT)
    }

    /// Takes in a start tag. True if its element is one of the page's.
    pub(super) fn start(
        &mut self,
        name: Name,
        attributes: Attributes<'_>,
        closes_itself: bool,
    ) -> bool {
        if self.open.is_empty() && !matches!(name, SVG | MATH) {
            return true;
        }
        let around = self.open.last().copied().filter(|open| !open.holds_html);
        let kind = match (around, name) {
            (None, SVG) => Kind::Svg,
            (None, MATH) => Kind::MathMl,
            (None, _) => return true,
            (Some(_), _) if ends_foreign(name, attributes) => {
                self.leave();
                return true;
            }
            (Some(around), SVG) if around.name == ANNOTATION_XML => Kind::Svg,
            (Some(around), _) => around.kind,
        };
        if closes_itself {
            return false;
        }
        if self.open.len() < MAX_DEPTH {
            self.open.push(Open {
                name,
                kind,
                holds_html: holds_html(kind, name, attributes),
            });
        } else {
            self.deeper += 1;
        }
        false
    }

    /// Takes in an end tag.
    pub(super) fn end(&mut self, name: Name) {
        if self.open.is_empty() {
            return;
        }
        if self.deeper > 0 {
            self.deeper -= 1;
            return;
        }
        let is_current = self.is_current();
        // Within a page's elements, only the tags that lead out of them.
        let may_close = is_current || leads_out(name);
        let own = self.open.iter().rposition(|open| open.name == name);
        match own.filter(|_| may_close) {
            Some(own) => self.open.truncate(own),
            None if is_current && is_of_pages(name) => self.leave(),
            None => {}
        }
    }

    /// Closes all up to the next element that holds a page's elements.
    fn leave(&mut self) {
        self.deeper = 0;
        let around = self.open.iter().rposition(|open| open.holds_html);
        self.open.truncate(around.map_or(0, |around| around + 1));
    }
}

/// True for elements that end a drawing or a formula which they are in.
fn ends_foreign(name: Name, mut attributes: Attributes<'_>) -> bool {
    if name == FONT {
        let names = ["color", "face", "size"];
        return attributes.any(|attribute| names.iter().any(|name| attribute.is(name)));
    }
    name != A && is_of_pages(name)
}

/// True for elements that drawings and formulas have not, but for links, which they have too.
const fn is_of_pages(name: Name) -> bool {
    matches!(
        name,
        A | B
            | BIG
            | BLOCKQUOTE
            | BODY
            | BR
            | CENTER
            | CODE
            | DD
            | DIV
            | DL
            | DT
            | EM
            | EMBED
            | H1
            | H2
            | H3
            | H4
            | H5
            | H6
            | HEAD
            | HR
            | I
            | IMG
            | LI
            | LISTING
            | MENU
            | META
            | NOBR
            | OL
            | P
            | PRE
            | RUBY
            | S
            | SMALL
            | SPAN
            | STRIKE
            | STRONG
            | SUB
            | SUP
            | TABLE
            | TT
            | U
            | UL
            | VAR
    )
}

fn holds_html(kind: Kind, name: Name, mut attributes: Attributes<'_>) -> bool {
    match (kind, name) {
        (Kind::Svg, DESC | FOREIGN_OBJECT | TITLE) => true,
        (Kind::MathMl, MI | MN | MO | MS | MTEXT) => true,
        (Kind::MathMl, ANNOTATION_XML) => {
            let encoding = attributes.find(|attribute| attribute.is("encoding"));
            encoding.is_some_and(|encoding| {
                let value = encoding.value();
                let types = ["text/html", "application/xhtml+xml"];
                types.iter().any(|html| value.eq_ignore_ascii_case(html))
            })
        }
        _ => false,
    }
}

/// True for elements that hold a page's elements, and those around them.
const fn leads_out(name: Name) -> bool {
    matches!(
        name,
        ANNOTATION_XML | DESC | FOREIGN_OBJECT | MATH | MI | MN | MO | MS | MTEXT | SVG | TITLE
    )
}
