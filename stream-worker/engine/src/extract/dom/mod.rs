//! A page's HTML as the tree that a browser would have, bounded in depth, nodes and time.
//!
//! It owns the tree and its limits; it refuses to know what is content. Nothing in it recurses.

mod tree;
mod builder;
mod names;
mod ends;
mod tokens;
mod tags;
mod parse;

pub(super) use parse::{MAX_DEPTH, parse};
pub(super) use tree::{NodeId, Tree};

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(super) use tests::by_html5ever;
