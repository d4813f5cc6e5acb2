//! Pictures: the one that a browser would show, also if a script was to load it.

use super::super::dom::NodeId;
use super::Page;
use super::escape::{self, Surround};

/// Attributes in which pages keep a picture until a script loads it.
const LAZY: [&str; 7] = [
    "data-src",
    "data-lazy-src",
    "data-original",
    "data-original-src",
    "data-lazy",
    "data-url",
    "data-image",
];
const LAZY_SETS: [&str; 2] = ["data-srcset", "data-lazy-srcset"];

/// A picture as Markdown; its description if it cannot be linked; nothing for a tracking pixel.
pub(super) fn picture(page: &Page<'_>, img: NodeId) -> Picture {
    let attribute = |name| page.tree.attribute(img, name).unwrap_or_default();
    let is_pixel = |name| matches!(attribute(name).trim().trim_end_matches("px"), "0" | "1");
    if is_pixel("width") && is_pixel("height") {
        return Picture::None;
    }
    let words: Vec<&str> = attribute("alt").split_whitespace().collect();
    let alt = words.join(" ");
    match source(page, img) {
        Some(source) => {
            let mut text = String::from("![");
            let surround = Surround {
                after: ']',
                in_link: true,
            };
            escape::text(&mut text, &alt, surround);
            text.push_str("](");
            text.push_str(&source);
            text.push(')');
            Picture::Linked(text)
        }
        None if alt.is_empty() => Picture::None,
        None => Picture::Described(alt),
    }
}

pub(super) enum Picture {
    Linked(String),
    Described(String),
    None,
}

fn source(page: &Page<'_>, img: NodeId) -> Option<String> {
    let read = |source: &str| {
        let source = source.trim();
        (!source.is_empty())
            .then(|| page.destinations.of_picture(source))
            .flatten()
    };
    let single = |name: &str| page.tree.attribute(img, name).and_then(read);
    let set = |id: NodeId, name: &str| {
        page.tree
            .attribute(id, name)
            .and_then(first_of_set)
            .and_then(read)
    };
    let lazy = LAZY.iter().find_map(|name| single(name));
    lazy.or_else(|| LAZY_SETS.iter().find_map(|name| set(img, name)))
        .or_else(|| single("src"))
        .or_else(|| set(img, "srcset"))
        .or_else(|| {
            let parent = page.tree.parent(img)?;
            let is_picture = page.tree.name(parent) == "picture";
            let mut sources = page.tree.children(parent).filter(|_| is_picture);
            sources.find_map(|id| set(id, "srcset").or_else(|| set(id, "data-srcset")))
        })
}

/// The first URL of a set. Commas may be part of it, unless they end it.
fn first_of_set(set: &str) -> Option<&str> {
    let first = set.split_ascii_whitespace().find(|word| *word != ",")?;
    Some(first.trim_matches(','))
}
