//! The elements of a page that a caller's CSS selectors select, and the page that they leave.
//!
//! Each selector is held against each element once, from the document downwards, so that the time is in proportion to both: an
//! element knows how far along a selector its ancestors and the siblings before it have come.

use shared::request::CssSelector;
use shared::request::selector::{Combinator, Complex, Compound, Condition};

use super::dom::{NodeId, Tree};

/// Comparisons of an element with a compound selector that one page is worth. More would take seconds.
const MAX_COMPARISONS: usize = 20_000_000;

/// The choice of a request.
#[derive(Debug, Default)]
pub(super) struct Tags {
    pub(super) include: Vec<CssSelector>,
    pub(super) exclude: Vec<CssSelector>,
}

impl Tags {
    pub(super) fn are_none(&self) -> bool {
        self.include.is_empty() && self.exclude.is_empty()
    }

    /// Leaves of `tree` what was chosen: the included elements alone, in document order, right below the body; and without the
    /// excluded ones. Nothing is changed and false is returned if the page has too many elements for so many selectors.
    pub(super) fn apply(&self, tree: &mut Tree) -> bool {
        let parts = |selectors: &[CssSelector]| -> usize {
            let alternatives = selectors.iter().flat_map(CssSelector::alternatives);
            alternatives.map(|Complex(compounds)| compounds.len()).sum()
        };
        let comparisons = parts(&self.include) + parts(&self.exclude);
        if tree.len().saturating_mul(comparisons) > MAX_COMPARISONS {
            return false;
        }
        let included = (!self.include.is_empty()).then(|| selected(tree, &self.include));
        let excluded = selected(tree, &self.exclude);
        for id in excluded {
            tree.detach(id);
        }
        if let Some(included) = included {
            keep(tree, &included);
        }
        true
    }
}

/// Makes `wanted` all that is in the document's body, but for those that were excluded, or are within another.
fn keep(tree: &mut Tree, wanted: &[NodeId]) {
    let mut is_wanted = vec![false; tree.len()];
    for id in wanted {
        is_wanted[id.index()] = true;
    }
    let root = tree.root();
    let mut outermost = Vec::new();
    // In document order: what stands above has been judged before.
    let mut is_within = vec![false; tree.len()];
    for id in tree.subtree(root) {
        let above = tree
            .parent(id)
            .is_some_and(|above| is_within[above.index()]);
        is_within[id.index()] = above || is_wanted[id.index()];
        if is_wanted[id.index()] && !above {
            outermost.push(id);
        }
    }
    for id in &outermost {
        tree.detach(*id);
    }
    let all: Vec<NodeId> = tree.children(root).collect();
    for id in all {
        tree.detach(id);
    }
    let body = tree.add_body();
    for id in outermost {
        // A document itself, or its body, is what stands in it.
        if matches!(tree.name(id), "html" | "body") {
            let children: Vec<NodeId> = tree.children(id).collect();
            for child in children {
                tree.detach(child);
                tree.append(body, child);
            }
        } else {
            tree.append(body, id);
        }
    }
}

/// The elements that any of the selectors selects, in no order and perhaps twice.
fn selected(tree: &Tree, selectors: &[CssSelector]) -> Vec<NodeId> {
    let mut selected = Vec::new();
    let alternatives = selectors.iter().flat_map(CssSelector::alternatives);
    for complex in alternatives {
        select(tree, complex, &mut selected);
    }
    selected
}

/// Which compounds of a selector an element, or any of several, has matched together with all before them: a bit for each.
type Matched = u32;

/// The states at one node while its children are visited.
#[derive(Clone, Copy, Default)]
struct State {
    own: Matched,
    /// Of it and of all above it.
    above: Matched,
    /// Of its last child so far, and of all of them.
    last_child: Matched,
    children: Matched,
    has_child: bool,
}

fn select(tree: &Tree, Complex(compounds): &Complex, selected: &mut Vec<NodeId>) {
    let mut states = vec![State::default(); tree.len()];
    let whole: Matched = 1 << (compounds.len() - 1);
    for id in tree.subtree(tree.root()) {
        let Some(element) = tree.element_name(id) else {
            continue;
        };
        let above = tree
            .parent(id)
            .map_or_else(State::default, |parent| states[parent.index()]);
        let mut own: Matched = 0;
        for (place, (combinator, compound)) in compounds.iter().enumerate() {
            let has_come_there = place == 0 || {
                let before: Matched = 1 << (place - 1);
                let related = match combinator {
                    Combinator::Descendant => above.above,
                    Combinator::Child => above.own,
                    Combinator::Next => above.last_child,
                    Combinator::Later => above.children,
                };
                related & before != 0
            };
            let subject = Subject {
                tree,
                id,
                name: element,
                is_first: !above.has_child,
            };
            if has_come_there && subject.matches(compound) {
                own |= 1 << place;
            }
        }
        if own & whole != 0 {
            selected.push(id);
        }
        states[id.index()] = State {
            own,
            above: above.above | own,
            ..State::default()
        };
        if let Some(parent) = tree.parent(id) {
            let parent = &mut states[parent.index()];
            parent.last_child = own;
            parent.children |= own;
            parent.has_child = true;
        }
    }
}

