//! A page's HTML as the tree that a browser would have, bounded in depth, nodes and time.
//!
//! It owns the tree and its limits; it refuses to know what is content. Nothing in it recurses.

mod tree;
mod builder;
mod attributes;
mod parse;

pub(super) use parse::{MAX_DEPTH, parse};
pub(super) use tree::{NodeId, Tree};
