//! Collects the metadata of a page while it is read: from `<meta>`, `<link>`, JSON-LD and headings.
//!
//! It owns which names mean what, which of several statements counts, and how much of each is kept. References stay as they are
//! written until the page has ended, since a `<base>` further down moves them.

mod headings;
mod json_ld;
mod times;

use shared::event::{OpenGraphValue, PageMetadata};

use super::links::References;
use super::scan::Name;
use super::text::folded;
use headings::Headings;
use json_ld::JsonLd;
use times::Times;

const MAX_DESCRIPTION: usize = 2048;
const MAX_KEYWORDS: usize = 50;
/// Characters of one keyword.
const MAX_KEYWORD: usize = 100;
/// Characters of a language tag.
const MAX_LANGUAGE: usize = 64;
/// Characters of what `<meta name=robots>` says.
const MAX_ROBOTS: usize = 256;
/// Values of all properties together.
const MAX_PROPERTIES: usize = 100;
/// Characters of a property's name, and of its value.
const MAX_PROPERTY_NAME: usize = 64;
const MAX_PROPERTY: usize = 1024;

/// Vocabularies whose properties are kept with their whole names (ogp.me, section "object types").
const VOCABULARIES: [&str; 8] = [
    "article", "book", "fb", "music", "place", "product", "profile", "video",
];

/// The statements of a page about itself.
#[derive(Default)]
pub(super) struct About {
    metadata: PageMetadata,
    /// The first `rel=canonical` and the first `rel=icon`, as they are written.
    canonical: Option<String>,
    favicon: Option<String>,
    times: Times,
    properties: usize,
    /// None if nobody asks for more than the crawl itself needs.
    details: Option<Details>,
}

/// Metadata that the crawl itself has no use for.
#[derive(Default)]
struct Details {
    json_ld: JsonLd,
    headings: Headings,
}

impl About {
    /// With `details`, all that a format shows is read; else only what a crawl needs.
    pub(super) fn new(details: bool) -> Self {
        Self {
            details: details.then(Details::default),
            ..Self::default()
        }
    }

    /// True if more is read than a crawl needs.
    pub(super) const fn has_details(&self) -> bool {
        self.details.is_some()
    }

    pub(super) fn language(&mut self, lang: &str) {
        self.metadata
            .language
            .get_or_insert_with(|| folded(lang, MAX_LANGUAGE));
    }

    /// Takes in a `<meta>` that is called `name`, whichever attribute says so.
    pub(super) fn meta(&mut self, name: &str, content: &str) {
        if self.details.is_none() {
            return;
        }
        let name = name.trim();
        if name.contains(':') {
            self.property(name, content);
        } else if name.eq_ignore_ascii_case("description") {
            first(&mut self.metadata.description, content, MAX_DESCRIPTION);
        } else if name.eq_ignore_ascii_case("robots") {
            first(&mut self.metadata.robots, content, MAX_ROBOTS);
        } else if name.eq_ignore_ascii_case("keywords") && self.metadata.keywords.is_empty() {
            let keywords = content.split(',').take(MAX_KEYWORDS);
            let keywords = keywords.map(|keyword| folded(keyword, MAX_KEYWORD));
            self.metadata.keywords = keywords.filter(|keyword| !keyword.is_empty()).collect();
        }
        self.times.meta(name, content);
    }

    /// Takes in a property of the Open Graph protocol.
    fn property(&mut self, name: &str, content: &str) {
        let Some((vocabulary, own)) = name.split_once(':') else {
            return;
        };
        let is = |wanted: &&str| vocabulary.eq_ignore_ascii_case(wanted);
        let key = if is(&"og") {
            own
        } else if VOCABULARIES.iter().any(is) {
            name
        } else {
            return;
        };
        let value = folded(content, MAX_PROPERTY);
        let is_wanted = !value.is_empty() && !key.is_empty() && key.len() <= MAX_PROPERTY_NAME;
        if !is_wanted || self.properties >= MAX_PROPERTIES {
            return;
        }
        self.properties += 1;
        let key = key.to_ascii_lowercase();
        match self.metadata.open_graph.get_mut(&key) {
            Some(known) => known.add(value),
            None => {
                let value = OpenGraphValue::One(value);
                self.metadata.open_graph.insert(key, value);
            }
        }
    }

    /// Takes in a `<link>`.
    pub(super) fn link(&mut self, rel: &str, href: &str) {
        if href.trim_ascii().is_empty() {
            return;
        }
        for word in rel.split_ascii_whitespace() {
            let known = if word.eq_ignore_ascii_case("canonical") {
                &mut self.canonical
            } else if word.eq_ignore_ascii_case("icon") && self.details.is_some() {
                &mut self.favicon
            } else {
                continue;
            };
            known.get_or_insert_with(|| href.to_owned());
        }
    }

    pub(super) fn begin_json_ld(&mut self) {
        if let Some(details) = &mut self.details {
            details.json_ld.begin();
        }
    }

    pub(super) fn json_ld_piece(&mut self, piece: &str) {
        if let Some(details) = &mut self.details {
            details.json_ld.piece(piece);
        }
    }

    pub(super) fn end_json_ld(&mut self) {
        if let Some(details) = &mut self.details {
            details.json_ld.end();
        }
    }

    pub(super) fn begin_heading(&mut self, level: u8) {
        if let Some(details) = &mut self.details {
            details.headings.begin(level);
        }
    }

    pub(super) fn heading_piece(&mut self, piece: &str) {
        if let Some(details) = &mut self.details {
            details.headings.piece(piece);
        }
    }

    /// Takes in the start of an element that may be in a heading.
    pub(super) fn start_in_heading(&mut self, name: Name) {
        if let Some(details) = &mut self.details {
            details.headings.start_in_heading(name);
        }
    }

    /// Takes in the end of an element that may be a heading, in one or around one.
    pub(super) fn end_in_heading(&mut self, name: Name) {
        if let Some(details) = &mut self.details {
            details.headings.end_in_heading(name);
        }
    }

    /// All of it, once the page's references can be read.
    pub(super) fn finish(
        self,
        title: Option<&str>,
        charset: &str,
        references: &References,
    ) -> PageMetadata {
        let resolve = |href: Option<String>| references.resolve(&href?).map(String::from);
        let Details { json_ld, headings } = self.details.unwrap_or_default();
        let json_ld = json_ld.finish();
        let (published_time, modified_time) = self.times.finish(&json_ld);
        PageMetadata {
            title: title.map(str::to_owned),
            canonical: resolve(self.canonical),
            favicon: resolve(self.favicon),
            charset: Some(charset.to_owned()),
            language: self
                .metadata
                .language
                .filter(|language| !language.is_empty()),
            published_time,
            modified_time,
            headings: headings.finish(),
            json_ld,
            ..self.metadata
        }
    }
}

/// Keeps the first statement that says anything.
fn first(known: &mut Option<String>, content: &str, most: usize) {
    if known.is_none() {
        let text = folded(content, most);
        *known = (!text.is_empty()).then_some(text);
    }
}

#[cfg(test)]
mod tests;
