//! Bytes of a page to what the crawl wants of it. Pure: no network, no clock.

mod handlers;
mod prescan;
mod charset;
mod media_type;
mod directives;
mod link_header;
mod links;
mod entities;
mod text;
mod dom;
mod elements;
mod shape;
mod surroundings;
mod main_content;
mod markdown;
mod document;
mod head;
mod content;
mod noscript;
mod html;
mod xhtml;
mod plain;
mod extractor;

pub(crate) use directives::{parse_robots_header, refresh_target};
pub(crate) use extractor::Extractor;
pub(crate) use link_header::canonical_in_link_header;
pub(crate) use media_type::{DocumentType, MediaType};

use std::sync::Arc;

use shared::event::PageMetadata;
use shared::request::Format;
use url::Url;

/// What to extract.
#[derive(Debug, Clone)]
pub(crate) struct ExtractOptions {
    /// The page's URL after redirects: links are relative to it.
    pub(crate) url: Url,
    /// The page's type, and the encoding that its header declares.
    pub(crate) media_type: MediaType,
    /// What the robot is called: a `<meta>` may name it.
    pub(crate) agent: Arc<str>,
    /// What to make of it beside links and metadata.
    pub(crate) formats: Formats,
}

/// The formats that a request asks for. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Formats(Arc<[Format]>);

impl Formats {
    /// Those in `formats`.
    pub(crate) fn new(formats: &[Format]) -> Self {
        Self(formats.into())
    }

    /// Whether this one is asked for.
    pub(crate) fn contains(&self, format: Format) -> bool {
        self.0.contains(&format)
    }

    /// Whether the words of a page are asked for, which takes a processor for a while.
    pub(crate) fn need_text(&self) -> bool {
        self.contains(Format::Text) || self.contains(Format::Markdown)
    }

    /// Whether the page has to be kept in UTF-8.
    pub(crate) fn need_source(&self) -> bool {
        self.contains(Format::Html) || self.contains(Format::Markdown)
    }
}

/// What was extracted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Page {
    /// The title, white space folded, at most 512 characters.
    pub(crate) title: Option<String>,
    /// http(s) links in document order, each URL once, without fragment.
    pub(crate) links: Vec<Link>,
    /// How many links there are, those past the cap included.
    pub(crate) link_count: u32,
    /// What the page says of itself.
    pub(crate) metadata: PageMetadata,
    /// What `<meta name=robots>` says.
    pub(crate) robots: MetaRobots,
    /// Where `<meta http-equiv=refresh>` leads.
    pub(crate) refresh: Option<Url>,
    /// The text, if asked for.
    pub(crate) text: Option<String>,
    /// The HTML, if asked for.
    pub(crate) html: Option<String>,
    /// The Markdown, if asked for.
    pub(crate) markdown: Option<String>,
}

/// A link of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    /// Where it leads.
    pub(crate) url: Url,
    /// Whether it says `rel=nofollow`.
    pub(crate) nofollow: bool,
}

/// What a page allows robots to do with it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct MetaRobots {
    /// Its content must not be shown.
    pub(crate) noindex: bool,
    /// Its links must not be followed.
    pub(crate) nofollow: bool,
}

#[cfg(test)]
mod tests;
