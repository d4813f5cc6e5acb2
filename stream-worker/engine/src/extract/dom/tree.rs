//! Nodes in one vector that point to each other by number: a tree of any depth is dropped without recursion.

use std::num::NonZeroU32;

use html5ever::tendril::StrTendril;
use html5ever::{Attribute, LocalName, Namespace, local_name, ns};

/// A node's number, which stays its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::extract) struct NodeId(NonZeroU32);

impl NodeId {
    fn new(index: usize) -> Self {
        let number = u32::try_from(index + 1).ok().and_then(NonZeroU32::new);
        Self(number.expect("a tree has far fewer nodes"))
    }

    /// Its place in vectors that run beside the tree.
    pub(in crate::extract) fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// A document and its nodes.
pub(in crate::extract) struct Tree {
    nodes: Vec<Node>,
}

pub(super) struct Node {
    pub(super) parent: Option<NodeId>,
    pub(super) first: Option<NodeId>,
    pub(super) last: Option<NodeId>,
    pub(super) previous: Option<NodeId>,
    pub(super) next: Option<NodeId>,
    pub(super) content: Content,
}

pub(super) enum Content {
    Element {
        namespace: Namespace,
        name: LocalName,
        attributes: Box<[Attribute]>,
    },
    Text(StrTendril),
    /// The document itself, comments and the like.
    Other,
}

impl Tree {
    pub(super) fn with_capacity(nodes: usize) -> Self {
        let nodes = Vec::with_capacity(nodes);
        let mut tree = Self { nodes };
        tree.add(Content::Other);
        tree
    }

    pub(super) fn add(&mut self, content: Content) -> NodeId {
        let id = NodeId::new(self.nodes.len());
        self.nodes.push(Node {
            parent: None,
            first: None,
            last: None,
            previous: None,
            next: None,
            content,
        });
        id
    }

    pub(super) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    pub(super) fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id.index()]
    }

    /// The document.
    pub(in crate::extract) fn root(&self) -> NodeId {
        NodeId::new(0)
    }

    /// The number of nodes that there have ever been.
    pub(in crate::extract) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// An HTML or MathML element's name; empty for all else.
    pub(in crate::extract) fn name(&self, id: NodeId) -> &str {
        match &self.node(id).content {
            Content::Element {
                namespace, name, ..
            } if *namespace != ns!(svg) || &**name == "svg" => name,
            Content::Element { .. } | Content::Text(_) | Content::Other => "",
        }
    }

    /// The name of any element, those of drawings and formulas included.
    pub(in crate::extract) fn element_name(&self, id: NodeId) -> Option<&str> {
        match &self.node(id).content {
            Content::Element { name, .. } => Some(name),
            Content::Text(_) | Content::Other => None,
        }
    }

    /// Names and values of an element's attributes, in their order.
    pub(in crate::extract) fn attributes(&self, id: NodeId) -> impl Iterator<Item = (&str, &str)> {
        let attributes: &[Attribute] = match &self.node(id).content {
            Content::Element { attributes, .. } => attributes,
            Content::Text(_) | Content::Other => &[],
        };
        attributes
            .iter()
            .map(|attribute| (&*attribute.name.local, &*attribute.value))
    }

    pub(in crate::extract) fn text(&self, id: NodeId) -> Option<&str> {
        match &self.node(id).content {
            Content::Text(text) => Some(text),
            Content::Element { .. } | Content::Other => None,
        }
    }

    /// True for elements with attributes.
    pub(in crate::extract) fn has_attributes(&self, id: NodeId) -> bool {
        matches!(&self.node(id).content, Content::Element { attributes, .. } if !attributes.is_empty())
    }

    pub(in crate::extract) fn attribute(&self, id: NodeId, name: &str) -> Option<&str> {
        let Content::Element { attributes, .. } = &self.node(id).content else {
            return None;
        };
        let attribute = attributes.iter().find(|own| &*own.name.local == name)?;
        Some(&attribute.value)
    }

    pub(in crate::extract) fn parent(&self, id: NodeId) -> Option<NodeId> {
        self.node(id).parent
    }

    pub(in crate::extract) fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(self.node(id).first, |child| self.node(*child).next)
    }

    /// Takes a node, with all below it, out of the document.
    pub(in crate::extract) fn detach(&mut self, id: NodeId) {
        let node = self.node_mut(id);
        let (parent, previous, next) = (node.parent.take(), node.previous.take(), node.next.take());
        let Some(parent) = parent else { return };
        match previous {
            Some(previous) => self.node_mut(previous).next = next,
            None => self.node_mut(parent).first = next,
        }
        match next {
            Some(next) => self.node_mut(next).previous = previous,
            None => self.node_mut(parent).last = previous,
        }
    }

    /// Puts a node that is in no document last under `parent`.
    pub(in crate::extract) fn append(&mut self, parent: NodeId, child: NodeId) {
        let previous = self.node(parent).last;
        let node = self.node_mut(child);
        (node.parent, node.previous, node.next) = (Some(parent), previous, None);
        match previous {
            Some(previous) => self.node_mut(previous).next = Some(child),
            None => self.node_mut(parent).first = Some(child),
        }
        self.node_mut(parent).last = Some(child);
    }

    /// Adds an empty `<body>` to the document.
    pub(in crate::extract) fn add_body(&mut self) -> NodeId {
        let body = self.add(Content::Element {
            namespace: ns!(html),
            name: local_name!("body"),
            attributes: Box::default(),
        });
        self.append(self.root(), body);
        body
    }

    /// Itself and all below it, in document order.
    pub(in crate::extract) fn subtree(&self, top: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(Some(top), move |id| {
            self.node(*id).first.or_else(|| self.after(*id, top))
        })
    }

    /// The next node in document order within `top` that is not below `id`.
    fn after(&self, id: NodeId, top: NodeId) -> Option<NodeId> {
        let mut id = id;
        while id != top {
            if let Some(next) = self.node(id).next {
                return Some(next);
            }
            id = self.node(id).parent?;
        }
        None
    }

    /// All text below a node.
    pub(in crate::extract) fn text_of(&self, id: NodeId) -> String {
        self.subtree(id)
            .filter_map(|node| self.text(node))
            .collect()
    }

    /// Classes, one by one.
    pub(in crate::extract) fn classes(&self, id: NodeId) -> impl Iterator<Item = &str> {
        let classes = self.attribute(id, "class").unwrap_or_default();
        classes.split_ascii_whitespace()
    }

    pub(in crate::extract) fn has_class(&self, id: NodeId, wanted: &[&str]) -> bool {
        self.classes(id)
            .any(|class| wanted.iter().any(|word| class.eq_ignore_ascii_case(word)))
    }
}
