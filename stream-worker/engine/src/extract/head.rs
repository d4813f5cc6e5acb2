//! A page about itself: title, language, metadata, orders to robots and browsers.

use std::sync::LazyLock;

use lol_html::Selector;
use lol_html::html_content::TextChunk;
use lol_html::send::{Element, Settings};

use super::handlers::{Shared, attribute, on, on_end, selector, text_in};

/// The elements that are read. Parsed once: a page is read in less time than that would take.
static SELECTORS: LazyLock<Selectors> = LazyLock::new(|| Selectors {
    base: selector("base[href]"),
    language: selector("html[lang]"),
    meta: selector("meta[content]"),
    link: selector("link[rel][href]"),
    svg: selector("svg"),
    title: selector("title"),
});

struct Selectors {
    base: Selector,
    language: Selector,
    meta: Selector,
    link: Selector,
    svg: Selector,
    title: Selector,
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
    settings
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
