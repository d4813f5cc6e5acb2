//! The content of a page: its links and its text.

use std::sync::LazyLock;

use lol_html::html_content::TextType;
use lol_html::send::{Element, HtmlRewriter, Settings};
use lol_html::{HandlerResult, Selector, doc_text};

use super::elements::{is_block, is_preformatted};
use super::handlers::{Discard, Parser, Shared, attribute, on, on_end, selector, settings};
use super::pictures::pictures;
use super::text::Text;

/// The elements that are read. Parsed once: a page is read in less time than that would take.
static SELECTORS: LazyLock<Selectors> = LazyLock::new(|| Selectors {
    anchors: selector("a[href], area[href]"),
    frames: selector("iframe[src], frame[src]"),
    template: selector("template:not([shadowrootmode])"),
    all: selector("*"),
});

struct Selectors {
    anchors: Selector,
    frames: Selector,
    template: Selector,
    all: Selector,
}

/// A parser of a part of a page that has nothing to say about the whole.
pub(super) fn content_parser(document: &Shared, structure: bool) -> Parser {
    let settings = pictures(content(settings(), document, structure), document);
    HtmlRewriter::new(settings, Discard)
}

/// Reads links, and with `structure` text and where elements begin and end.
pub(super) fn content(
    settings: Settings<'static, 'static>,
    document: &Shared,
    structure: bool,
) -> Settings<'static, 'static> {
    let settings = templates(links(settings, document), document);
    if structure {
        text(settings, document)
    } else {
        settings
    }
}

/// Counts templates, but for those that are a shadow root, whose content a browser shows.
fn templates(
    settings: Settings<'static, 'static>,
    document: &Shared,
) -> Settings<'static, 'static> {
    let document = document.clone();
    settings.append_element_content_handler(on(
        &SELECTORS.template,
        move |element: &mut Element<'_, '_>| {
            document.lock().templates += 1;
            let document = document.clone();
            on_end(element, move || document.lock().templates -= 1)
        },
    ))
}

fn links(settings: Settings<'static, 'static>, document: &Shared) -> Settings<'static, 'static> {
    let (anchors, frames) = (document.clone(), document.clone());
    settings
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

fn text(settings: Settings<'static, 'static>, document: &Shared) -> Settings<'static, 'static> {
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

/// The change that an element makes to the text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    Inline,
    Block,
    Preformatted,
    Hidden,
}

impl Layout {
    fn of(tag: &str) -> Self {
        match tag {
            "template" | "svg" | "math" | "select" => Self::Hidden,
            _ if is_preformatted(tag) => Self::Preformatted,
            _ if is_block(tag) => Self::Block,
            _ => Self::Inline,
        }
    }

    fn begin(self, text: &mut Text) {
        match self {
            Self::Inline => {}
            Self::Block => text.break_line(),
            Self::Preformatted => text.begin_preformatted(),
            Self::Hidden => text.hide(),
        }
    }

    fn end(self, text: &mut Text) {
        match self {
            Self::Inline => {}
            Self::Block => text.break_line(),
            Self::Preformatted => text.end_preformatted(),
            Self::Hidden => text.show(),
        }
    }
}

fn begin(element: &mut Element<'_, '_>, document: &Shared) -> HandlerResult {
    let tag = element.tag_name();
    let layout = Layout::of(&tag);
    if let Some(text) = &mut document.lock().text {
        if tag == "br" {
            text.end_line();
        }
        layout.begin(text);
    }
    if layout == Layout::Inline {
        return Ok(());
    }
    let document = document.clone();
    on_end(element, move || {
        if let Some(text) = &mut document.lock().text {
            layout.end(text);
        }
    })
}
