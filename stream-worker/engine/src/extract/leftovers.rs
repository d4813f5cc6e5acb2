//! Leaves out blocks of nothing but links, and headings under which nothing is left, although no name marks them as boilerplate.

use super::announced;
use super::dom::{NodeId, Tree};
use super::elements::is_block;
use super::shape::{Shape, level};

/// Bytes of text of a line.
const LINE: u64 = 100;
/// Bytes of text outside of links of a label.
const LABEL: u64 = 30;
/// Bytes of text of the longest row of a table that is a record: a longer one lays a page out.
const RECORD: u64 = 1_000;
/// Elements between a block and the cell that it stands in, which are looked for.
const IN_CELL: usize = 4;
/// Bytes before the colon of what leads elsewhere: "Read more: ".
const LEAD: usize = 30;

/// Leaves out blocks within `roots` whose text is nearly all links, if they are the smaller part of an article whose text outside
/// of links has `kept` bytes.
pub(super) fn leave_out_links(
    left_out: &mut [bool],
    tree: &Tree,
    shape: &Shape,
    roots: &[NodeId],
    kept: u64,
) {
    let mut found = Vec::new();
    let mut is_judged = vec![false; tree.len()];
    let mut sum = 0;
    for id in roots.iter().flat_map(|root| tree.subtree(*root).skip(1)) {
        let above = tree
            .parent(id)
            .is_some_and(|above| is_judged[above.index()]);
        if above || left_out[id.index()] {
            is_judged[id.index()] = true;
        } else if is_links(tree, shape, id) && !is_value(tree, shape, id) {
            is_judged[id.index()] = true;
            sum += shape.text(id);
            found.push(id);
        }
    }
    if sum > kept {
        return;
    }
    for id in found.iter().flat_map(|top| tree.subtree(*top)) {
        left_out[id.index()] = true;
    }
}

/// True if four fifths of a block's text are links, or if it is a line of links behind a label, or a link that stands alone.
fn is_links(tree: &Tree, shape: &Shape, id: NodeId) -> bool {
    let (text, prose) = (shape.text(id), shape.prose(id));
    if text == 0 || shape.titles(id) > 0 || shape.has_table(id) {
        return false;
    }
    let is_line = text <= LINE && prose <= LABEL && prose * 2 < text && !shape.has_heading(id);
    match tree.name(id) {
        "p" => prose * 5 <= text && !is_paragraph(tree, shape, id),
        "dl" => prose * 5 <= text,
        "article" | "aside" | "div" | "footer" | "header" | "ol" | "section" | "ul" => {
            prose * 5 <= text || is_line
        }
        "figure" => prose == 0,
        "a" => stands_alone(tree, id),
        _ => false,
    }
}

/// True if a block is the value of a cell whose row has text in another one: the name of what is explained there, or its reference.
fn is_value(tree: &Tree, shape: &Shape, id: NodeId) -> bool {
    let mut above = std::iter::successors(tree.parent(id), |above| tree.parent(*above));
    let cell = above
        .by_ref()
        .take(IN_CELL)
        .find(|above| matches!(tree.name(*above), "td" | "th"));
    cell.zip(above.next()).is_some_and(|(cell, row)| {
        tree.name(row) == "tr" && shape.text(row) <= RECORD && shape.prose(row) > shape.prose(cell)
    })
}

/// True if a link is one of the article's paragraphs: it stands between two others, and no colon tells where it leads to.
fn is_paragraph(tree: &Tree, shape: &Shape, id: NodeId) -> bool {
    let Some(parent) = tree.parent(id) else {
        return false;
    };
    let is_text = |id: &NodeId| tree.name(*id) == "p" && shape.prose(*id) > 0;
    let mut before = None;
    let mut siblings = tree.children(parent).filter(|id| shape.text(*id) > 0);
    for sibling in siblings.by_ref().take_while(|sibling| *sibling != id) {
        before = Some(sibling);
    }
    let is_between =
        before.is_some_and(|id| is_text(&id)) && siblings.next().is_some_and(|id| is_text(&id));
    is_between && !leads_elsewhere(&tree.text_of(id))
}

fn leads_elsewhere(text: &str) -> bool {
    text.trim_start().find(':').is_some_and(|at| at < LEAD) || announced::is_announcement(text)
}

/// True if a link stands among blocks, with no text beside it. In an item of a list it belongs to it.
fn stands_alone(tree: &Tree, id: NodeId) -> bool {
    let parent = tree.parent(id).filter(|parent| tree.name(*parent) != "li");
    let Some(parent) = parent.filter(|_| tree.attribute(id, "href").is_some()) else {
        return false;
    };
    let mut has_block = false;
    for sibling in tree.children(parent).filter(|sibling| *sibling != id) {
        let is_blank = match (tree.text(sibling), tree.name(sibling)) {
            (Some(text), _) => text.trim().is_empty(),
            (None, "" | "a" | "br" | "img" | "script" | "svg") => true,
            (None, name) => {
                has_block |= is_block(name);
                is_block(name)
            }
        };
        if !is_blank {
            return false;
        }
    }
    has_block
}

/// Leaves out headings that nothing stands under any more: what stood there has been left out.
pub(super) fn leave_out_headings(
    left_out: &mut [bool],
    tree: &Tree,
    shape: &Shape,
    roots: &[NodeId],
) {
    if !roots.iter().any(|root| shape.has_heading(*root)) {
        return;
    }
    let order: Vec<NodeId> = roots.iter().flat_map(|root| tree.subtree(*root)).collect();
    let mut is_in_heading = vec![false; tree.len()];
    for id in &order {
        let above = tree
            .parent(*id)
            .is_some_and(|above| is_in_heading[above.index()]);
        is_in_heading[id.index()] = above || level(tree, *id).is_some();
    }
    // From the end: the level of the heading that follows with nothing between, and true if something was left out there.
    let mut next = Some(0);
    let mut is_cut = false;
    for id in order.into_iter().rev() {
        if left_out[id.index()] {
            is_cut |= shape.text(id) > 0;
        } else if let Some(level) = level(tree, id) {
            if is_cut && level > 1 && next.is_some_and(|next| next <= level) {
                for below in tree.subtree(id) {
                    left_out[below.index()] = true;
                }
            } else {
                next = Some(level);
                is_cut = false;
            }
        } else if !is_in_heading[id.index()] && is_content(tree, id) {
            next = None;
            is_cut = false;
        }
    }
}

fn is_content(tree: &Tree, id: NodeId) -> bool {
    tree.name(id) == "img" || tree.text(id).is_some_and(|text| !text.trim().is_empty())
}
