//! The one pass over a page's HTML.

use std::sync::Arc;

use lol_html::send::HtmlRewriter;
use parking_lot::Mutex;

use super::content::content;
use super::document::{Document, Wanted};
use super::handlers::{Discard, Parser, Shared, settings};
use super::head::head;
use super::noscript::{self, noscript};
use super::pictures::pictures;
use super::text::Text;

/// A parser that writes links, title and metadata into `document`; with `structure` also the text, and where elements begin
/// and end.
pub(super) fn parser(document: &Shared, structure: bool) -> Parser {
    let settings = noscript(head(settings(), document), document, structure);
    let settings = pictures(content(settings, document, structure), document);
    HtmlRewriter::new(settings, Discard)
}

/// The text of a page that is there as a whole.
pub(super) fn text_of(html: &str) -> String {
    let document = Arc::new(Mutex::new(Document::new(
        "".into(),
        Wanted {
            text: true,
            ..Wanted::default()
        },
    )));
    let mut parser = parser(&document, true);
    // A parser that gives up has found what it has found.
    if parser.write(html.as_bytes()).is_ok() {
        let _given_up = parser.end();
    }
    noscript::read(&document, true);
    let text = document.lock().text.take();
    text.map(Text::finish).unwrap_or_default()
}
