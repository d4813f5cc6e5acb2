//! The content of a page: its links, and the templates that are none of it.

use super::document::Document;
use super::scan::StartTag;

impl Document {
    /// Takes in an `<a>` or an `<area>`.
    pub(super) fn anchor(&mut self, tag: &StartTag<'_>) {
        if self.is_in_template() {
            return;
        }
        let (mut href, mut rel) = (None, None);
        for attribute in tag.attributes() {
            if href.is_none() && attribute.is("href") {
                href = Some(attribute);
            } else if rel.is_none() && attribute.is("rel") {
                rel = Some(attribute);
            }
        }
        if let Some(href) = href {
            let nofollow = rel.is_some_and(|rel| {
                let rel = rel.value();
                let mut words = rel.split_ascii_whitespace();
                words.any(|word| word.eq_ignore_ascii_case("nofollow"))
            });
            self.links.add(&href.value(), nofollow);
        }
    }

    /// Takes in an `<iframe>` or a `<frame>`.
    pub(super) fn frame(&mut self, tag: &StartTag<'_>) {
        if !self.is_in_template()
            && let Some(src) = tag.attribute("src")
        {
            self.links.add(&src, false);
        }
    }

    /// Takes in a `<template>`. A browser shows the content of one that is a shadow root.
    pub(super) fn begin_template(&mut self, tag: &StartTag<'_>) {
        let is_inert = tag.attribute("shadowrootmode").is_none();
        self.templates.push(is_inert || self.is_in_template());
    }

    pub(super) fn end_template(&mut self) {
        self.templates.pop();
    }

    /// True within a template: what it holds is no part of the document.
    pub(super) fn is_in_template(&self) -> bool {
        self.templates.last().is_some_and(|is_inert| *is_inert)
    }
}
