//! The content of a page: its links and its text.

use std::sync::LazyLock;

use lol_html::html_content::TextType;
use lol_html::send::{Element, HtmlRewriter, Settings};
use lol_html::{HandlerResult, Selector, doc_text};

use super::handlers::{Discard, Parser, Shared, attribute, on, on_end, selector, settings};
use super::text::is_block;

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
    HtmlRewriter::new(content(settings(), document, structure), Discard)
}

/// Reads links, and with `structure` text and where elements begin and end.
pub(super) fn content(
    settings: Settings<'static, 'static>,
    document: &Shared,
    structure: bool,
) -> Settings<'static, 'static> {
    let settings = templates(links(settings, document), document);
    if structure {
        text_and_depth(settings, document)
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
