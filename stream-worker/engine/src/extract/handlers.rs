//! The tools that handlers of the HTML parser are made with.

use std::borrow::Cow;
use std::sync::Arc;

use lol_html::html_content::TextChunk;
use lol_html::send::{Element, ElementContentHandlers, HtmlRewriter, Settings};
use lol_html::{HandlerResult, MemorySettings, OutputSink, Selector};
use parking_lot::Mutex;

use super::document::Document;
use super::entities::{self, Within};

/// Memory that the parser may take for one page: it keeps open elements, and what stands between `<` and `>`.
const MAX_PARSER_MEMORY: usize = 4 * 1024 * 1024;

/// The document that the callbacks share. They run one after another, on the task that feeds the parser.
pub(super) type Shared = Arc<Mutex<Document>>;

/// Reads HTML as it arrives and throws its rewriting away.
pub(super) type Parser = HtmlRewriter<'static, Discard>;

pub(super) struct Discard;

impl OutputSink for Discard {
    fn handle_chunk(&mut self, _chunk: &[u8]) {}
}

/// A selector and what is done with what it selects.
pub(super) type Handlers = (Cow<'static, Selector>, ElementContentHandlers<'static>);

pub(super) fn on(
    selector: &'static Selector,
    handler: impl FnMut(&mut Element<'_, '_>) -> HandlerResult + Send + 'static,
) -> Handlers {
    let handlers = ElementContentHandlers::default().element(handler);
    (Cow::Borrowed(selector), handlers)
}

pub(super) fn text_in(
    selector: &'static Selector,
    handler: impl FnMut(&mut TextChunk<'_>) -> HandlerResult + Send + 'static,
) -> Handlers {
    let handlers = ElementContentHandlers::default().text(handler);
    (Cow::Borrowed(selector), handlers)
}

/// As [`on`], with `text` for the text in it. One entry for both: the parser compares each element with every selector that it
/// was given, and so with none twice.
pub(super) fn on_with_text(
    selector: &'static Selector,
    handler: impl FnMut(&mut Element<'_, '_>) -> HandlerResult + Send + 'static,
    text: impl FnMut(&mut TextChunk<'_>) -> HandlerResult + Send + 'static,
) -> Handlers {
    let handlers = ElementContentHandlers::default()
        .element(handler)
        .text(text);
    (Cow::Borrowed(selector), handlers)
}

/// A selector that is known to be one.
pub(super) fn selector(text: &str) -> Selector {
    text.parse().expect("this is a selector")
}

/// A parser without handlers.
pub(super) fn settings() -> Settings<'static, 'static> {
    let memory = MemorySettings::new().with_max_allowed_memory_usage(MAX_PARSER_MEMORY);
    Settings::new_send()
        .with_strict(false)
        .with_memory_settings(memory)
}

/// Calls `end` where the element ends: at once if it can hold nothing.
pub(super) fn on_end(
    element: &mut Element<'_, '_>,
    end: impl FnOnce() + Send + 'static,
) -> HandlerResult {
    if element.can_have_content() && !element.is_self_closing() {
        element.on_end_tag(Box::new(move |_tag| {
            end();
            Ok(())
        }))?;
    } else {
        end();
    }
    Ok(())
}

/// An attribute's value with its entities decoded; empty if it is not there.
pub(super) fn attribute(element: &Element<'_, '_>, name: &str) -> String {
    let raw = element.get_attribute(name).unwrap_or_default();
    match entities::decode(&raw, Within::Attribute) {
        Cow::Borrowed(_) => raw,
        Cow::Owned(decoded) => decoded,
    }
}
