//! Content for browsers without scripts. The parser takes it for raw text, as a browser with scripts does; this crawler runs
//! none, so it reads it: links, text and pictures, but no orders (robots, refresh, base).

use std::borrow::Cow;
use std::sync::LazyLock;

use lol_html::Selector;
use lol_html::html_content::TextChunk;
use lol_html::send::{Element, ElementContentHandlers, Settings};

use super::content::content_parser;
use super::handlers::{Shared, on_end, selector};

/// Bytes of one `<noscript>` that are read; an element that was never closed is the whole page.
const MAX_CONTENT: usize = 1024 * 1024;

static NOSCRIPT: LazyLock<Selector> = LazyLock::new(|| selector("noscript"));

/// Lets the parser collect what `<noscript>` holds, and read it where the element ends.
pub(super) fn noscript(
    settings: Settings<'static, 'static>,
    document: &Shared,
    structure: bool,
) -> Settings<'static, 'static> {
    let (at_end, content) = (document.clone(), document.clone());
    let handlers = ElementContentHandlers::default()
        .element(move |element: &mut Element<'_, '_>| {
            let document = at_end.clone();
            on_end(element, move || read(&document, structure))
        })
        .text(move |chunk: &mut TextChunk<'_>| {
            let raw = &mut content.lock().noscript;
            let room = MAX_CONTENT.saturating_sub(raw.len());
            let text = chunk.as_str();
            raw.push_str(&text[..text.floor_char_boundary(room)]);
            Ok(())
        });
    settings.append_element_content_handler((Cow::Borrowed(&*NOSCRIPT), handlers))
}

/// Reads what has been collected into the same document.
pub(super) fn read(document: &Shared, structure: bool) {
    let raw = std::mem::take(&mut document.lock().noscript);
    if raw.trim_ascii().is_empty() {
        return;
    }
    let mut parser = content_parser(document, structure);
    // A parser that gives up has found what it has found.
    if parser.write(raw.as_bytes()).is_ok() {
        let _given_up = parser.end();
    }
}
