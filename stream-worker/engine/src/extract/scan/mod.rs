//! Finds tags and text in HTML that arrives in pieces.
//!
//! It owns the tokenization of the HTML standard, as far as a reader needs it who changes nothing: start tags with their attributes,
//! end tags, text. Comments and declarations are passed over, and attributes are looked at only where the reader asks for them.
//! Nothing of a page is copied but a tag that the pieces cut. It builds no tree: which elements are open matters only in drawings
//! and formulas, where other rules hold.

mod attributes;
mod find;
mod foreign;
mod name;
mod names;
mod place;
mod raw;
mod scanner;
mod sink;
mod skipped;
mod tag;

pub(super) use name::Name;
pub(super) use names::*;
pub(super) use scanner::Scanner;
pub(super) use sink::{Kind, Sink, StartTag};

#[cfg(test)]
mod tests;
