//! Extracts links, metadata, text, Markdown and HTML from the bytes of a page. Pure: no network, no clock.

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
mod boilerplate;
mod article_body;
mod leftovers;
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

/// The settings of one page's extraction.
#[derive(Debug, Clone)]
pub(crate) struct ExtractOptions {
    /// The page's URL after redirects: links are relative to it.
    pub(crate) url: Url,
    /// The page's type, and the encoding that its header declares.
    pub(crate) media_type: MediaType,
    /// Product token of the robot: a `<meta>` may name it.
    pub(crate) agent: Arc<str>,
    /// The formats that are made beside links and metadata.
    pub(crate) formats: Formats,
}

/// The formats that a request asks for. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Formats(Arc<[Format]>);

impl Formats {
    /// A set of `formats`.
    pub(crate) fn new(formats: &[Format]) -> Self {
        Self(formats.into())
    }

    /// True if the request asks for `format`.
    pub(crate) fn contains(&self, format: Format) -> bool {
        self.0.contains(&format)
    }

    /// True if the text has to be read. Markdown falls back on it.
    pub(crate) fn need_text(&self) -> bool {
        self.contains(Format::Text) || self.contains(Format::Markdown)
    }

    /// True if the whole page has to be kept, in UTF-8.
    pub(crate) fn need_source(&self) -> bool {
        self.contains(Format::Html) || self.contains(Format::Markdown)
    }
}

/// The findings of one page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Page {
    /// The title, white space folded, at most 512 characters.
    pub(crate) title: Option<String>,
    /// http(s) links in document order, each URL once, without fragment.
    pub(crate) links: Vec<Link>,
    /// The number of links, those past the cap included.
    pub(crate) link_count: u32,
    /// Description, language, canonical URL and character encoding.
    pub(crate) metadata: PageMetadata,
    /// Directives of `<meta name=robots>`.
    pub(crate) robots: MetaRobots,
    /// The target of `<meta http-equiv=refresh>`.
    pub(crate) refresh: Option<Url>,
    /// `None` if the text is not asked for.
    pub(crate) text: Option<String>,
    /// `None` if the HTML is not asked for. In UTF-8.
    pub(crate) html: Option<String>,
    /// `None` if Markdown is not asked for, or cannot be made.
    pub(crate) markdown: Option<String>,
}

/// A link of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    /// http(s), without fragment.
    pub(crate) url: Url,
    /// True if every link to this URL says `rel=nofollow`.
    pub(crate) nofollow: bool,
}

/// The restrictions that a page puts on robots.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct MetaRobots {
    /// Its content must not be shown.
    pub(crate) noindex: bool,
    /// Its links must not be followed.
    pub(crate) nofollow: bool,
}

#[cfg(test)]
mod tests;
