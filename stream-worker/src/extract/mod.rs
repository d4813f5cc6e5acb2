//! Bytes of a page to what the crawl wants of it. Pure: no network, no clock.

mod charset;
mod directives;
mod link_header;
mod links;
mod text;
mod main_content;
mod markdown;
mod document;
mod html;
mod extractor;

pub use directives::parse_robots_header;
pub use extractor::Extractor;
pub use link_header::canonical_in_link_header;

use std::sync::Arc;

use shared::event::PageMetadata;
use url::Url;

/// What to extract.
#[derive(Debug, Clone)]
pub struct ExtractOptions {
    /// The page's URL after redirects: links are relative to it.
    pub url: Url,
    /// The `Content-Type` header.
    pub content_type: Option<String>,
    /// What the robot is called: a `<meta>` may name it.
    pub agent: Arc<str>,
    /// Whether to keep the text.
    pub text: bool,
    /// Whether to keep the HTML in UTF-8.
    pub html: bool,
    /// Whether to make Markdown.
    pub markdown: bool,
}

/// What was extracted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The title, white space folded, at most 512 characters.
    pub title: Option<String>,
    /// http(s) links in document order, each URL once, without fragment.
    pub links: Vec<Link>,
    /// How many links there are, those past the cap included.
    pub link_count: u32,
    /// What the page says of itself.
    pub metadata: PageMetadata,
    /// What `<meta name=robots>` says.
    pub robots: MetaRobots,
    /// Where `<meta http-equiv=refresh>` leads.
    pub refresh: Option<Url>,
    /// The text, if asked for.
    pub text: Option<String>,
    /// The HTML, if asked for.
    pub html: Option<String>,
    /// The Markdown, if asked for.
    pub markdown: Option<String>,
}

/// A link of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where it leads.
    pub url: Url,
    /// Whether it says `rel=nofollow`.
    pub nofollow: bool,
}

/// What a page allows robots to do with it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MetaRobots {
    /// Its content must not be shown.
    pub noindex: bool,
    /// Its links must not be followed.
    pub nofollow: bool,
}

#[cfg(test)]
mod tests;
