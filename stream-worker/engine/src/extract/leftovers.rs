//! Leaves out blocks of nothing but links, and headings under which nothing is left, although no name marks them as boilerplate.

use super::dom::{NodeId, Tree};
use super::shape::Shape;

/// Bytes of text outside of links that make an article.
const ARTICLE: u64 = 500;

/// Leaves out blocks within `roots` whose text is nearly all links, if they are the smaller part of an article whose text outside
/// of links has `kept` bytes. Documentation lists its own pages: where there is code, all lists stay.
pub(super) fn leave_out_links(
    left_out: &mut [bool],
    tree: &Tree,
    shape: &Shape,
    roots: &[NodeId],
    kept: u64,
) {
    if kept < ARTICLE || roots.iter().any(|root| shape.has_code(*root)) {
        return;
    }
    let mut found = Vec::new();
    let mut is_judged = vec![false; tree.len()];
    let mut sum = 0;
    for id in roots.iter().flat_map(|root| tree.subtree(*root).skip(1)) {
        let above = tree
            .parent(id)
            .is_some_and(|above| is_judged[above.index()]);
        if above || left_out[id.index()] {
            is_judged[id.index()] = true;
        } else if is_links(tree, shape, id) {
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

/// True if four fifths of a block's text are links.
fn is_links(tree: &Tree, shape: &Shape, id: NodeId) -> bool {
    let is_block = matches!(
        tree.name(id),
        "article" | "aside" | "div" | "dl" | "footer" | "header" | "ol" | "p" | "section" | "ul"
    );
    let (text, prose) = (shape.text(id), shape.prose(id));
    is_block && text > 0 && prose * 5 <= text && shape.titles(id) == 0 && !shape.has_table(id)
}

/// Leaves out headings that nothing stands under any more: what stood there has been left out.
pub(super) fn leave_out_headings(
    left_out: &mut [bool],
    tree: &Tree,
    shape: &Shape,
    roots: &[NodeId],
) {
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

/// The level of a heading.
fn level(tree: &Tree, id: NodeId) -> Option<u8> {
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
