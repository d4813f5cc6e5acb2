//! A page about itself: title, language, metadata, orders to robots and browsers.

use std::sync::LazyLock;

use lol_html::Selector;
use lol_html::html_content::{TextChunk, TextType};
use lol_html::send::{Element, Settings};

use super::handlers::{Shared, attribute, on, on_end, on_with_text, selector};

/// The elements that are read. Parsed once: a page is read in less time than that would take.
static SELECTORS: LazyLock<Selectors> = LazyLock::new(|| Selectors {
    base: selector("base[href]"),
    language: selector("html[lang]"),
    meta: selector("meta[content]"),
    link: selector("link[rel][href]"),
    svg: selector("svg"),
    title: selector("title"),
    json_ld: selector(r#"script[type*="ld+json" i]"#),
    headings: selector("h1, h2, h3, h4, h5, h6"),
    breaks: selector("h1 br, h2 br, h3 br, h4 br, h5 br, h6 br"),
});

struct Selectors {
    base: Selector,
    language: Selector,
    meta: Selector,
    link: Selector,
    svg: Selector,
    title: Selector,
    json_ld: Selector,
    headings: Selector,
    breaks: Selector,
}

/// Lets the parser read what only a caller wants to know, if the document does.
fn details(settings: Settings<'static, 'static>, document: &Shared) -> Settings<'static, 'static> {
    if !document.lock().about.has_details() {
        return settings;
    }
    let (script, script_text) = (document.clone(), document.clone());
    let (heading, heading_text, line) = (document.clone(), document.clone(), document.clone());
    settings
        .append_element_content_handler(on_with_text(
            &SELECTORS.json_ld,
            move |element: &mut Element<'_, '_>| {
                let mut document = script.lock();
                if document.templates > 0 {
                    return Ok(());
                }
                document.about.begin_json_ld();
                drop(document);
                let script = script.clone();
                on_end(element, move || script.lock().about.end_json_ld())
            },
            move |chunk: &mut TextChunk<'_>| {
                script_text.lock().about.json_ld_piece(chunk.as_str());
                Ok(())
            },
        ))
        .append_element_content_handler(on_with_text(
            &SELECTORS.headings,
            move |element: &mut Element<'_, '_>| {
                let mut document = heading.lock();
                if document.templates > 0 {
                    return Ok(());
                }
                let level = element.tag_name().as_bytes()[1] - b'0';
                document.about.begin_heading(level);
                drop(document);
                let heading = heading.clone();
                on_end(element, move || heading.lock().about.end_heading())
            },
            move |chunk: &mut TextChunk<'_>| {
                if chunk.text_type() == TextType::Data {
                    heading_text.lock().about.heading_piece(chunk.as_str());
                }
                Ok(())
            },
        ))
        .append_element_content_handler(on(&SELECTORS.breaks, move |_: &mut Element<'_, '_>| {
            line.lock().about.heading_piece(" ");
            Ok(())
        }))
}

pub(super) fn head(
    settings: Settings<'static, 'static>,
    document: &Shared,
) -> Settings<'static, 'static> {
    let (base, language, meta, link) = (
        document.clone(),
        document.clone(),
        document.clone(),
        document.clone(),
    );
    let (drawing, title, title_text) = (document.clone(), document.clone(), document.clone());
    details(settings, document)
        .append_element_content_handler(on(
            &SELECTORS.base,
            move |element: &mut Element<'_, '_>| {
                base.lock().base(&attribute(element, "href"));
                Ok(())
            },
        ))
        .append_element_content_handler(on(
            &SELECTORS.language,
            move |element: &mut Element<'_, '_>| {
                let lang = attribute(element, "lang");
                language.lock().about.language(&lang);
                Ok(())
            },
        ))
        .append_element_content_handler(on(
            &SELECTORS.meta,
            move |element: &mut Element<'_, '_>| {
                let content = attribute(element, "content");
                let mut document = meta.lock();
                for called in ["name", "property", "itemprop"] {
                    if let Some(name) = element.get_attribute(called) {
                        document.meta(&name, &content);
                    }
                }
                if let Some(name) = element.get_attribute("http-equiv") {
                    document.header(&name, &content);
                }
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
        .append_element_content_handler(on_with_text(
            &SELECTORS.title,
            move |element: &mut Element<'_, '_>| {
                title.lock().begin_title();
                let title = title.clone();
                on_end(element, move || title.lock().end_title())
            },
            move |chunk: &mut TextChunk<'_>| {
                title_text.lock().title_piece(chunk.as_str());
                Ok(())
            },
        ))
}
