//! The one pass over a page's HTML.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use lol_html::html_content::{TextChunk, TextType};
use lol_html::send::{Element, ElementContentHandlers, HtmlRewriter, Settings};
use lol_html::{HandlerResult, MemorySettings, OutputSink, Selector, doc_text};
use parking_lot::Mutex;

use super::document::Document;
use super::text::is_block;

/// Bytes of memory that the parser may take for one page: it keeps open elements, and the text between `<` and `>`.
const MAX_PARSER_MEMORY: usize = 4 * 1024 * 1024;

/// The selectors, parsed once: a page is read in less time than that would take.
static SELECTORS: LazyLock<Selectors> = LazyLock::new(|| {
    let parse = |text: &str| text.parse().expect("these are selectors");
    Selectors {
        base: parse("base[href]"),
        anchors: parse("a[href], area[href]"),
        frames: parse("iframe[src], frame[src]"),
        language: parse("html[lang]"),
        meta: parse("meta[content]"),
        link: parse("link[rel][href]"),
        svg: parse("svg"),
        title: parse("title"),
        all: parse("*"),
    }
});

struct Selectors {
    base: Selector,
    anchors: Selector,
    frames: Selector,
    language: Selector,
    meta: Selector,
    link: Selector,
    svg: Selector,
    title: Selector,
    all: Selector,
}

/// A selector, and the callbacks for the elements that it selects.
type Handlers = (Cow<'static, Selector>, ElementContentHandlers<'static>);

fn on(
    selector: &'static Selector,
    handler: impl FnMut(&mut Element<'_, '_>) -> HandlerResult + Send + 'static,
) -> Handlers {
    let handlers = ElementContentHandlers::default().element(handler);
    (Cow::Borrowed(selector), handlers)
}

fn text_in(
    selector: &'static Selector,
    handler: impl FnMut(&mut TextChunk<'_>) -> HandlerResult + Send + 'static,
) -> Handlers {
    let handlers = ElementContentHandlers::default().text(handler);
    (Cow::Borrowed(selector), handlers)
}

/// The document that the callbacks share. They run one after another, on the task that feeds the parser.
pub(super) type Shared = Arc<Mutex<Document>>;

/// Reads HTML as it arrives and throws its rewriting away.
pub(super) type Parser = HtmlRewriter<'static, Discard>;

pub(super) struct Discard;

impl OutputSink for Discard {
    fn handle_chunk(&mut self, _chunk: &[u8]) {}
}

/// A parser that writes links, title and metadata into `document`; with `structure` also the text, and where elements begin
/// and end.
pub(super) fn parser(document: &Shared, structure: bool) -> Parser {
    let memory = MemorySettings::new().with_max_allowed_memory_usage(MAX_PARSER_MEMORY);
    let mut settings = links(
        Settings::new_send()
            .with_strict(false)
            .with_memory_settings(memory),
        document,
    );
    settings = head(settings, document);
    if structure {
        settings = text_and_depth(settings, document);
    }
    HtmlRewriter::new(settings, Discard)
}

fn links(settings: Settings<'static, 'static>, document: &Shared) -> Settings<'static, 'static> {
    let (base, anchors, frames) = (document.clone(), document.clone(), document.clone());
    settings
        .append_element_content_handler(on(
            &SELECTORS.base,
            move |element: &mut Element<'_, '_>| {
                base.lock().links.set_base(&attribute(element, "href"));
                Ok(())
            },
        ))
        .append_element_content_handler(on(
            &SELECTORS.anchors,
            move |element: &mut Element<'_, '_>| {
                let (href, rel) = (attribute(element, "href"), attribute(element, "rel"));
                anchors.lock().anchor(&href, &rel);
                Ok(())
            },
        ))
        .append_element_content_handler(on(
            &SELECTORS.frames,
            move |element: &mut Element<'_, '_>| {
                frames.lock().anchor(&attribute(element, "src"), "");
                Ok(())
            },
        ))
}

fn head(settings: Settings<'static, 'static>, document: &Shared) -> Settings<'static, 'static> {
    let (language, meta, link) = (document.clone(), document.clone(), document.clone());
    let (drawing, title, title_text) = (document.clone(), document.clone(), document.clone());
    settings
        .append_element_content_handler(on(
            &SELECTORS.language,
            move |element: &mut Element<'_, '_>| {
                let lang = attribute(element, "lang");
                language.lock().metadata.language.get_or_insert(lang);
                Ok(())
            },
        ))
        .append_element_content_handler(on(
            &SELECTORS.meta,
            move |element: &mut Element<'_, '_>| {
                let content = attribute(element, "content");
                let (name, http_equiv) = (
                    element.get_attribute("name"),
                    element.get_attribute("http-equiv"),
                );
                meta.lock()
                    .meta(name.as_deref(), http_equiv.as_deref(), &content);
                Ok(())
            },
        ))
        .append_element_content_handler(on(
            &SELECTORS.link,
            move |element: &mut Element<'_, '_>| {
                let (rel, href) = (attribute(element, "rel"), attribute(element, "href"));
                link.lock().link(&rel, &href);
                Ok(())
            },
        ))
        .append_element_content_handler(on(&SELECTORS.svg, move |element: &mut Element<'_, '_>| {
            drawing.lock().drawings += 1;
            let drawing = drawing.clone();
            on_end(element, move || drawing.lock().drawings -= 1)
        }))
        .append_element_content_handler(on(
            &SELECTORS.title,
            move |element: &mut Element<'_, '_>| {
                title.lock().begin_title();
                let title = title.clone();
                on_end(element, move || title.lock().end_title())
            },
        ))
        .append_element_content_handler(text_in(
            &SELECTORS.title,
            move |chunk: &mut TextChunk<'_>| {
                title_text.lock().title_piece(chunk.as_str());
                Ok(())
            },
        ))
}

