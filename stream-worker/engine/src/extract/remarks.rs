//! Lines that say something about an article and nothing of it: a date, who took a picture, that an advertisement follows.
//!
//! It owns their words, in the languages that it knows. Such a line is short, and all that its block says.

use super::dom::{NodeId, Tree};
use super::elements::{is_block, is_unseen};
use super::shape::Shape;

/// Bytes of text of the longest credit, date and word for an advertisement.
const CREDIT: u64 = 80;
const DATE: u64 = 20;
const ADVERTISEMENT: u64 = 30;

/// Beginnings of lines that tell where a picture or a text is from.
#[rustfmt::skip]
const CREDITS: [&str; 27] = [
    "beitragsbild:", "bild ©", "bild:", "bilder:", "bildquelle:", "credit:", "credits:", "foto ©", "foto de", "foto:", "fotos:",
    "image credit", "image:", "images:", "imagen:", "kategorie:", "photo by", "photo credit", "photo ©", "photo:", "photograph:",
    "photos:", "picture:", "quelle:", "tags:", "titelbild:", "©",
];

/// Words behind the time of a day.
const HOURS: [&str; 5] = ["a.m.", "am", "p.m.", "pm", "uhr"];

/// Words for advertisements, where nothing else is said.
#[rustfmt::skip]
const ADVERTISEMENTS: [&str; 11] = [
    "ad", "advertentie", "advertisement", "advertising", "anzeige", "pubblicità", "publicidad", "publicidade", "publicité",
    "reklama", "werbung",
];

/// Leaves out such lines within `roots`, if they are few beside the `kept` bytes of text outside of links.
pub(super) fn leave_out_remarks(
    left_out: &mut [bool],
    tree: &Tree,
    shape: &Shape,
    roots: &[NodeId],
    kept: u64,
) {
    let nodes = roots.iter().flat_map(|root| tree.subtree(*root).skip(1));
    let found: Vec<NodeId> = nodes
        .filter(|id| !left_out[id.index()] && is_remark(tree, shape, *id))
        .collect();
    let sum: u64 = found.iter().map(|id| shape.text(*id)).sum();
    if sum * 4 > kept {
        return;
    }
    for id in found.iter().flat_map(|top| tree.subtree(*top)) {
        left_out[id.index()] = true;
    }
}

fn is_remark(tree: &Tree, shape: &Shape, id: NodeId) -> bool {
    let length = shape.text(id);
    // The frame of an advertisement holds blocks that are filled later.
    let has_block = shape.has_block(id);
    let longest = if has_block { ADVERTISEMENT } else { CREDIT };
    if !(1..=longest).contains(&length) || !is_line(tree, id) {
        return false;
    }
    let nodes = tree.subtree(id);
    let is_seen = |id: &NodeId| tree.parent(*id).is_none_or(|above| !is_unseen(tree, above));
    let text: String = nodes
        .filter(is_seen)
        .filter_map(|id| tree.text(id))
        .collect();
    let text = text.trim().trim_start_matches('(').to_lowercase();
    let is_about = || {
        CREDITS.iter().any(|words| text.starts_with(words)) || (length <= DATE && is_date(&text))
    };
    (length <= ADVERTISEMENT && is_advertisement(&text)) || (!has_block && is_about())
}

/// True for blocks that stand on a line of their own: the parts of lists and tables belong to each other.
fn is_line(tree: &Tree, id: NodeId) -> bool {
    let name = tree.name(id);
    is_block(name)
        && !matches!(
            name,
            "dd" | "dt" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "li" | "td" | "th" | "tr"
        )
}

/// True for figures with what stands between those of a date or a time.
fn is_date(text: &str) -> bool {
    let hour = HOURS.iter().find_map(|word| text.strip_suffix(word));
    let fewest = if hour.is_some() { 3 } else { 4 };
    let text = hour.unwrap_or(text);
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    digits >= fewest && !text.contains(char::is_alphabetic) && text.contains(['.', '/', ':', '-'])
}

fn is_advertisement(text: &str) -> bool {
    ADVERTISEMENTS.contains(&text.trim_matches(|letter: char| !letter.is_alphanumeric()))
}
