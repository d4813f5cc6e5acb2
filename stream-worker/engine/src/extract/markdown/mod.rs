//! A page's main content as Markdown: CommonMark with GitHub's tables.
//!
//! It owns what each element becomes; it refuses to know which part of a page is content. A reader's Markdown parser finds in it
//! the headings, lists, tables, code and links that the page has, and no others: text that looks like structure is escaped.

mod escape;
mod code;
mod destination;
mod picture;
mod piece;
mod inline;
mod compose;
mod lines;
mod grid;
mod table;
mod note;
mod marker;
mod list;
mod blocks;

use super::dom::{self, MAX_DEPTH};
use super::links::References;
use super::main_content::MainContent;
use super::shape::Shape;
use blocks::Blocks;
use destination::Destinations;

/// Bytes of a page that is made into Markdown: its tree takes many times the memory.
pub(super) const MAX_HTML: usize = 12 * 1024 * 1024;
/// Elements within each other that are written. A tree can be a little deeper than its parser allows, where elements were moved.
pub(super) const DEEPEST: u32 = MAX_DEPTH + 128;

/// The Markdown of the `main` content of a page of `length` bytes, or nothing if it grows beyond measure.
pub(super) fn of_tree(
    tree: &dom::Tree,
    shape: &Shape,
    main: &MainContent,
    references: &References,
    length: usize,
) -> Option<String> {
    // Absolute URLs, marks and indents make a page longer, but not many times.
    let room = length * 4 + 256 * 1024;
    let destinations = Destinations::new(references, room);
    let page = Page {
        tree,
        shape,
        main,
        destinations: &destinations,
    };
    let text = Blocks::new(&page, room).write()?;
    (!destinations.are_exhausted()).then_some(text)
}

/// Plain text as Markdown: a paragraph for each line.
pub(super) fn of_text(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let paragraphs = lines.map(|line| {
        let mut safe = String::new();
        let surround = escape::Surround {
            after: ' ',
            in_link: false,
        };
        escape::text(&mut safe, line.trim(), surround);
        escape::lines(&safe)
    });
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

/// A page that is being written.
#[derive(Clone, Copy)]
struct Page<'a> {
    tree: &'a dom::Tree,
    shape: &'a Shape,
    main: &'a MainContent,
    destinations: &'a Destinations<'a>,
}

impl Page<'_> {
    /// True if a node gives nothing to a reader.
    fn skips(&self, id: dom::NodeId) -> bool {
        self.main.leaves_out(id) || super::elements::is_unseen(self.tree, id)
    }
}

#[cfg(test)]
mod tests;