fn text_and_depth(
    settings: Settings<'static, 'static>,
    document: &Shared,
) -> Settings<'static, 'static> {
    let (elements, texts) = (document.clone(), document.clone());
    let text = doc_text!(move |chunk| {
        if chunk.text_type() == TextType::Data
            && let Some(text) = &mut texts.lock().text
        {
            text.piece(chunk.as_str(), chunk.last_in_text_node());
        }
        Ok(())
    });
    settings
        .append_document_content_handler(text)
        .append_element_content_handler(on(&SELECTORS.all, move |element: &mut Element<'_, '_>| {
            begin(element, &elements)
        }))
}

fn begin(element: &mut Element<'_, '_>, document: &Shared) -> HandlerResult {
    let tag = element.tag_name();
    let (block, hides) = (
        is_block(&tag),
        matches!(tag.as_str(), "template" | "svg" | "math" | "select"),
    );
    let nests = element.can_have_content() && !may_stay_open(&tag);
    {
        let mut document = document.lock();
        if nests {
            document.depth += 1;
            document.deepest = document.deepest.max(document.depth);
        }
        if let Some(text) = &mut document.text {
            if block {
                text.break_line();
            }
            if hides {
                text.hide();
            }
        }
    }
    if !(nests || block || hides) || !element.can_have_content() {
        return Ok(());
    }
    let document = document.clone();
    on_end(element, move || {
        let mut document = document.lock();
        if nests {
            document.depth = document.depth.saturating_sub(1);
        }
        if let Some(text) = &mut document.text {
            if block {
                text.break_line();
            }
            if hides {
                text.show();
            }
        }
    })
}

/// Elements whose end may be left out: a list of ten thousand items without one end tag is not deep.
fn may_stay_open(tag: &str) -> bool {
    matches!(
        tag,
        "body"
            | "caption"
            | "colgroup"
            | "dd"
            | "dt"
            | "head"
            | "html"
            | "li"
            | "optgroup"
            | "option"
            | "p"
            | "rp"
            | "rt"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
    )
}

fn on_end(element: &mut Element<'_, '_>, end: impl FnOnce() + Send + 'static) -> HandlerResult {
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
fn attribute(element: &Element<'_, '_>, name: &str) -> String {
    let raw = element.get_attribute(name).unwrap_or_default();
    match html_escape::decode_html_entities(&raw) {
        std::borrow::Cow::Borrowed(_) => raw,
        std::borrow::Cow::Owned(decoded) => decoded,
    }
}
