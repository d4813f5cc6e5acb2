mod bounds;
mod code;
mod content;
mod documentation;
mod escapes;
mod found;
mod links;
mod properties;
mod structure;
mod tables;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use shared::request::Format;

use crate::extract::{ExtractOptions, Extractor, Formats, MediaType, Page};

/// The Markdown of a page at `https://h.example/p/q`.
fn markdown(html: &str) -> String {
    read(html).markdown.unwrap()
}

/// What is found on that page.
fn read(html: &str) -> Page {
    let html_type = HeaderValue::from_static("text/html; charset=utf-8");
    let mut extractor = Extractor::new(ExtractOptions {
        url: "https://h.example/p/q".parse().unwrap(),
        media_type: MediaType::of(&HeaderMap::from_iter([(CONTENT_TYPE, html_type)])),
        agent: "crawlcast".into(),
        formats: Formats::new(&[Format::Markdown]),
    });
    extractor.feed(html.as_bytes());
    extractor.finish()
}
