//! Extracts links, metadata, pictures, text, Markdown and HTML from the bytes of a page. Pure: no network, no clock.

mod scan;
mod prescan;
mod decoding;
mod charset;
mod media_type;
mod directives;
mod link_header;
mod page_links;
mod plain_reference;
mod links;
mod entities;
mod text;
mod layout;
mod about;
mod picture_list;
mod pictures;
mod dom;
mod elements;
mod shape;
mod surroundings;
mod boilerplate;
mod captions;
mod boxes;
mod article_body;
mod leftovers;
mod announced;
mod remarks;
mod main_content;
mod markdown;
mod select;
mod written;
mod clean;
mod whole;
mod shell;
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
pub(crate) use page_links::PageLinks;

use std::sync::Arc;

use shared::CrawlRequest;
use shared::event::PageMetadata;
use shared::request::Format;
use url::Url;

use document::Wanted;
use select::Tags;

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

/// The formats that a request asks for, and the parts of pages that they are to hold. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Formats(Arc<Asked>);

#[derive(Debug)]
struct Asked {
    formats: Vec<Format>,
    only_main_content: bool,
    tags: Tags,
}

impl Formats {
    /// The formats that `request` asks for.
    pub(crate) fn of(request: &CrawlRequest) -> Self {
        Self(Arc::new(Asked {
            formats: request.formats.clone(),
            only_main_content: request.only_main_content,
            tags: Tags {
                include: request.include_tags.clone(),
                exclude: request.exclude_tags.clone(),
            },
        }))
    }

    /// A set of `formats`, of main content.
    #[cfg(test)]
    pub(crate) fn new(formats: &[Format]) -> Self {
        Self(Arc::new(Asked {
            formats: formats.to_vec(),
            only_main_content: true,
            tags: Tags::default(),
        }))
    }

    /// True if the request asks for `format`.
    pub(crate) fn contains(&self, format: Format) -> bool {
        self.0.formats.contains(&format)
    }

    /// True if text that is no HTML has to be read: it is its own text and its own Markdown.
    pub(crate) fn need_text(&self) -> bool {
        self.contains(Format::Text) || self.contains(Format::Markdown)
    }

    /// True if the whole page has to be kept, in UTF-8.
    pub(crate) fn need_source(&self) -> bool {
        self.contains(Format::Html) || self.contains(Format::RawHtml) || self.need_tree()
    }

    /// True if a page takes a processor for a while.
    pub(crate) fn need_processor(&self) -> bool {
        self.contains(Format::Text) || self.need_tree()
    }

    /// True if the page's tree is built.
    fn need_tree(&self) -> bool {
        let of_parts = self.contains(Format::Text) || self.contains(Format::Html);
        self.contains(Format::Markdown)
            || self.contains(Format::CleanHtml)
            || (of_parts && !self.tags().are_none())
    }

    /// Parts of a page that the streaming pass reads beside links and orders to robots.
    fn wanted(&self) -> Wanted {
        Wanted {
            // Of parts of a page, the text is made of its tree.
            text: self.contains(Format::Text) && self.tags().are_none(),
            metadata: self.contains(Format::Metadata),
            pictures: self.contains(Format::Images),
        }
    }

    fn only_main_content(&self) -> bool {
        self.0.only_main_content
    }

    fn tags(&self) -> &Tags {
        &self.0.tags
    }
}

/// The findings of one page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Page {
    /// The title, white space folded, at most 512 characters.
    pub(crate) title: Option<String>,
    /// http(s) links in document order, each URL once, without fragment.
    pub(crate) links: PageLinks,
    /// The number of links, those past the cap included.
    pub(crate) link_count: u32,
    /// Metadata of the page; without the format, only the part that a crawl needs.
    pub(crate) metadata: PageMetadata,
    /// Directives of `<meta name=robots>`.
    pub(crate) robots: MetaRobots,
    /// The target of `<meta http-equiv=refresh>`.
    pub(crate) refresh: Option<Url>,
    /// URLs of pictures, each once. `None` if they are not asked for.
    pub(crate) images: Option<Vec<String>>,
    /// `None` if the text is not asked for, or cannot be made of the parts that are.
    pub(crate) text: Option<String>,
    /// As it was fetched, or the parts that are asked for. `None` if it is not asked for, or cannot be made. In UTF-8.
    pub(crate) html: Option<String>,
    /// As it was fetched. `None` if it is not asked for. In UTF-8.
    pub(crate) raw_html: Option<String>,
    /// `None` if clean HTML is not asked for, or cannot be made.
    pub(crate) clean_html: Option<String>,
    /// `None` if Markdown is not asked for, or cannot be made.
    pub(crate) markdown: Option<String>,
    /// True for a page that is empty until scripts have built it.
    pub(crate) is_shell: bool,
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
