//! Captions of pictures: they say what a picture shows, or who took it.
//!
//! It owns their names and their bounds. Captions that hold a fair part of the text are what the page is about, as in a gallery.

use super::dom::{NodeId, Tree};
use super::shape::Shape;

/// Bytes of text that are less than a paragraph.
const SHORT: u64 = 200;

/// Bytes of the word before the number of a figure.
const LABEL: usize = 12;

/// Elements that are looked at beside what is named as a caption.
const NEAR: usize = 400;

/// Parts of the classes of captions, and of what tells who took a picture.
const NAMES: [&str; 8] = [
    "bildunter",
    "caption",
    "copyright",
    "credit",
    "image-source",
    "image-subtitle",
    "image__source",
    "legend",
];

/// The captions within `roots`, by node; none in documentation, and none if they hold a quarter of the text.
pub(super) fn within(tree: &Tree, shape: &Shape, roots: &[NodeId]) -> Vec<NodeId> {
    if roots.iter().any(|root| shape.has_code(*root)) {
        return Vec::new();
    }
    let nodes = roots.iter().flat_map(|root| tree.subtree(*root).skip(1));
    let captions: Vec<NodeId> = nodes.filter(|id| is_caption(tree, shape, *id)).collect();
    let total: u64 = roots.iter().map(|root| shape.text(*root)).sum();
    let sum: u64 = captions.iter().map(|id| shape.text(*id)).sum();
    if sum * 4 > total {
        return Vec::new();
    }
    captions
}

/// True if an element is a short caption. One that begins with a number, as "Figure 3", is referred to in the text.
fn is_caption(tree: &Tree, shape: &Shape, id: NodeId) -> bool {
    let is_named = match tree.name(id) {
        "figcaption" => true,
        "div" | "p" => {
            let has = |class: &str| NAMES.iter().any(|name| class.contains(name));
            tree.classes(id).any(has) && is_beside_picture(tree, id)
        }
        _ => false,
    };
    is_named
        && (1..=SHORT).contains(&shape.text(id))
        && !shape.has_table(id)
        && !is_numbered(&tree.text_of(id))
}

fn is_beside_picture(tree: &Tree, id: NodeId) -> bool {
    let Some(parent) = tree.parent(id) else {
        return false;
    };
    let mut near = tree.subtree(parent).take(NEAR);
    near.any(|id| tree.name(id) == "img")
}

fn is_numbered(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let is_label = words.next().is_some_and(|word| word.len() <= LABEL);
    let begins_with_digit = |word: &str| word.starts_with(|letter: char| letter.is_ascii_digit());
    is_label && words.next().is_some_and(begins_with_digit)
}
