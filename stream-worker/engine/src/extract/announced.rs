//! Parts of an article's page that lead to other articles and say so in their heading: "Related articles", "Mehr zum Thema".
//!
//! It owns these words, in the languages that it knows. Where the page has code, they may be headings of documentation.

use super::dom::{NodeId, Tree};
use super::elements::is_block;
use super::shape::{Shape, level};

/// Bytes of text of the longest heading of this kind.
const HEADING: u64 = 50;
/// Bytes of text without a link that are an article's own.
const PARAGRAPH: u64 = 60;

/// Headings that are nothing but this.
const WHOLE: [&str; 2] = ["related", "tags"];

/// Beginnings of headings, in lower case.
#[rustfmt::skip]
const BEGINNINGS: [&str; 80] = [
    "aktuelle artikel", "articles similaires", "articoli correlati", "auch interessant", "czytaj także", "czytaj też",
    "das könnte", "das thema könnte", "editors' recommendations", "editors’ recommendations", "empfehlungen aus",
    "latest articles", "latest news", "latest posts", "lees ook", "leggi anche", "leia também", "lesen sie auch",
    "lesen sie mehr", "lire aussi", "lo más leído", "lo último", "mehr aus", "mehr zu diesem thema", "mehr zum thema",
    "meistgelesen", "more from", "more in ", "more on this", "more stories", "most popular", "most read", "más noticias",
    "neueste artikel", "neueste beiträge", "noticias relacionadas", "notícias relacionadas", "passend zum thema",
    "potrebbe interessarti", "przeczytaj także", "read further", "read more", "read next", "recent posts", "recommended",
    "related articles", "related content", "related news", "related posts", "related reading", "related stories",
    "related topics", "related tutorials", "schlagwort", "schlagwörter", "share this", "sur le même sujet", "también te puede",
    "te puede interesar", "trending", "up next", "veja também", "verwandte", "viel gelesen", "vous aimerez aussi",
    "weitere artikel", "weitere beiträge", "weitere meldungen", "weitere nachrichten", "weitere news",
    "weitere pressemitteilungen", "weitere themen", "weiterführende", "weiterlesen", "you may also", "you might also",
    "zobacz również", "zobacz także", "à lire aussi", "ähnliche",
];

/// True if a text begins with words that announce other articles.
pub(super) fn is_announcement(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ").to_lowercase();
    let text = text.trim_end_matches([':', '.', '…']);
    WHOLE.contains(&text) || BEGINNINGS.iter().any(|words| text.starts_with(words))
}

/// Leaves out headings within `roots` that announce other articles, with what they stand over, as long as that is less than a third
/// of the `kept` bytes of text outside of links.
pub(super) fn leave_out_announced(
    left_out: &mut [bool],
    tree: &Tree,
    shape: &Shape,
    roots: &[NodeId],
    kept: u64,
) {
    let mut sum = 0;
    for id in roots.iter().flat_map(|root| tree.subtree(*root).skip(1)) {
        if left_out[id.index()] || !is_heading(tree, shape, id) {
            continue;
        }
        let Some(section) = section(tree, shape, roots, id) else {
            continue;
        };
        let bytes: u64 = section.iter().map(|id| shape.prose(*id)).sum();
        if (sum + bytes) * 3 > kept {
            continue;
        }
        sum += bytes;
        for id in section.iter().flat_map(|top| tree.subtree(*top)) {
            left_out[id.index()] = true;
        }
    }
}

/// True if an element is a heading, or a line, that announces other articles.
fn is_heading(tree: &Tree, shape: &Shape, id: NodeId) -> bool {
    let is_line = || {
        let name = tree.name(id);
        matches!(
            name,
            "b" | "div" | "dt" | "label" | "p" | "span" | "strong" | "summary"
        ) && !shape.has_block(id)
    };
    (1..=HEADING).contains(&shape.text(id))
        && (level(tree, id).is_some() || is_line())
        && is_announcement(&tree.text_of(id))
}

/// A heading and what stands under it: up to the next heading that is not below it, or to text of the article's own.
fn section(tree: &Tree, shape: &Shape, roots: &[NodeId], heading: NodeId) -> Option<Vec<NodeId>> {
    let own = level(tree, heading);
    let mut top = heading;
    while let Some(above) = tree
        .parent(top)
        .filter(|above| shape.text(*above) == shape.text(heading) && !roots.contains(above))
    {
        top = above;
    }
    if own.is_none() && !is_block(tree.name(top)) {
        return None;
    }
    let own = own.unwrap_or(6);
    let ends = |id: &NodeId| {
        let first = tree
            .subtree(*id)
            .find_map(|id| level(tree, id).filter(|_| shape.text(id) > 0));
        let is_text = shape.prose(*id) == shape.text(*id) && shape.prose(*id) >= PARAGRAPH;
        is_text
            || level(tree, *id).is_some_and(|level| level <= own)
            || first.is_some_and(|level| level < own)
    };
    let behind = tree
        .children(tree.parent(top)?)
        .skip_while(|id| *id != top)
        .skip(1);
    Some(
        std::iter::once(top)
            .chain(behind.take_while(|id| !ends(id)))
            .collect(),
    )
}
