//! The one pass over a page's HTML.

use lol_html::send::HtmlRewriter;

use super::content::content;
use super::handlers::{Discard, Parser, Shared, settings};
use super::head::head;
use super::noscript::noscript;

/// A parser that writes links, title and metadata into `document`; with `structure` also the text, and where elements begin
/// and end.
pub(super) fn parser(document: &Shared, structure: bool) -> Parser {
    let settings = noscript(head(settings(), document), document, structure);
    HtmlRewriter::new(content(settings, document, structure), Discard)
}
