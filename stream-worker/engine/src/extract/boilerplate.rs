//! Boilerplate that an element's id or classes name: comments, related articles, share buttons, the author's box.
//!
//! It owns the words and their bounds. A name is weak evidence: no part is left out that holds more than half of the text, and no
//! kind whose parts together hold most of it, as teasers do on a front page. Comments may hold nine tenths of a page, as long as
//! there is an article above them.

use hashbrown::HashMap;

use super::article_body;
use super::dom::{NodeId, Tree};
use super::elements::{is_block, is_preformatted};
use super::shape::Shape;

/// A kind of boilerplate.
struct Kind {
    /// Words of an id or a class that name it.
    words: &'static [&'static str],
    /// Parts of words, and words in a row, that name it wherever they stand: `artikelfooter`, `vw-tag-links`.
    stems: &'static [&'static str],
    /// True if documentation with code uses these words for its own content: `meta`, `author`.
    is_vague: bool,
}

#[rustfmt::skip]
const KINDS: [Kind; 8] = [
    // Comments.
    Kind { is_vague: false, stems: &["kommentar"], words: &[
        "akismet", "commentform", "commentlist", "comments", "disqus", "komentar", "kommentar", "kommentare",
        "pingback", "pingbacks", "respond", "trackback",
    ] },
    // Other articles.
    Kind { is_vague: false, stems: &["related", "recommend", "mostread", "mostviewed", "nextpost", "prevpost", "relacionad", "verwandt"], words: &[
        "crosslinks", "crp", "interesting", "latest", "linkbox", "morelinks", "nextstory", "outbrain", "popular",
        "promo", "readmore", "recirc", "recommendations",
        "recommended", "related", "relatedarticles", "relatedposts", "selling", "taboola", "teaser", "teasers", "trending",
        "upsell", "yarpp",
    ] },
    // Buttons that share or print.
    Kind { is_vague: false, stems: &["share", "sharing", "social"], words: &[
        "addtoany", "essb", "heateor", "shareaholic", "share", "sharedaddy", "shares", "shariff", "sharing", "sociable",
        "social", "socialmedia", "ssba", "syndication",
    ] },
    // Subscriptions.
    Kind { is_vague: false, stems: &["newsletter", "subscri", "paywall"], words: &[
        "donate", "mailchimp", "mc4wp", "newsletter", "newsletters", "optin", "paywall", "signup", "subscribe", "subscription",
    ] },
    // The author, and whom to ask.
    Kind { is_vague: false, stems: &["author", "autor", "byline", "contact", "kontakt"], words: &["author", "authorbox", "authors", "bio", "byline", "contributor"] },
    // Facts about the article.
    Kind { is_vague: true, stems: &FACTS, words: &[
        "breadcrumb", "breadcrumbs", "cat", "categories", "copyright", "date", "dateline", "meta", "postinfo", "postmeta",
        "postmetadata", "rating", "ratings", "tagcloud", "tags", "timestamp", "toolbar", "topics", "vote",
    ] },
    // Advertisements and dialogs.
    Kind { is_vague: true, stems: &["advert", "disclaimer"], words: &[
        "ad", "ads", "adv", "advert", "advertisement", "advertising", "alert", "anzeige", "banner", "captcha", "consent",
        "cookie", "cookies", "gdpr", "modal", "overlay", "popup", "sponsor", "sponsored",
    ] },
    // Surroundings of the page.
    Kind { is_vague: true, stems: &["sidebar", "footer", "breadcrumb", "navbar", "navigation", "pagination"], words: &[
        "entryfooter", "foot", "footer", "masthead", "menu", "nav", "navbar", "navbox", "navigation", "pager", "pagination", "postnav",
        "sidebar", "sidebarleft", "sidebarright", "siblings", "subnav", "topbar", "widget", "widgets",
    ] },
];

/// Stems of facts about the article. A `<span>` has no other name that counts.
const FACTS: [&str; 13] = [
    "copyright",
    "credit",
    "datum",
    "keywords",
    "no-print",
    "post-rating",
    "postrating",
    "print-button",
    "schlagw",
    "tag-links",
    "tag-list",
    "taglinks",
    "taglist",
];

/// The place of the comments of an article's readers.
const COMMENTS: usize = 0;

/// The place of other articles.
const OTHERS: usize = 1;

/// The place of facts about the article.
const ABOUT: usize = 5;

/// The place of the surroundings of a page: forms are among them, whatever they are called.
const SURROUNDINGS: usize = KINDS.len() - 1;

/// Bytes of text outside of links that make an article.
const ARTICLE: u64 = 500;

/// Words that name boilerplate only where a name begins with them: `comment-meta`, but not `deprecation-comment`.
const FIRST: [&str; 2] = ["comment", "reply"];

