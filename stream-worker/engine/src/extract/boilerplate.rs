//! Boilerplate that an element's id or classes name: comments, related articles, share buttons, the author's box.
//!
//! It owns the words and their bounds. A name is weak evidence: no kind of boilerplate is left out if its parts together hold
//! half of the text, as teasers do on a front page and comments in a forum.

use super::dom::{NodeId, Tree};
use super::elements::is_preformatted;
use super::shape::Shape;

/// A kind of boilerplate.
struct Kind {
    /// Words of an id or a class that name it.
    words: &'static [&'static str],
    /// The bound of one part: this many times its text outside of links is the whole page's at most.
    times: u64,
    /// True if documentation with code uses these words for its own content: `meta`, `author`.
    is_vague: bool,
}

#[rustfmt::skip]
const KINDS: [Kind; 8] = [
    // Comments.
    Kind { times: 2, is_vague: false, words: &[
        "akismet", "commentform", "commentlist", "comments", "disqus", "komentar", "kommentar", "kommentare",
        "pingback", "pingbacks", "respond", "trackback",
    ] },
    // Other articles.
    Kind { times: 3, is_vague: false, words: &[
        "crosslinks", "crp", "interesting", "latest", "linkbox", "morelinks", "nextstory", "outbrain", "popular",
        "promo", "readmore", "recirc", "recommendations",
        "recommended", "related", "relatedarticles", "relatedposts", "selling", "taboola", "teaser", "teasers", "trending",
        "upsell", "yarpp",
    ] },
    // Buttons that share or print.
    Kind { times: 3, is_vague: false, words: &[
        "addtoany", "essb", "heateor", "shareaholic", "share", "sharedaddy", "shares", "shariff", "sharing", "sociable",
        "social", "socialmedia", "ssba", "syndication",
    ] },
    // Subscriptions.
    Kind { times: 3, is_vague: false, words: &[
        "donate", "mailchimp", "mc4wp", "newsletter", "newsletters", "optin", "paywall", "signup", "subscribe", "subscription",
    ] },
    // The author.
    Kind { times: 3, is_vague: false, words: &["author", "authorbox", "authors", "bio", "byline", "contributor"] },
    // Facts about the article.
    Kind { times: 10, is_vague: true, words: &[
        "breadcrumb", "breadcrumbs", "cat", "categories", "copyright", "date", "dateline", "meta", "postinfo", "postmeta",
        "postmetadata", "print", "rating", "ratings", "tagcloud", "tags", "timestamp", "toolbar", "topics", "vote",
    ] },
    // Advertisements and dialogs.
    Kind { times: 3, is_vague: true, words: &[
        "ad", "ads", "adv", "advert", "advertisement", "advertising", "anzeige", "banner", "captcha", "consent",
        "cookie", "cookies", "gdpr", "modal", "overlay", "popup", "sponsor", "sponsored",
    ] },
    // Surroundings of the page.
    Kind { times: 10, is_vague: true, words: &[
        "entryfooter", "foot", "footer", "masthead", "menu", "nav", "navbar", "navbox", "navigation", "pager", "pagination", "postnav",
        "sidebar", "sidebarleft", "sidebarright", "siblings", "subnav", "topbar", "widget", "widgets",
    ] },
];

/// The place of the surroundings of a page: forms are among them, whatever they are called.
const SURROUNDINGS: usize = KINDS.len() - 1;

/// Words that name boilerplate only where a name begins with them: `comment-meta`, but not `deprecation-comment`.
const FIRST: [&str; 2] = ["comment", "reply"];

/// Beginnings of class names that tell of the topic, the state or the tool of the element that they stand on.
const STATES: [&str; 13] = [
    "category-",
    "elementor-",
    "format-",
    "has-",
    "is-",
    "js-",
    "no-",
    "post-type",
    "single-",
    "status-",
    "tag-",
    "type-",
    "with-",
];

/// The parts of a page's main content that are named as boilerplate.
pub(super) struct Boilerplate {
    /// By node: the place of its kind.
    kinds: Vec<Option<usize>>,
    is_left_out: [bool; KINDS.len()],
}

