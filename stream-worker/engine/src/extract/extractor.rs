//! Extracts the links, metadata and formats of one page while its bytes arrive.

use std::sync::Arc;

use encoding_rs::{Encoding, UTF_8};

use super::charset::Charset;
use super::html::Reading;
use super::layout::Flow;
use super::media_type::DocumentType;
use super::plain::Plain;
use super::whole::{Made, Whole};
use super::{ExtractOptions, Page, shell, xhtml};

/// Reads one page as it arrives.
pub(crate) struct Extractor {
    options: ExtractOptions,
    charset: Charset,
    kind: Kind,
}

/// The document, as far as it has been read.
enum Kind {
    /// No `Content-Type` is declared; the first character decides that is not blank. So far there are blanks.
    Unknown(String),
    Html(Box<Html>),
    /// Read at its end: XML is well-formed as a whole or not at all.
    Xhtml(String),
    Plain(Plain),
    /// Nothing to read.
    Other,
}

struct Html {
    reading: Reading,
    /// The page in UTF-8, where a format needs it whole.
    source: Option<String>,
    /// The same of a page that may be empty until scripts have built it; nothing once it has content.
    shell: Option<String>,
}

impl Extractor {
    /// An extractor for a page of which no byte has arrived.
    #[must_use]
    pub(crate) fn new(options: ExtractOptions) -> Self {
        let media_type = options.media_type;
        let has_markup = matches!(
            media_type.document,
            DocumentType::Html | DocumentType::Xhtml | DocumentType::Unknown
        );
        let charset = Charset::new(media_type.encoding, has_markup);
        let kind = Kind::new(&options);
        Self {
            options,
            charset,
            kind,
        }
    }

    /// Reads the next bytes, wherever the page was cut.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        if matches!(self.kind, Kind::Other) {
            return;
        }
        self.decode(bytes, false);
    }

    /// Ends the page and returns the findings. Takes time in proportion to the page if Markdown is wanted.
    #[must_use]
    pub(crate) fn finish(mut self) -> Page {
        if !matches!(self.kind, Kind::Other) {
            self.decode(&[], true);
        }
        let encoding = self.charset.encoding();
        match self.kind {
            Kind::Html(html) => html.finish(&self.options, encoding.unwrap_or(UTF_8)),
            Kind::Xhtml(xml) => read_xhtml(xml, &self.options, encoding.unwrap_or(UTF_8)),
            Kind::Plain(plain) => plain.finish(&self.options.formats, encoding.map(Encoding::name)),
            Kind::Unknown(_) | Kind::Other => Page::default(),
        }
    }

    fn decode(&mut self, bytes: &[u8], last: bool) {
        let (kind, options) = (&mut self.kind, &self.options);
        self.charset
            .decode(bytes, last, &mut |text| kind.read(text, options));
    }
}

impl Kind {
    fn new(options: &ExtractOptions) -> Self {
        match options.media_type.document {
            DocumentType::Unknown => Self::Unknown(String::new()),
            DocumentType::Html => Self::html(options),
            DocumentType::Xhtml => Self::Xhtml(String::new()),
            DocumentType::Text | DocumentType::Markdown => Self::plain(options),
            DocumentType::Other => Self::Other,
        }
    }

    fn html(options: &ExtractOptions) -> Self {
        Self::Html(Box::new(Html::new(options)))
    }

    /// Reads the next piece of the page.
    fn read(&mut self, text: &str, options: &ExtractOptions) {
        match self {
            Self::Html(html) => html.read(text),
            Self::Xhtml(xml) => xml.push_str(text),
            Self::Plain(plain) => {
                if !plain.read(text) {
                    *self = Self::Other;
                }
            }
            Self::Unknown(blanks) => {
                blanks.push_str(text);
                let kind = match blanks.trim_start().chars().next() {
                    None => return,
                    Some('<') => Self::html(options),
                    Some(_) => Self::plain(options),
                };
                if let Self::Unknown(text) = std::mem::replace(self, kind) {
                    self.read(&text, options);
                }
            }
            Self::Other => {}
        }
    }

    /// Text has no links: it is read only for itself.
    fn plain(options: &ExtractOptions) -> Self {
        if options.formats.need_text() {
            Self::Plain(Plain::default())
        } else {
            Self::Other
        }
    }
}

fn read_xhtml(xml: String, options: &ExtractOptions, encoding: &'static Encoding) -> Page {
    let mut html = Html::new(options);
    match xhtml::to_html(&xml) {
        Some(text) => html.read(&text),
        None => html.read(&xml),
    }
    let page = html.finish(options, encoding);
    let is_as_fetched = options.formats.tags().are_none();
    Page {
        raw_html: page.raw_html.is_some().then(|| xml.clone()),
        html: match page.html {
            Some(_as_html) if is_as_fetched => Some(xml),
            other => other,
        },
        ..page
    }
}

impl Html {
    fn new(options: &ExtractOptions) -> Self {
        let wanted = options.formats.wanted();
        Self {
            reading: Reading::new(Arc::clone(&options.agent), wanted),
            source: options.formats.need_source().then(String::new),
            shell: Some(String::new()),
        }
    }

    fn read(&mut self, html: &str) {
        if let Some(source) = &mut self.source {
            source.push_str(html);
        }
        self.reading.feed(html);
        // Nearly every page has links in its first piece, and is not kept.
        if let Some(shell) = &mut self.shell {
            let is_small = shell.len() + html.len() <= shell::MAX_SHELL;
            if is_small && self.reading.document.links.len() <= shell::MAX_LINKS {
                shell.push_str(html);
            } else {
                self.shell = None;
            }
        }
    }

    fn finish(self, options: &ExtractOptions, encoding: &'static Encoding) -> Page {
        let mut document = self.reading.finish();
        let title = document.title();
        let references = document.links.references(&options.url, encoding);
        let (links, link_count) = document.links.finish(&references);
        let metadata = document
            .about
            .finish(title.as_deref(), encoding.name(), &references);
        let refresh = document.refresh.and_then(|href| references.resolve(&href));
        let is_shell = refresh.is_none()
            && link_count as usize <= shell::MAX_LINKS
            && self
                .shell
                .is_some_and(|html| shell::is_built_by_scripts(&html));
        let whole = Whole {
            source: self.source.as_deref().unwrap_or_default(),
            text: document.text.map(Flow::finish),
            references: &references,
            formats: &options.formats,
        };
        let Made {
            markdown,
            text,
            html,
            raw_html,
            clean_html,
        } = whole.make();
        Page {
            title,
            links,
            link_count,
            metadata,
            robots: document.robots,
            refresh,
            images: document
                .pictures
                .map(|pictures| pictures.finish(&references)),
            text,
            html,
            raw_html,
            clean_html,
            markdown,
            is_shell,
        }
    }
}
