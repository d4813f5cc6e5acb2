//! A page about itself: title, language, metadata, orders to robots and browsers.

use super::directives::refresh_target;
use super::document::{Document, RawText};
use super::scan::{BASE, H1, H2, H3, H4, H5, HTML, LINK, META, Name, StartTag, TITLE};

/// The attributes that give a `<meta>` its name.
const NAMES: [&str; 3] = ["name", "property", "itemprop"];

impl Document {
    /// Takes in an element by which a page speaks of itself.
    pub(super) fn about_itself(&mut self, tag: &StartTag<'_>) {
        match tag.name {
            TITLE => self.begin_title(),
            HTML => {
                if let Some(lang) = tag.attribute("lang") {
                    self.about.language(&lang);
                }
            }
            _ if self.is_in_template() => {}
            BASE => {
                if let Some(href) = tag.attribute("href") {
                    self.links.set_base(&href);
                }
            }
            META => self.meta(tag),
            LINK => {
                if let (Some(rel), Some(href)) = (tag.attribute("rel"), tag.attribute("href")) {
                    self.about.link(&rel, &href);
                }
            }
            _ => {}
        }
    }

    fn meta(&mut self, tag: &StartTag<'_>) {
        let Some(content) = tag.attribute("content") else {
            return;
        };
        for name in NAMES.iter().filter_map(|name| tag.attribute(name)) {
            let is = |wanted: &str| name.trim().eq_ignore_ascii_case(wanted);
            if is("robots") || is(self.agent()) {
                self.robots.add(&content);
            }
            self.about.meta(&name, &content);
        }
        if let Some(header) = tag.attribute("http-equiv")
            && header.trim().eq_ignore_ascii_case("refresh")
            && self.refresh.is_none()
        {
            self.refresh = refresh_target(&content).map(str::to_owned);
        }
    }

    /// Takes in a `<script>`: some hold what the page says of itself.
    pub(super) fn begin_script(&mut self, tag: &StartTag<'_>) {
        if tag.is_foreign || self.is_in_template() {
            return;
        }
        let kind = tag.attribute("type").unwrap_or_default();
        if kind.to_ascii_lowercase().contains("ld+json") {
            self.about.begin_json_ld();
            self.raw = RawText::JsonLd;
        }
    }

    pub(super) fn begin_heading(&mut self, name: Name) {
        if self.is_in_template() {
            return;
        }
        self.about.begin_heading(match name {
            H1 => 1,
            H2 => 2,
            H3 => 3,
            H4 => 4,
            H5 => 5,
            _ => 6,
        });
    }
}