impl Boilerplate {
    pub(super) fn of(tree: &Tree, shape: &Shape, roots: &[NodeId]) -> Self {
        let total: u64 = roots.iter().map(|root| shape.prose(*root)).sum();
        let has_code = roots.iter().any(|root| shape.has_code(*root));
        let mut kinds = vec![None; tree.len()];
        let mut is_within = vec![false; tree.len()];
        let mut sums = [0; KINDS.len()];
        let nodes = roots.iter().flat_map(|root| tree.subtree(*root).skip(1));
        for id in nodes {
            let above = tree.parent(id);
            let is_judged = above.is_some_and(|above| is_within[above.index()]);
            if is_judged || is_preformatted(tree.name(id)) {
                is_within[id.index()] = true;
                continue;
            }
            let kind = kind_of(tree, id).filter(|kind| {
                let Kind {
                    times, is_vague, ..
                } = KINDS[*kind];
                shape.prose(id) * times <= total && !(is_vague && has_code)
            });
            let Some(kind) = kind.filter(|_| !is_content(shape, id)) else {
                continue;
            };
            is_within[id.index()] = true;
            kinds[id.index()] = Some(kind);
            sums[kind] += shape.prose(id);
        }
        Self {
            kinds,
            is_left_out: sums.map(|sum| sum * 2 <= total),
        }
    }

    /// True if this element is named as boilerplate.
    pub(super) fn holds(&self, id: NodeId) -> bool {
        self.kinds[id.index()].is_some_and(|kind| self.is_left_out[kind])
    }
}

/// True if an element holds what boilerplate does not have: the title, code, a table.
fn is_content(shape: &Shape, id: NodeId) -> bool {
    shape.titles(id) > 0 || shape.has_code(id) || shape.has_table(id)
}

/// The place of the kind of boilerplate that an element's names name.
fn kind_of(tree: &Tree, id: NodeId) -> Option<usize> {
    let is_anchor = match tree.name(id) {
        "" | "a" | "article" | "body" | "code" | "h1" | "main" | "span" | "table" | "tbody"
        | "td" | "th" | "tr" => return None,
        "div" => tree.has_class(id, &["section"]),
        "aside" | "footer" | "form" | "ol" | "ul" => false,
        _ => true,
    };
    // An id that is there for links to it says what its part is about; a long one is made of a heading.
    let own = tree.attribute(id, "id");
    let own = own.filter(|name| !is_anchor && words(name).count() < 3);
    let names = tree.classes(id).chain(own);
    names
        .filter(|name| !STATES.iter().any(|state| name.starts_with(state)))
        .find_map(named)
        .or_else(|| (tree.name(id) == "form").then_some(SURROUNDINGS))
}

/// The place of the kind that a name names.
fn named(name: &str) -> Option<usize> {
    let is_among =
        |words: &[&str], word: &str| words.iter().any(|of| word.eq_ignore_ascii_case(of));
    if words(name)
        .next()
        .is_some_and(|word| is_among(&FIRST, word))
    {
        return Some(0);
    }
    words(name).find_map(|word| KINDS.iter().position(|kind| is_among(kind.words, word)))
}

/// The words of a name, without numbers behind them: `entry-meta`, `relatedPosts`, `sidebar2`.
fn words(name: &str) -> impl Iterator<Item = &str> {
    let parts = name.split(|letter: char| !letter.is_alphanumeric());
    let all = parts.flat_map(humps);
    all.map(|word| word.trim_end_matches(|letter: char| letter.is_ascii_digit()))
        .filter(|word| !word.is_empty())
}

/// The words of a name in camel case.
fn humps(name: &str) -> impl Iterator<Item = &str> {
    let mut rest = name;
    std::iter::from_fn(move || {
        let bytes = rest.as_bytes();
        let begins =
            |at: &usize| bytes[*at].is_ascii_uppercase() && bytes[at - 1].is_ascii_lowercase();
        let end = (1..bytes.len()).find(begins).unwrap_or(bytes.len());
        let (word, after) = rest.split_at(end);
        rest = after;
        (!word.is_empty()).then_some(word)
    })
}
