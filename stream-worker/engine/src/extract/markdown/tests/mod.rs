mod announced;
mod article_body;
mod boilerplate;
mod bounds;
mod boxes;
mod captions;
mod code;
mod content;
mod documentation;
mod escapes;
mod found;
mod leftovers;
mod links;
mod lists;
mod main_part;
mod properties;
mod remarks;
mod structure;
mod surroundings;
mod tables;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use serde_json::json;
use shared::CrawlRequest;
use shared::request::Format;

use crate::extract::{ExtractOptions, Extractor, Formats, MediaType, Page};

/// The Markdown of a page at `https://h.example/p/q`.
fn markdown(html: &str) -> String {
    read(html).markdown.unwrap()
}

/// The Markdown of all that is on a page, its main content or not.
fn whole_markdown(html: &str) -> String {
    let body =
        json!({"url": "https://h.example/", "formats": ["markdown"], "onlyMainContent": false});
    let request = CrawlRequest::from_value(body).unwrap();
    read_as(html, Formats::of(&request)).markdown.unwrap()
}

/// The findings of that page, of its main content.
fn read(html: &str) -> Page {
    read_as(html, Formats::new(&[Format::Markdown]))
}

fn read_as(html: &str, formats: Formats) -> Page {
    let html_type = HeaderValue::from_static("text/html; charset=utf-8");
    let mut extractor = Extractor::new(ExtractOptions {
        url: "https://h.example/p/q".parse().unwrap(),
        media_type: MediaType::of(&HeaderMap::from_iter([(CONTENT_TYPE, html_type)])),
        agent: "crawlcast".into(),
        formats,
    });
    extractor.feed(html.as_bytes());
    extractor.finish()
}

/// Words of so many bytes, white space not counted.
fn prose(bytes: usize) -> String {
    let words = "word ".repeat(bytes / 4);
    words + &"s".repeat(bytes % 4)
}

/// The Markdown of a page with `bytes` of text of its own, and `parts` among it.
fn page_with(bytes: usize, parts: &str) -> String {
    let words = prose(bytes - 4);
    markdown(&format!("<main><p>{words}</p>{parts}<p>End.</p></main>"))
}