/// An element that a compound selector is held against.
struct Subject<'a> {
    tree: &'a Tree,
    id: NodeId,
    name: &'a str,
    is_first: bool,
}

impl Subject<'_> {
    fn matches(&self, Compound(conditions): &Compound) -> bool {
        conditions.iter().all(|condition| self.meets(condition))
    }

    fn meets(&self, condition: &Condition) -> bool {
        let attribute = |name: &str| self.tree.attribute(self.id, name);
        match condition {
            Condition::Type(name) => self.name.eq_ignore_ascii_case(name),
            Condition::Class(class) => self.tree.classes(self.id).any(|own| own == class),
            Condition::Id(id) => attribute("id") == Some(id),
            Condition::Attribute { name, value } => attribute(name)
                .is_some_and(|own| value.as_ref().is_none_or(|value| value.matches(own))),
            Condition::Not(others) => !others.iter().any(|other| self.matches(other)),
            Condition::Is(others) => others.iter().any(|other| self.matches(other)),
            Condition::FirstChild => self.is_first,
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::dom;
    use super::*;

    const PAGE: &str = "<body><div id=top class='a wide'><p lang=de-AT>1</p><p class=b>2<b>3</b></p><ul><li>4<li class=b>5</ul></div>
        <section data-x='Some Words'><p>6</p><div><p class='a b'>7</p></div></section><p class=b>8</p>";

    /// The words in what is selected, each element's own.
    fn found(selector: &str) -> Vec<String> {
        let tree = dom::parse(PAGE).unwrap();
        let selectors = [CssSelector::parse(selector).unwrap()];
        let mut ids = selected(&tree, &selectors);
        let order: Vec<NodeId> = tree.subtree(tree.root()).collect();
        ids.sort_by_key(|id| order.iter().position(|other| other == id));
        ids.dedup();
        let own = |id: NodeId| {
            let texts = tree.children(id).filter_map(|child| tree.text(child));
            texts.collect::<String>().trim().to_owned()
        };
        ids.into_iter().map(own).collect()
    }

    #[rstest]
    #[case("p", &["1", "2", "6", "7", "8"])]
    #[case("P.b", &["2", "7", "8"])]
    #[case(".a.b", &["7"])]
    #[case("#top > p", &["1", "2"])]
    #[case("#top p, section > p", &["1", "2", "6"])]
    #[case("section p", &["6", "7"])]
    #[case("section > p", &["6"])]
    #[case("body > p", &["8"])]
    #[case("p + p", &["2"])]
    #[case("p ~ ul > li", &["4", "5"])]
    #[case("div ~ p", &["8"])]
    #[case("p + div p", &["7"])]
    #[case("[lang] + ul, p:first-child + ul", &[])]
    #[case("#top .b", &["2", "5"])]
    #[case("[data-x~=words i] > div *", &["7"])]
    #[case("[lang|=de]", &["1"])]
    #[case("p:not(.b, [lang])", &["6"])]
    #[case(":is(li, b):not(.b)", &["3", "4"])]
    #[case("p:first-child", &["1", "6", "7"])]
    #[case("div div, div > section, b p", &[])]
    fn elements_are_selected_as_browsers_do(#[case] selector: &str, #[case] words: &[&str]) {
        assert_eq!(found(selector), words);
    }

    #[rstest]
    #[case(&[], &["p"], "45")]
    #[case(&["p"], &[], "123678")]
    #[case(&["p", "#top"], &["li"], "123678")]
    #[case(&["section", "#top li"], &[".a"], "6")]
    #[case(&["body"], &["section"], "123458")]
    #[case(&["nav"], &[], "")]
    #[case(&["p"], &["body"], "")]
    fn what_was_chosen_is_left(
        #[case] include: &[&str],
        #[case] exclude: &[&str],
        #[case] left: &str,
    ) {
        let read = |texts: &[&str]| -> Vec<CssSelector> {
            let selectors = texts.iter().map(|text| CssSelector::parse(text).unwrap());
            selectors.collect()
        };
        let tags = Tags {
            include: read(include),
            exclude: read(exclude),
        };
        let mut tree = dom::parse(PAGE).unwrap();
        assert!(tags.apply(&mut tree));
        let text = tree.text_of(tree.root());
        assert_eq!(text.split_whitespace().collect::<String>(), left);
    }
}
