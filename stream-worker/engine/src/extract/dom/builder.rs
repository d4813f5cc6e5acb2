//! The tree as html5ever builds it.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use html5ever::interface::{ElemName, ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::StrTendril;
use html5ever::{Attribute, LocalName, Namespace, QualName};

use super::tree::{Content, NodeId, Tree};

/// A tree that grows, and the depth at which it does.
pub(super) struct Builder {
    tree: RefCell<Tree>,
    /// Elements above and including each node, as they were when it was put there.
    depths: RefCell<Vec<u32>>,
    depth: Cell<u32>,
}

/// An element's name, which outlives the borrow of the tree.
#[derive(Debug)]
pub(super) struct Name {
    namespace: Namespace,
    local: LocalName,
}

impl ElemName for Name {
    fn ns(&self) -> &Namespace {
        &self.namespace
    }

    fn local_name(&self) -> &LocalName {
        &self.local
    }
}

impl Builder {
    /// A tree for a page of so many bytes.
    pub(super) fn for_page(bytes: usize) -> Self {
        // Documentation has a node for every 15 to 40 bytes.
        let nodes = 64 + bytes / 32;
        let mut depths = Vec::with_capacity(nodes);
        depths.push(0);
        Self {
            tree: RefCell::new(Tree::with_capacity(nodes)),
            depths: RefCell::new(depths),
            depth: Cell::new(0),
        }
    }

    /// Elements that are open where the page is being read.
    pub(super) fn depth(&self) -> u32 {
        self.depth.get()
    }

    pub(super) fn len(&self) -> usize {
        self.tree.borrow().len()
    }

    fn add(&self, content: Content) -> NodeId {
        self.depths.borrow_mut().push(0);
        self.tree.borrow_mut().add(content)
    }

    /// Puts `child` under `parent`, before `next` or last.
    fn place(&self, parent: NodeId, next: Option<NodeId>, child: NodeOrText<NodeId>) {
        let mut tree = self.tree.borrow_mut();
        let previous = match next {
            Some(next) => tree.node(next).previous,
            None => tree.node(parent).last,
        };
        let child = match child {
            NodeOrText::AppendNode(child) => {
                let mut depths = self.depths.borrow_mut();
                let depth = depths[parent.index()] + 1;
                depths[child.index()] = depth;
                self.depth.set(depth);
                child
            }
            NodeOrText::AppendText(text) => {
                if let Some(previous) = previous
                    && let Content::Text(before) = &mut tree.node_mut(previous).content
                {
                    before.push_tendril(&text);
                    return;
                }
                self.depths.borrow_mut().push(0);
                tree.add(Content::Text(text))
            }
        };
        tree.detach(child);
        let node = tree.node_mut(child);
        (node.parent, node.previous, node.next) = (Some(parent), previous, next);
        match previous {
            Some(previous) => tree.node_mut(previous).next = Some(child),
            None => tree.node_mut(parent).first = Some(child),
        }
        match next {
            Some(next) => tree.node_mut(next).previous = Some(child),
            None => tree.node_mut(parent).last = Some(child),
        }
    }
}

impl TreeSink for Builder {
    type Handle = NodeId;
    type Output = Tree;
    type ElemName<'a> = Name;

    fn finish(self) -> Tree {
        self.tree.into_inner()
    }

    fn parse_error(&self, _message: Cow<'static, str>) {}

    fn get_document(&self) -> NodeId {
        self.tree.borrow().root()
    }

    fn elem_name(&self, target: &NodeId) -> Name {
        match &self.tree.borrow().node(*target).content {
            Content::Element {
                namespace, name, ..
            } => Name {
                namespace: namespace.clone(),
                local: name.clone(),
            },
            Content::Text(_) | Content::Other => unreachable!("only elements are asked for names"),
        }
    }

    fn create_element(&self, name: QualName, attrs: Vec<Attribute>, _: ElementFlags) -> NodeId {
        self.add(Content::Element {
            namespace: name.ns,
            name: name.local,
            attributes: attrs.into_boxed_slice(),
        })
    }

    fn create_comment(&self, _text: StrTendril) -> NodeId {
        self.add(Content::Other)
    }

    fn create_pi(&self, _target: StrTendril, _data: StrTendril) -> NodeId {
        self.add(Content::Other)
    }

    fn append(&self, parent: &NodeId, child: NodeOrText<NodeId>) {
        self.place(*parent, None, child);
    }

    fn append_before_sibling(&self, sibling: &NodeId, child: NodeOrText<NodeId>) {
        let parent = self.tree.borrow().parent(*sibling);
        self.place(
            parent.expect("the sibling is in the tree"),
            Some(*sibling),
            child,
        );
    }

    fn append_based_on_parent_node(
        &self,
        element: &NodeId,
        previous: &NodeId,
        child: NodeOrText<NodeId>,
    ) {
        if self.tree.borrow().parent(*element).is_some() {
            self.append_before_sibling(element, child);
        } else {
            self.append(previous, child);
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn pop(&self, node: &NodeId) {
        self.depth
            .set(self.depths.borrow()[node.index()].saturating_sub(1));
    }

    /// A template's content stays below it: a declared shadow root is shown, all others are left out by their name.
    fn get_template_contents(&self, target: &NodeId) -> NodeId {
        *target
    }

    fn same_node(&self, one: &NodeId, other: &NodeId) -> bool {
        one == other
    }

    fn set_quirks_mode(&self, _mode: QuirksMode) {}

    fn add_attrs_if_missing(&self, target: &NodeId, attrs: Vec<Attribute>) {
        let mut tree = self.tree.borrow_mut();
        if let Content::Element { attributes, .. } = &mut tree.node_mut(*target).content {
            let mut all = std::mem::take(attributes).into_vec();
            for attribute in attrs {
                if !all.iter().any(|own| own.name == attribute.name) {
                    all.push(attribute);
                }
            }
            *attributes = all.into_boxed_slice();
        }
    }

    fn remove_from_parent(&self, target: &NodeId) {
        self.tree.borrow_mut().detach(*target);
    }

    fn reparent_children(&self, node: &NodeId, new_parent: &NodeId) {
        loop {
            let first = self.tree.borrow().node(*node).first;
            let Some(child) = first else { return };
            self.place(*new_parent, None, NodeOrText::AppendNode(child));
        }
    }
}
