//! Boxes within an article that speak of something else: other articles, the magazine, an offer.
//!
//! It owns their names. A box is small and leads elsewhere, and there is an article without it.

use super::boilerplate::words;
use super::dom::{NodeId, Tree};
use super::shape::Shape;

/// Bytes of text outside of links below which nothing can be said of a page.
const ENOUGH: u64 = 200;

/// Bytes of text of the largest box.
const LARGEST: u64 = 800;

/// Ends of the words that name a box: `infobox`, `kastenBox`.
const NAMES: [&str; 2] = ["box", "kasten"];

/// Words that end like these and name no box, in one word or two.
const OTHERS: [&str; 3] = ["checkbox", "flexbox", "lightbox"];

/// Leaves out boxes within `roots`, if each has a tenth, and all have a quarter, of the `kept` bytes of text outside of links at
/// most: where much stands in boxes, they are how the page is laid out.
pub(super) fn leave_out_boxes(
    left_out: &mut [bool],
    tree: &Tree,
    shape: &Shape,
    roots: &[NodeId],
    kept: u64,
) {
    if kept < ENOUGH {
        return;
    }
    let mut found = Vec::new();
    let mut is_within = vec![false; tree.len()];
    let mut sum = 0;
    for id in roots.iter().flat_map(|root| tree.subtree(*root).skip(1)) {
        let above = tree
            .parent(id)
            .is_some_and(|above| is_within[above.index()]);
        let begins = !above
            && !left_out[id.index()]
            && is_small(shape, id)
            && shape.prose(id) * 10 <= kept
            && is_box(tree, id);
        is_within[id.index()] = above || begins;
        if begins {
            sum += shape.prose(id);
            found.push(id);
        }
    }
    if sum * 4 > kept {
        return;
    }
    for id in found.iter().flat_map(|top| tree.subtree(*top)) {
        left_out[id.index()] = true;
    }
}

/// True if a part has some text, of which a link is a part, and nothing that only content has.
fn is_small(shape: &Shape, id: NodeId) -> bool {
    shape.text(id) <= LARGEST
        && shape.prose(id) < shape.text(id)
        && shape.titles(id) == 0
        && !shape.has_table(id)
}

/// True if an element is named as a box.
fn is_box(tree: &Tree, id: NodeId) -> bool {
    let name = tree.name(id);
    let is_part = matches!(name, "aside" | "div" | "section") || name.contains('-');
    is_part && tree.classes(id).any(names_box)
}

fn names_box(class: &str) -> bool {
    let class = class.to_ascii_lowercase();
    let joined: String = words(&class).collect();
    words(&class).any(|word| NAMES.iter().any(|end| word.ends_with(end)))
        && !OTHERS.iter().any(|other| joined.contains(other))
}
