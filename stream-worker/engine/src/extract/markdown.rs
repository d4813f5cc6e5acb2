//! A page's main content as Markdown.

use htmd::HtmlToMarkdown;

use super::main_content::main_content;

/// Elements within each other at most. Far deeper ones exhaust the stack of every parser that builds a tree, which would end
/// the process.
pub(super) const MAX_DEPTH: u32 = 512;
/// Bytes of a page that is made into Markdown: building its tree takes time and many times the memory.
const MAX_HTML: usize = 4 * 1024 * 1024;

/// Elements whose content a reader does not see.
const UNSEEN: [&str; 8] = [
    "script", "style", "noscript", "template", "svg", "iframe", "head", "nav",
];

/// The Markdown of `html`, whose elements are nested `depth` deep. `None` if it is too deep or too large for a tree.
pub(super) fn from(html: &str, depth: u32) -> Option<String> {
    if depth > MAX_DEPTH || html.len() > MAX_HTML {
        return None;
    }
    let converter = HtmlToMarkdown::builder().skip_tags(UNSEEN.to_vec()).build();
    converter.convert(&main_content(html)).ok()
}
