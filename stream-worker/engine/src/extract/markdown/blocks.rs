//! The walk over a page's blocks.

use super::super::dom::NodeId;
use super::super::elements::{is_block, is_preformatted};
use super::Page;
use super::code;
use super::compose::compose;
use super::inline::Inline;
use super::lines::{Gap, Lines};
use super::marker::Marker;
use super::note;
use super::piece::{Mark, Piece, Place};

/// Writes blocks, one after another.
pub(super) struct Blocks<'a> {
    pub(super) page: &'a Page<'a>,
    pub(super) lines: Lines,
    /// The list that ended right before, if one did.
    list_before: Option<Marker>,
    /// True if items around here follow each other without empty lines.
    is_tight: bool,
    card: Option<Card>,
}

/// A link around blocks. Markdown has no such thing: its first heading, or else its first paragraph, becomes the link.
struct Card {
    destination: String,
    is_for_heading: bool,
}

impl<'a> Blocks<'a> {
    pub(super) fn new(page: &'a Page<'a>, room: usize) -> Self {
        Self {
            page,
            lines: Lines::new(room),
            list_before: None,
            is_tight: false,
            card: None,
        }
    }

    /// The whole page; nothing if it grows beyond its room.
    pub(super) fn write(mut self) -> Option<String> {
        for root in &self.page.main.roots {
            self.children(*root);
        }
        self.lines.finish()
    }

    pub(super) fn put(&mut self, text: &str) {
        if !text.is_empty() {
            self.list_before = None;
            // Only an item may follow a paragraph without an empty line: all else could become a part of it.
            if !self.lines.is_at_mark() {
                self.lines.gap = Gap::Blank;
            }
            self.lines.block(text);
        }
    }

    pub(super) fn list_before(&self) -> Option<Marker> {
        self.list_before
    }

    pub(super) fn begin_item(&mut self, is_tight: bool) {
        self.list_before = None;
        self.is_tight = is_tight;
    }

    pub(super) fn end_list(&mut self, marker: Marker) {
        self.list_before = Some(marker);
        self.is_tight = false;
        self.lines.gap = Gap::Blank;
    }

    /// True if nothing would be written for a node.
    pub(super) fn is_empty(&self, id: NodeId) -> bool {
        self.page.shape.text(id) == 0
            && !self
                .page
                .tree
                .subtree(id)
                .any(|below| self.page.tree.name(below) == "img")
    }

    pub(super) fn children(&mut self, id: NodeId) {
        let mut run = Vec::new();
        for child in self.page.tree.children(id) {
            self.child(child, &mut run);
        }
        self.paragraphs(&mut run);
    }

    /// The children of an element, or a text that stands alone.
    pub(super) fn children_or_text(&mut self, id: NodeId) {
        if self.page.tree.text(id).is_some() {
            self.paragraphs(&mut vec![id]);
        } else {
            self.children(id);
        }
    }

    fn child(&mut self, child: NodeId, run: &mut Vec<NodeId>) {
        let name = self.page.tree.name(child);
        let is_split = is_block(name) || self.page.shape.has_block(child);
        if self.page.skips(child) {
            if is_split {
                self.paragraphs(run);
            }
        } else if is_split && !self.lines.is_full() {
            self.paragraphs(run);
            self.block(child);
        } else {
            run.push(child);
        }
    }

    /// Writes running text. Two line breaks in a row end a paragraph.
    fn paragraphs(&mut self, run: &mut Vec<NodeId>) {
        let tree = self.page.tree;
        let mut paragraph = Vec::new();
        let mut breaks = 0;
        for id in run.drain(..) {
            if tree.name(id) == "br" {
                breaks += 1;
            } else if tree.text(id).is_none_or(|text| !text.trim().is_empty()) {
                if breaks > 1 {
                    self.paragraph(&paragraph);
                    paragraph.clear();
                }
                breaks = 0;
            }
            paragraph.push(id);
        }
        self.paragraph(&paragraph);
    }

