//! Extracts the links, metadata and formats of one page while its bytes arrive.

use std::sync::Arc;

use parking_lot::Mutex;
use shared::event::PageMetadata;
use shared::request::Format;

use super::charset::Charset;
use super::document::Document;
use super::html::{Parser, Shared, parser};
use super::text::folded;
use super::{ExtractOptions, Page, markdown};

/// Reads one page as it arrives.
pub(crate) struct Extractor {
    options: ExtractOptions,
    charset: Charset,
    /// Decoded text that has not been read yet.
    decoded: String,
    kind: Kind,
}

/// The kind of document, by its `Content-Type` or its first character.
enum Kind {
    /// No `Content-Type` is declared; the first character decides.
    Unknown,
    Html(Box<Html>),
    Plain(String),
    /// Neither HTML nor plain text: nothing is read.
    Other,
}

struct Html {
    document: Shared,
    /// `None` once it has given up on the page; the findings until then stay.
    parser: Option<Parser>,
    /// The page in UTF-8, where a format needs it whole.
    source: Option<String>,
}

impl Extractor {
    /// An extractor for a page of which no byte has arrived.
    #[must_use]
    pub(crate) fn new(options: ExtractOptions) -> Self {
        let charset = Charset::new(options.content_type.as_deref());
        let kind = kind(&options);
        Self {
            options,
            charset,
            decoded: String::new(),
            kind,
        }
    }

    /// Reads the next bytes, wherever the page was cut.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        if matches!(self.kind, Kind::Other) {
            return;
        }
        self.charset.decode(bytes, false, &mut self.decoded);
        self.read();
    }

    /// Ends the page and returns the findings. Takes time in proportion to the page if Markdown is wanted.
    #[must_use]
    pub(crate) fn finish(mut self) -> Page {
        if !matches!(self.kind, Kind::Other) {
            self.charset.decode(&[], true, &mut self.decoded);
            self.read();
        }
        let charset = self.charset.name();
        match self.kind {
            Kind::Html(html) => html.finish(&self.options, charset),
            Kind::Plain(text) => Page {
                text: Some(text),
                metadata: PageMetadata {
                    charset: charset.map(str::to_owned),
                    ..PageMetadata::default()
                },
                ..Page::default()
            },
            Kind::Unknown | Kind::Other => Page::default(),
        }
    }

    fn read(&mut self) {
        if matches!(self.kind, Kind::Unknown) {
            match self.decoded.trim_start().chars().next() {
                None => return,
                Some('<') => self.kind = Kind::Html(Box::new(Html::new(&self.options))),
                Some(_) => self.kind = Kind::Other,
            }
        }
        match &mut self.kind {
            Kind::Html(html) => html.read(&self.decoded),
            Kind::Plain(text) => text.push_str(&self.decoded),
            Kind::Other | Kind::Unknown => {}
        }
        self.decoded.clear();
    }
}

fn kind(options: &ExtractOptions) -> Kind {
    let essence = options.content_type.as_deref().map(|value| {
        value
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase()
    });
    match essence.as_deref() {
        None | Some("") => Kind::Unknown,
        Some("text/html" | "application/xhtml+xml") => Kind::Html(Box::new(Html::new(options))),
        Some("text/plain") if options.formats.contains(Format::Text) => Kind::Plain(String::new()),
        Some(_) => Kind::Other,
    }
}

impl Html {
    fn new(options: &ExtractOptions) -> Self {
        let document = Arc::new(Mutex::new(Document::new(
            options.url.clone(),
            Arc::clone(&options.agent),
            options.formats.need_text(),
        )));
        let parser = parser(&document, options.formats.need_text());
        Self {
            document,
            parser: Some(parser),
            source: options.formats.need_source().then(String::new),
        }
    }

    fn read(&mut self, html: &str) {
        if let Some(source) = &mut self.source {
            source.push_str(html);
        }
        if let Some(parser) = &mut self.parser
            && parser.write(html.as_bytes()).is_err()
        {
            self.parser = None;
        }
    }

    fn finish(self, options: &ExtractOptions, charset: Option<&str>) -> Page {
        if let Some(parser) = self.parser {
            // Fails only on a page that it has given up on.
            let _given_up = parser.end();
        }
        // The parser, and with it every other holder, is gone.
        let document = Arc::into_inner(self.document).map(Mutex::into_inner);
        let Some(mut document) = document else {
            return Page::default();
        };
        let title = document.title();
        let text = document.text.map(super::text::Text::finish);
        let (links, link_count) = document.links.finish();
        let mut metadata = document.metadata;
        metadata.charset = charset.map(str::to_owned);
        metadata.language = metadata
            .language
            .map(|language| folded(&language, 64))
            .filter(|language| !language.is_empty());
        let source = self.source.unwrap_or_default();
        let markdown = options.formats.contains(Format::Markdown).then(|| {
            markdown::from(&source, document.deepest)
                .or_else(|| text.clone())
                .unwrap_or_default()
        });
        Page {
            title,
            links,
            link_count,
            metadata,
            robots: document.robots,
            refresh: document.refresh,
            text: text.filter(|_| options.formats.contains(Format::Text)),
            html: options.formats.contains(Format::Html).then_some(source),
            markdown,
        }
    }
}
