//! The body of an article within a page's main content, by the names that blogs and newspapers give it.
//!
//! It owns these names. What stands around such a body, other than the title above it, belongs to the site.

use super::dom::{NodeId, Tree};
use super::shape::Shape;

/// Ids and classes of an article's body, in lower case, with hyphens between words.
const NAMES: [&str; 30] = [
    "article-body",
    "article-content",
    "article-text",
    "articlebody",
    "articlecontent",
    "articletext",
    "blog-content",
    "blog-post-content",
    "body-text",
    "content-body",
    "content-main",
    "entry",
    "entry-content",
    "entry-text",
    "fulltext",
    "main-content",
    "page-content",
    "post",
    "post-body",
    "post-content",
    "post-entry",
    "post-text",
    "postbody",
    "postcontent",
    "postentry",
    "single-content",
    "story-body",
    "story-content",
    "td-post-content",
    "text-content",
];

/// Bytes of these names, in any spelling.
const SHORTEST: usize = 4;
const LONGEST: usize = 20;

/// Bytes of text outside of links below which nothing can be said of a page.
const ENOUGH: u64 = 200;
/// Bytes of text outside of links that make a paragraph an introduction.
const INTRODUCTION: u64 = 60;

/// The article's body if it holds three fifths of the `kept` bytes of text outside of links in `roots`, behind the title and
/// the introduction that stand above it.
pub(super) fn within(
    tree: &Tree,
    shape: &Shape,
    roots: &[NodeId],
    kept: u64,
    is_left_out: impl Fn(NodeId) -> bool,
) -> Option<Vec<NodeId>> {
    let nodes = roots.iter().flat_map(|root| tree.subtree(*root));
    let mut head = Vec::new();
    let mut found = None;
    for id in nodes.filter(|id| kept >= ENOUGH && !is_left_out(*id)) {
        match tree.name(id) {
            "h1" if shape.text(id) > 0 => head = vec![id],
            "p" | "h2" if !head.is_empty() && shape.prose(id) >= INTRODUCTION => head.push(id),
            // In document order: an inner one that still holds most of the text is the better one.
            _ if shape.prose(id) * 5 >= kept * 3 && is_body(tree, id) => {
                found = Some((id, head.clone()));
            }
            _ => {}
        }
    }
    let (body, head) = found?;
    let head = head.into_iter().filter(|_| shape.titles(body) == 0);
    Some(head.chain([body]).collect())
}

/// True if an element is named as an article's body, and by no name that a whole entry may have.
pub(super) fn is_article_body(tree: &Tree, id: NodeId) -> bool {
    is_body(tree, id) && !tree.has_class(id, &["entry", "post"])
}

/// True if an element is named as an article's body.
fn is_body(tree: &Tree, id: NodeId) -> bool {
    if !matches!(tree.name(id), "article" | "div" | "section" | "td") {
        return false;
    }
    let own = tree.attribute(id, "id");
    tree.attribute(id, "itemprop") == Some("articleBody")
        || tree.classes(id).chain(own).any(|name| {
            // Most names are not looked at any closer.
            if !(SHORTEST..=LONGEST).contains(&name.len()) {
                return false;
            }
            let name = name
                .to_ascii_lowercase()
                .replace("__", "-")
                .replace('_', "-");
            NAMES.contains(&name.as_str())
        })
}
