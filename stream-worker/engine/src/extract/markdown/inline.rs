//! Running text of a page to pieces.

use super::super::dom::NodeId;
use super::super::elements::{is_block, is_heading, is_preformatted};
use super::Page;
use super::picture::{Picture, picture};
use super::piece::{Mark, Piece};

/// Collects the pieces of one paragraph, heading or cell.
pub(super) struct Inline<'a> {
    page: &'a Page<'a>,
    pub(super) pieces: Vec<Piece<'a>>,
    open: Vec<Mark>,
    is_linked: bool,
    is_code: bool,
    /// True if this is a heading: links to itself are left out, and its buttons are its words.
    is_heading: bool,
}

impl<'a> Inline<'a> {
    pub(super) fn new(page: &'a Page<'a>) -> Self {
        Self {
            page,
            pieces: Vec::new(),
            open: Vec::new(),
            is_linked: false,
            is_code: false,
            is_heading: false,
        }
    }

    pub(super) fn heading(page: &'a Page<'a>) -> Self {
        Self {
            is_heading: true,
            ..Self::new(page)
        }
    }

    pub(super) fn children(&mut self, id: NodeId) {
        for child in self.page.tree.children(id) {
            self.node(child);
        }
    }

    pub(super) fn node(&mut self, id: NodeId) {
        let tree = self.page.tree;
        if let Some(text) = tree.text(id) {
            let piece = if self.is_code {
                Piece::Code(text)
            } else {
                Piece::Text(text)
            };
            self.pieces.push(piece);
            return;
        }
        if self.page.skips(id) {
            return;
        }
        match tree.name(id) {
            "br" => self.pieces.push(Piece::Break),
            "img" => self.picture(id),
            "a" => self.link(id),
            "em" | "i" => self.marked(id, Mark::Emphasis),
            "strong" | "b" => self.marked(id, Mark::Strong),
            "del" | "s" | "strike" => self.marked(id, Mark::Struck),
            "sup" => self.raised(id, Mark::Raised),
            "sub" => self.raised(id, Mark::Lowered),
            "code" | "kbd" | "samp" | "tt" => self.code(id),
            "q" => {
                self.pieces.push(Piece::Text("\""));
                self.children(id);
                self.pieces.push(Piece::Text("\""));
            }
            "button" if !self.is_heading => {}
            "math" => self.formula(id),
            "li" => {
                self.pieces.push(Piece::Break);
                self.pieces.push(Piece::Text("- "));
                self.children(id);
                self.pieces.push(Piece::Break);
            }
            name if is_preformatted(name) => self.preformatted(id),
            "td" | "th" => {
                self.pieces.push(Piece::Text(" "));
                self.children(id);
                self.pieces.push(Piece::Text(" "));
            }
            name if is_block(name) => {
                self.pieces.push(Piece::Break);
                self.children(id);
                self.pieces.push(Piece::Break);
            }
            _ => self.children(id),
        }
    }

    fn marked(&mut self, id: NodeId, mark: Mark) {
        if self.is_code || self.open.contains(&mark) {
            return self.children(id);
        }
        self.open.push(mark);
        self.pieces.push(Piece::Open(mark));
        self.children(id);
        self.pieces.push(Piece::Close(mark));
        self.open.pop();
    }

    /// Text above or below the line has no sign of its own; without one, ten to the sixth would be 106. References to
    /// footnotes need none.
    fn raised(&mut self, id: NodeId, mark: Mark) {
        let mut within = self.page.tree.subtree(id);
        if within.any(|below| self.page.tree.name(below) == "a") || self.is_heading {
            self.children(id);
        } else {
            self.marked(id, mark);
        }
    }

    fn code(&mut self, id: NodeId) {
        let was_code = std::mem::replace(&mut self.is_code, true);
        self.children(id);
        self.is_code = was_code;
    }