    fn paragraph(&mut self, nodes: &[NodeId]) {
        let mut inline = Inline::new(self.page);
        let is_card = self.card.as_ref().is_some_and(|card| !card.is_for_heading)
            && nodes.iter().any(|id| !self.is_empty(*id));
        let card = if is_card { self.card.take() } else { None };
        self.collect(&mut inline, card, |inline| {
            nodes.iter().for_each(|id| inline.node(*id))
        });
        let text = compose(inline.pieces, Place::Paragraph);
        self.put(&text);
        if self.is_tight && !text.is_empty() {
            self.lines.gap = Gap::Line;
        }
    }

    fn collect(
        &self,
        inline: &mut Inline<'a>,
        card: Option<Card>,
        content: impl FnOnce(&mut Inline<'a>),
    ) {
        match card {
            Some(card) => inline.linked(card.destination, content),
            None => content(inline),
        }
    }

    pub(super) fn block(&mut self, id: NodeId) {
        let name = self.page.tree.name(id);
        match name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.heading(id, name),
            "ul" | "ol" | "menu" | "dir" => self.list(id),
            "dl" => self.definitions(id),
            "table" => self.loose(|blocks| blocks.table(id)),
            "blockquote" => self.quote(id),
            "hr" => {
                if !self.lines.is_at_mark() {
                    self.put("---");
                }
            }
            "a" => self.card(id),
            "button" => {}
            "summary" if !self.page.shape.has_heading(id) => self.titled(id),
            name if is_preformatted(name) => self.preformatted(id),
            _ if code::is_highlighted(self.page.tree, id) => self.preformatted(id),
            _ if note::is_note(self.page, id) => self.quote(id),
            _ if note::is_title(self.page, id) => self.titled(id),
            _ => self.children(id),
        }
    }

    fn loose(&mut self, write: impl FnOnce(&mut Self)) {
        self.is_tight = false;
        self.lines.gap = Gap::Blank;
        write(self);
    }

    fn heading(&mut self, id: NodeId, name: &str) {
        let level = usize::from(name.as_bytes()[1] - b'0');
        let mut inline = Inline::heading(self.page);
        let card = self.card.take();
        self.collect(&mut inline, card, |inline| inline.children(id));
        let mut text = compose(inline.pieces, Place::Heading);
        if text.is_empty() {
            return;
        }
        // Number signs that stand apart at the end would close the heading.
        let rest = text.trim_end_matches('#');
        if rest.len() < text.len() && (rest.is_empty() || rest.ends_with(' ')) {
            text.insert(rest.len(), '\\');
        }
        self.put(&format!("{} {text}", "#".repeat(level)));
    }

    fn preformatted(&mut self, id: NodeId) {
        let code = code::text(self.page.tree, id);
        if !code.trim().is_empty() {
            let language = code::language(self.page.tree, id);
            self.loose(|blocks| blocks.put(&code::fenced(&code, language.as_deref())));
        }
    }

    fn quote(&mut self, id: NodeId) {
        self.is_tight = false;
        self.lines.gap = Gap::Blank;
        self.list_before = None;
        self.lines.enter("> ", "> ");
        if let Some(label) = note::label(self.page, id).filter(|_| note::is_note(self.page, id)) {
            let pieces = vec![
                Piece::Open(Mark::Strong),
                Piece::Words(label),
                Piece::Close(Mark::Strong),
            ];
            self.put(&compose(pieces, Place::Paragraph));
        }
        self.children(id);
        self.lines.leave();
        self.list_before = None;
        // A paragraph right behind a quote would belong to it.
        self.lines.gap = Gap::Blank;
    }

    /// A line that names what follows.
    fn titled(&mut self, id: NodeId) {
        let mut inline = Inline::heading(self.page);
        inline.pieces.push(Piece::Open(Mark::Strong));
        inline.children(id);
        inline.pieces.push(Piece::Close(Mark::Strong));
        self.put(&compose(inline.pieces, Place::Paragraph));
    }

    fn card(&mut self, id: NodeId) {
        let href = self.page.tree.attribute(id, "href").unwrap_or_default();
        let destination = self.page.destinations.of_link(href);
        let outer = self.card.take();
        self.card = destination
            .filter(|_| !href.is_empty())
            .map(|destination| Card {
                destination,
                is_for_heading: self.page.shape.has_heading(id),
            });
        self.children(id);
        self.card = outer;
    }
}
