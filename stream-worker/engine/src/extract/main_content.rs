//! The part of a page that it is about.
//!
//! It owns the guess: what the page itself calls its main part (`<main>`, or its only `<article>`) if that holds a fair part of its
//! text, else the smallest part that holds nearly all text outside of links; within it the article's body, if one is named; and what is
//! left out of it: navigation, banners, boilerplate that its names name, what is hidden. Its rule above all others: what holds
//! most of the text is the page, whatever it is called. A `<nav>` that was never closed holds the whole article.

use super::announced;
use super::article_body;
use super::boilerplate::{Boilerplate, Names};
use super::boxes;
use super::captions;
use super::dom::{NodeId, Tree};
use super::elements::{self, is_preformatted, is_unseen};
use super::leftovers;
use super::remarks;
use super::shape::Shape;
use super::surroundings::{Surroundings, is_hidden};

/// Bytes of text outside of links that make an article.
const ARTICLE: u64 = 500;

/// The elements that hold the main content, and the nodes within that do not belong to it.
pub(super) struct MainContent {
    pub(super) roots: Vec<NodeId>,
    left_out: Vec<bool>,
}

impl MainContent {
    pub(super) fn of(tree: &Tree, shape: &Shape) -> Self {
        let body = body(tree);
        let names = Names::of(tree, shape, body);
        let Some(comments) = names.comments(tree, shape, body) else {
            return Self::of_article(tree, shape, &names, body);
        };
        let shape = Shape::of_all_but(tree, |id| comments[id.index()]);
        let mut content = Self::of_article(tree, &shape, &names, body);
        for (is_left_out, is_comment) in content.left_out.iter_mut().zip(comments) {
            *is_left_out |= is_comment;
        }
        content
    }

    /// All of the page.
    pub(super) fn whole(tree: &Tree) -> Self {
        Self {
            roots: vec![body(tree)],
            left_out: vec![false; tree.len()],
        }
    }

    fn of_article(tree: &Tree, shape: &Shape, names: &Names, body: NodeId) -> Self {
        let page = Page { tree, shape, names };
        let declared = declared(tree, shape, body);
        let is_declared = declared.is_some();
        let roots = declared.unwrap_or_else(|| vec![densest(tree, shape, body)]);
        page.content(roots, is_declared)
    }

    /// True if this node, with all below it, is no content.
    pub(super) fn leaves_out(&self, id: NodeId) -> bool {
        self.left_out[id.index()]
    }
}

/// A page of which a part is content.
struct Page<'a> {
    tree: &'a Tree,
    shape: &'a Shape,
    names: &'a Names,
}

/// The parts of `roots` that stand around the content.
struct Around {
    left_out: Vec<bool>,
    /// Bytes of text outside of links in what is left.
    kept: u64,
    /// True if hardly anything is left: what was taken was the page.
    is_page: bool,
}

impl Page<'_> {
    /// The content within `roots`: boilerplate and surroundings are left out.
    fn content(&self, roots: Vec<NodeId>, is_declared: bool) -> MainContent {
        let Self { tree, shape, names } = *self;
        let boilerplate = Boilerplate::of(names, tree, shape, &roots);
        let captions = captions::within(tree, shape, &roots);
        let mut around = self.around(&roots, is_declared, &captions, |id| boilerplate.holds(id));
        if around.is_page {
            // Names are the weakest evidence.
            around = self.around(&roots, is_declared, &captions, |_| false);
        }
        let Around {
            mut left_out,
            kept,
            is_page,
        } = around;
        if is_page {
            left_out.fill(false);
        }
        let is_left_out = |id: NodeId| left_out[id.index()];
        if let Some(article) = article_body::within(tree, shape, &roots, kept, is_left_out) {
            leave_out_around(&mut left_out, tree, &roots, &article);
        }
        // Documentation lists its own pages, and has its own words: where there is code, all of it stays.
        let has_code = roots.iter().any(|root| shape.has_code(*root));
        if !has_code {
            boxes::leave_out_boxes(&mut left_out, tree, shape, &roots, kept);
        }
        if kept >= ARTICLE && !has_code {
            leftovers::leave_out_links(&mut left_out, tree, shape, &roots, kept);
            remarks::leave_out_remarks(&mut left_out, tree, shape, &roots, kept);
            announced::leave_out_announced(&mut left_out, tree, shape, &roots, kept);
        }
        leftovers::leave_out_headings(&mut left_out, tree, shape, &roots);
        MainContent { roots, left_out }
    }

    fn around(
        &self,
        roots: &[NodeId],
        is_declared: bool,
        captions: &[NodeId],
        is_named: impl Fn(NodeId) -> bool,
    ) -> Around {
        let Self { tree, shape, .. } = *self;
        let total: u64 = roots.iter().map(|root| shape.prose(*root)).sum();
        let all: u64 = roots.iter().map(|root| shape.text(*root)).sum();
        let surroundings = Surroundings {
            tree,
            shape,
            is_declared,
            has_code: roots.iter().any(|root| shape.has_code(*root)),
            total,
        };
        let mut captions = captions.iter().copied().peekable();
        let mut left_out = vec![false; tree.len()];
        let (mut taken, mut taken_text) = (0, 0);
        for root in roots {
            // In document order: what stands above has been judged before.
            for id in tree.subtree(*root).filter(|id| id != root) {
                let above = tree.parent(id).is_some_and(|id| left_out[id.index()]);
                let is_caption = captions.next_if_eq(&id).is_some();
                if above {
                    left_out[id.index()] = true;
                } else if is_caption || surroundings.hold(id) || is_named(id) {
                    left_out[id.index()] = true;
                    taken += shape.prose(id);
                    taken_text += shape.text(id);
                }
            }
        }
        let kept = total.saturating_sub(taken);
        Around {
            left_out,
            kept,
            is_page: kept * 4 < total || (taken_text >= all && all > 0),
        }
    }
}

