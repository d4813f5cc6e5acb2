//! The amount of text that each part of a page holds, by kind. One walk without recursion.

use super::dom::{NodeId, Tree};
use super::elements::{is_block, is_unseen};

/// Measures of every node, its descendants included.
pub(super) struct Shape {
    measures: Vec<Measure>,
    deepest: u32,
}

#[derive(Default, Clone, Copy)]
struct Measure {
    depth: u32,
    text: u32,
    prose: u32,
    titles: u32,
    has_block: bool,
    has_heading: bool,
    has_code: bool,
    has_table: bool,
}

impl Shape {
    pub(super) fn of(tree: &Tree) -> Self {
        Self::of_all_but(tree, |_| false)
    }

    /// As if nothing were in the nodes that are left out, nor below them.
    pub(super) fn of_all_but(tree: &Tree, is_left_out: impl Fn(NodeId) -> bool) -> Self {
        let mut measures = vec![Measure::default(); tree.len()];
        let order: Vec<NodeId> = tree.subtree(tree.root()).collect();
        let mut deepest = 0;
        for id in &order {
            let above = tree.parent(*id);
            let depth = above.map_or(0, |above| measures[above.index()].depth + 1);
            measures[id.index()].depth = depth;
            deepest = deepest.max(depth);
        }
        for id in order.iter().rev() {
            if is_left_out(*id) {
                measures[id.index()] = Measure {
                    depth: measures[id.index()].depth,
                    ..Measure::default()
                };
                continue;
            }
            if let Some(text) = tree.text(*id) {
                let letters = text
                    .bytes()
                    .filter(|byte| !byte.is_ascii_whitespace())
                    .count();
                let letters = u32::try_from(letters).unwrap_or(u32::MAX);
                let measure = &mut measures[id.index()];
                (measure.text, measure.prose) = (letters, letters);
            }
            let below = measures[id.index()];
            if let Some(above) = tree.parent(*id).filter(|_| !is_unseen(tree, *id)) {
                measures[above.index()].add(below, tree.name(*id));
            }
        }
        Self { measures, deepest }
    }

    fn at(&self, id: NodeId) -> &Measure {
        &self.measures[id.index()]
    }

    /// Elements within each other at most.
    pub(super) fn deepest(&self) -> u32 {
        self.deepest
    }

    /// Bytes of text without white space.
    pub(super) fn text(&self, id: NodeId) -> u64 {
        self.at(id).text.into()
    }

    /// Bytes of text outside of links.
    pub(super) fn prose(&self, id: NodeId) -> u64 {
        self.at(id).prose.into()
    }

    /// Headings of the first level within.
    pub(super) fn titles(&self, id: NodeId) -> u32 {
        self.at(id).titles
    }

    /// True if something within stands on lines of its own.
    pub(super) fn has_block(&self, id: NodeId) -> bool {
        self.at(id).has_block
    }

    pub(super) fn has_heading(&self, id: NodeId) -> bool {
        self.at(id).has_heading
    }

    /// True if preformatted text is within.
    pub(super) fn has_code(&self, id: NodeId) -> bool {
        self.at(id).has_code
    }

    /// True if a table is within.
    pub(super) fn has_table(&self, id: NodeId) -> bool {
        self.at(id).has_table
    }
}

impl Measure {
    /// Takes in a child, which is called `name`.
    fn add(&mut self, below: Self, name: &str) {
        self.text = self.text.saturating_add(below.text);
        if name != "a" {
            self.prose = self.prose.saturating_add(below.prose);
        }
        self.titles += below.titles + u32::from(name == "h1");
        self.has_block |= below.has_block || is_block(name);
        self.has_heading |=
            below.has_heading || matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6");
        self.has_code |= below.has_code || super::elements::is_preformatted(name);
        self.has_table |= below.has_table || name == "table";
    }
}

/// The level of a heading.
pub(super) fn level(tree: &Tree, id: NodeId) -> Option<u8> {
    match tree.name(id) {
        "h1" => Some(1),
        "h2" => Some(2),
        "h3" => Some(3),
        "h4" => Some(4),
        "h5" => Some(5),
        "h6" => Some(6),
        _ => None,
    }
}