    /// Preformatted text where no block can stand: a span for each line.
    fn preformatted(&mut self, id: NodeId) {
        for line in super::code::text(self.page.tree, id).lines() {
            self.pieces.push(Piece::Break);
            self.pieces.push(Piece::Picture(super::code::span(line)));
        }
        self.pieces.push(Piece::Break);
    }

    fn picture(&mut self, id: NodeId) {
        match picture(self.page, id) {
            Picture::Linked(text) => {
                let is_shown = self
                    .pieces
                    .iter()
                    .rev()
                    .take(4)
                    .any(|piece| matches!(piece, Piece::Picture(before) if *before == text));
                if !is_shown {
                    self.pieces.push(Piece::Picture(text));
                }
            }
            Picture::Described(alt) => self.pieces.push(Piece::Words(alt)),
            Picture::None => {}
        }
    }

    fn link(&mut self, id: NodeId) {
        let tree = self.page.tree;
        let href = tree.attribute(id, "href").map(str::trim);
        if href.is_some_and(|href| is_permalink(self.page, id, href)) {
            return;
        }
        let leads_here = href.is_some_and(|href| href.starts_with('#')) && self.is_heading;
        let destination = href
            .filter(|_| !self.is_linked && !leads_here)
            .and_then(|href| self.page.destinations.of_link(href));
        let Some(destination) = destination else {
            return self.children(id);
        };
        self.linked(destination, |inline| inline.children(id));
    }

    /// Puts what `content` adds into a link.
    pub(super) fn linked(&mut self, destination: String, content: impl FnOnce(&mut Self)) {
        self.pieces.push(Piece::OpenLink);
        self.is_linked = true;
        content(self);
        self.is_linked = false;
        self.pieces.push(Piece::CloseLink(destination));
    }

    /// A formula as its author wrote it, if the page has that.
    fn formula(&mut self, id: NodeId) {
        let tree = self.page.tree;
        let source = tree
            .subtree(id)
            .find(|below| tree.name(*below) == "annotation");
        let written = source.map(|source| tree.text_of(source));
        let written = written.or_else(|| tree.attribute(id, "alttext").map(str::to_owned));
        match written.filter(|text| !text.trim().is_empty()) {
            Some(text) => self.pieces.push(Piece::Words(text)),
            None => self.children(id),
        }
    }
}

/// True if a link only names the place where it stands, or leads from a footnote back to its text: by its words or its sign. What
/// reads as more is text, whatever its class: tables of contents link each heading back to themselves.
fn is_permalink(page: &Page<'_>, id: NodeId, href: &str) -> bool {
    const CLASSES: [&str; 13] = [
        "anchor",
        "anchorjs-link",
        "footnote-back",
        "footnote-backref",
        "hash-link",
        "header-anchor",
        "headerlink",
        "heading-anchor",
        "heading-link",
        "octicon-link",
        "permalink",
        "reversefootnote",
        "sl-anchor-link",
    ];
    const SIGNS: [&str; 8] = ["¶", "#", "§", "🔗", "↩", "↩︎", "↑", "⚓"];
    const WORDS: [&str; 6] = [
        "permalink",
        "permanent link",
        "link to this",
        "direct link to",
        "anchor",
        "copy link",
    ];
    if !href.contains('#') || page.shape.text(id) > 80 {
        return false;
    }
    let text = page.tree.text_of(id).trim().to_lowercase();
    let is_called_so = page.tree.has_class(id, &CLASSES)
        || page.tree.attribute(id, "role") == Some("doc-backlink");
    let is_worded = WORDS.iter().any(|words| text.starts_with(words)) || text == "link";
    SIGNS.contains(&text.as_str())
        || (is_called_so && (is_worded || !text.contains(char::is_alphanumeric)))
        || (is_in_heading(page, id) && is_worded)
}

fn is_in_heading(page: &Page<'_>, id: NodeId) -> bool {
    let parents = std::iter::successors(page.tree.parent(id), |id| page.tree.parent(*id));
    parents.take(3).any(|id| is_heading(page.tree.name(id)))
}