/// Classes of what is not worth paper.
const NOT_PRINTED: [&str; 5] = [
    "d-print-none",
    "hidden-print",
    "hide-for-print",
    "hide-print",
    "noprint",
];

/// Beginnings of class names that tell of the topic, the state or the tool of the element that they stand on.
const STATES: [&str; 12] = [
    "category-",
    "elementor-",
    "format-",
    "has-",
    "is-",
    "no-",
    "post-type",
    "single-",
    "status-",
    "tag-",
    "type-",
    "with-",
];

/// Bytes of text outside of links from which on a part that is named as an article's body is one.
const BODY: u64 = 200;

/// The kinds that the names of a page's elements name, by node.
pub(super) struct Names {
    kinds: Vec<Option<u8>>,
}

impl Names {
    pub(super) fn of(tree: &Tree, shape: &Shape, body: NodeId) -> Self {
        let is_documentation = shape.has_code(body);
        let mut kinds = vec![None; tree.len()];
        let mut known = Known::new();
        for id in tree.subtree(body).skip(1) {
            if !tree.has_attributes(id) {
                kinds[id.index()] = (tree.name(id) == "form")
                    .then_some(SURROUNDINGS)
                    .and_then(place);
                continue;
            }
            kinds[id.index()] = kind_of(tree, id, is_documentation, &mut known);
            if shape.prose(id) < BODY || !article_body::is_article_body(tree, id) {
                continue;
            }
            // What holds an article's body is none, whatever it is called: a blog is one of its page's widgets.
            let above = std::iter::successors(tree.parent(id), |id| tree.parent(*id));
            for id in above.take_while(|id| *id != body) {
                if kinds[id.index()].is_some_and(|kind| usize::from(kind) != COMMENTS) {
                    kinds[id.index()] = None;
                }
            }
        }
        Self { kinds }
    }

    fn kind(&self, id: NodeId) -> Option<usize> {
        self.kinds[id.index()].map(usize::from)
    }

    /// The comments of an article's readers, by node, each with all below it; none if the page is hardly more than them.
    pub(super) fn comments(&self, tree: &Tree, shape: &Shape, body: NodeId) -> Option<Vec<bool>> {
        let comments = place(COMMENTS);
        if !self.kinds.contains(&comments) {
            return None;
        }
        let mut is_comment = vec![false; tree.len()];
        let mut sum = 0;
        for id in tree.subtree(body).skip(1) {
            let above = tree.parent(id).is_some_and(|id| is_comment[id.index()]);
            let begins = !above
                && self.kind(id) == Some(COMMENTS)
                && shape.titles(id) == 0
                && !shape.has_code(id)
                && !is_preformatted(tree.name(id));
            is_comment[id.index()] = above || begins;
            if begins {
                sum += shape.prose(id);
            }
        }
        let total = shape.prose(body);
        let rest = total.saturating_sub(sum);
        (sum > 0 && rest >= ARTICLE && rest * 5 >= total).then_some(is_comment)
    }
}

/// The parts of a page's main content that are named as boilerplate.
pub(super) struct Boilerplate {
    /// By node: the place of its kind.
    kinds: Vec<Option<usize>>,
    is_left_out: [bool; KINDS.len()],
}

impl Boilerplate {
    pub(super) fn of(names: &Names, tree: &Tree, shape: &Shape, roots: &[NodeId]) -> Self {
        if names.kinds.iter().all(Option::is_none) {
            return Self {
                kinds: Vec::new(),
                is_left_out: [false; KINDS.len()],
            };
        }
        let page = Page::of(shape, roots);
        let mut kinds = vec![None; tree.len()];
        let mut is_within = vec![false; tree.len()];
        let mut sums = [0; KINDS.len()];
        let mut passed = 0;
        for id in roots.iter().flat_map(|root| tree.subtree(*root).skip(1)) {
            if is_block(tree.name(id)) && !shape.has_block(id) {
                passed += shape.prose(id);
            }
            let above = tree.parent(id).is_some_and(|id| is_within[id.index()]);
            if above || is_preformatted(tree.name(id)) {
                is_within[id.index()] = true;
                continue;
            }
            let kind = names.kind(id);
            if let Some(kind) = kind.filter(|kind| page.can_spare(shape, id, *kind, passed)) {
                is_within[id.index()] = true;
                kinds[id.index()] = Some(kind);
                sums[kind] += shape.prose(id);
            }
        }
        Self {
            kinds,
            is_left_out: sums.map(|sum| page.can_lose(sum)),
        }
    }

    /// True if this element is named as boilerplate.
    pub(super) fn holds(&self, id: NodeId) -> bool {
        let kind = self.kinds.get(id.index()).copied().flatten();
        kind.is_some_and(|kind| self.is_left_out[kind])
    }
}

/// The whole of which boilerplate is a part.
struct Page {
    /// Bytes of text outside of links.
    prose: u64,
    titles: u32,
    has_code: bool,
}