/// Leaves out all of `roots` that is neither within the `wanted` elements nor above them.
fn leave_out_around(left_out: &mut [bool], tree: &Tree, roots: &[NodeId], wanted: &[NodeId]) {
    let mut is_kept = vec![false; tree.len()];
    for top in wanted {
        let above = std::iter::successors(Some(*top), |id| tree.parent(*id));
        for id in tree.subtree(*top).chain(above) {
            is_kept[id.index()] = true;
        }
    }
    for id in roots.iter().flat_map(|root| tree.subtree(*root)) {
        left_out[id.index()] |= !is_kept[id.index()];
    }
}

fn body(tree: &Tree) -> NodeId {
    let mut elements = tree.subtree(tree.root());
    elements
        .find(|id| tree.name(*id) == "body")
        .unwrap_or_else(|| tree.root())
}

/// The elements that the page calls its main part, if that is believable.
fn declared(tree: &Tree, shape: &Shape, body: NodeId) -> Option<Vec<NodeId>> {
    let mains = outermost(tree, body, |id| {
        tree.name(id) == "main" || tree.attribute(id, "role") == Some("main")
    });
    if is_honest(shape, &mains, body) {
        return Some(mains);
    }
    let articles = outermost(tree, body, |id| tree.name(id) == "article");
    (articles.len() == 1 && is_honest(shape, &articles, body)).then_some(articles)
}

/// True if they hold a fair part of the page's text, or at least of its text outside of links.
fn is_honest(shape: &Shape, roots: &[NodeId], body: NodeId) -> bool {
    let text: u64 = roots.iter().map(|root| shape.text(*root)).sum();
    let prose: u64 = roots.iter().map(|root| shape.prose(*root)).sum();
    text > 0 && (text * 5 >= shape.text(body) || prose * 5 >= shape.prose(body))
}

/// Elements that are wanted and not within another one.
fn outermost(tree: &Tree, top: NodeId, is_wanted: impl Fn(NodeId) -> bool) -> Vec<NodeId> {
    let mut found = Vec::new();
    let mut within = vec![false; tree.len()];
    for id in tree.subtree(top) {
        let above = tree.parent(id).is_some_and(|above| within[above.index()]);
        if above || is_unseen(tree, id) {
            within[id.index()] = true;
        } else if is_wanted(id) && !is_hidden(tree, id) {
            within[id.index()] = true;
            found.push(id);
        }
    }
    found
}

/// The smallest part that holds nearly all of the page's text outside of links, and its title.
fn densest(tree: &Tree, shape: &Shape, body: NodeId) -> NodeId {
    /// Bytes of text below which nothing can be said of a page.
    const ENOUGH: u64 = 200;
    let total = shape.prose(body);
    let (mut part, mut candidate) = (body, body);
    if total < ENOUGH {
        return body;
    }
    loop {
        let mut children = tree.children(candidate);
        let next = children.find(|child| {
            let holds_title = shape.titles(*child) > 0 || shape.titles(candidate) == 0;
            shape.prose(*child) * 100 >= total * 85 && holds_title
        });
        let next = next.filter(|next| !has_content_beside(tree, shape, candidate, *next));
        let Some(next) = next else { return part };
        match tree.name(next) {
            "article" | "center" | "div" | "form" | "main" | "section" | "td" => part = next,
            // On the way to a cell of a table that lays out the page.
            "table" | "tbody" | "tr" => {}
            name if name.contains('-') => part = next,
            _ => return part,
        }
        candidate = next;
    }
}

/// True if code, or the heading of `part`, stands beside it in its `parent`: then they are one text.
fn has_content_beside(tree: &Tree, shape: &Shape, parent: NodeId, part: NodeId) -> bool {
    let mut before = tree.children(parent).take_while(|child| *child != part);
    let mut beside = tree.children(parent).filter(|child| *child != part);
    before.any(|child| is_heading(tree, shape, child))
        || beside.any(|child| holds_code(tree, shape, child))
}

/// True if a heading is all that an element says.
fn is_heading(tree: &Tree, shape: &Shape, id: NodeId) -> bool {
    let mut nodes = tree.subtree(id);
    let heading = nodes.find(|below| elements::is_heading(tree.name(*below)));
    heading.is_some_and(|heading| shape.text(heading) > 0 && shape.text(heading) == shape.text(id))
}

fn holds_code(tree: &Tree, shape: &Shape, id: NodeId) -> bool {
    shape.has_code(id) || (is_preformatted(tree.name(id)) && shape.text(id) > 0)
}