impl Page {
    fn of(shape: &Shape, roots: &[NodeId]) -> Self {
        Self {
            prose: roots.iter().map(|root| shape.prose(*root)).sum(),
            titles: roots.iter().map(|root| shape.titles(*root)).sum(),
            has_code: roots.iter().any(|root| shape.has_code(*root)),
        }
    }

    /// True if an element that is named as this kind can be it: small, and without what boilerplate does not have. `passed` bytes of
    /// text outside of links stand before its end.
    fn can_spare(&self, shape: &Shape, id: NodeId, kind: usize, passed: u64) -> bool {
        let is_vague = KINDS[kind].is_vague;
        let prose = shape.prose(id);
        // A title stands above its text.
        let is_title =
            shape.titles(id) > 0 && shape.titles(id) >= self.titles && passed * 2 <= self.prose;
        let is_data = shape.has_table(id) && prose * 3 > self.prose;
        let is_content = shape.has_code(id) || is_title || is_data;
        // What leads to other articles has links: without, a teaser is the introduction of this one.
        let leads_nowhere = kind == OTHERS && prose == shape.text(id);
        let is_documentation = is_vague && self.has_code;
        prose * 2 <= self.prose && !is_content && !leads_nowhere && !is_documentation
    }

    /// True if there is an article without these bytes of text outside of links.
    fn can_lose(&self, bytes: u64) -> bool {
        let rest = self.prose.saturating_sub(bytes);
        bytes <= rest || (rest >= ARTICLE && bytes <= rest * 2)
    }
}

/// The place of the kind of boilerplate that an element's names name.
fn kind_of<'a>(
    tree: &'a Tree,
    id: NodeId,
    is_documentation: bool,
    known: &mut Known<'a>,
) -> Option<u8> {
    let is_anchor = match tree.name(id) {
        "h2" | "h3" | "h4" | "h5" | "h6" => true,
        "" | "a" | "article" | "body" | "code" | "h1" | "main" | "table" | "tbody" | "td"
        | "th" | "tr" => return None,
        "span" if is_documentation => return None,
        "span" => return tells_fact(tree, id).then_some(ABOUT).and_then(place),
        "div" => tree.has_class(id, &["section"]),
        "aside" | "footer" | "form" | "ol" | "ul" => false,
        _ => true,
    };
    // An id that is there for links to it says what its part is about; a long one with hyphens is made of a heading.
    let own = tree.attribute(id, "id");
    let most = |name: &str| if name.contains('-') { 2 } else { 4 };
    let own = own.filter(|name| !is_anchor && words(name).count() <= most(name));
    let mut names = tree.classes(id).chain(own);
    names
        .find_map(|name| *known.entry(name).or_insert_with(|| named(name)))
        .or_else(|| (tree.name(id) == "form").then_some(SURROUNDINGS))
        .and_then(place)
}

fn place(kind: usize) -> Option<u8> {
    u8::try_from(kind).ok()
}

/// True if a class of an element within a line names a fact about the article.
fn tells_fact(tree: &Tree, id: NodeId) -> bool {
    tree.classes(id).any(|class| {
        let joined = joined(class);
        FACTS.iter().any(|stem| joined.contains(stem))
    })
}

/// The places that a page's names have been found to name: the same ones stand on many elements.
type Known<'a> = HashMap<&'a str, Option<usize>>;

/// The place of the kind that a name names.
fn named(name: &str) -> Option<usize> {
    let name = name.strip_prefix("js-").unwrap_or(name);
    if STATES.iter().any(|state| name.starts_with(state)) {
        return None;
    }
    let is_among =
        |words: &[&str], word: &str| words.iter().any(|of| word.eq_ignore_ascii_case(of));
    if words(name)
        .next()
        .is_some_and(|word| is_among(&FIRST, word))
    {
        return Some(COMMENTS);
    }
    if NOT_PRINTED.iter().any(|of| name.eq_ignore_ascii_case(of)) {
        return Some(SURROUNDINGS);
    }
    let joined = joined(name);
    let has = |stems: &[&str]| stems.iter().any(|stem| joined.contains(stem));
    words(name)
        .find_map(|word| KINDS.iter().position(|kind| is_among(kind.words, word)))
        .or_else(|| KINDS.iter().position(|kind| has(kind.stems)))
}

/// The words of a name in lower case, with hyphens between them.
fn joined(name: &str) -> String {
    let mut joined = String::with_capacity(name.len() + 4);
    for word in words(name) {
        if !joined.is_empty() {
            joined.push('-');
        }
        joined.extend(word.chars().map(|letter| letter.to_ascii_lowercase()));
    }
    joined
}

/// The words of a name, without numbers behind them: `entry-meta`, `relatedPosts`, `sidebar2`.
pub(super) fn words(name: &str) -> impl Iterator<Item = &str> {
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
