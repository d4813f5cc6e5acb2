//! The one pass over a page's HTML.

use std::sync::Arc;

use super::document::{Document, RawText, Wanted};
use super::layout::Flow;
use super::scan::*;

/// Reads a page as it arrives.
pub(super) struct Reading {
    scanner: Scanner,
    pub(super) document: Document,
}

impl Reading {
    pub(super) fn new(agent: Arc<str>, wanted: Wanted) -> Self {
        Self {
            scanner: Scanner::new(),
            document: Document::new(agent, wanted),
        }
    }

    pub(super) fn feed(&mut self, html: &str) {
        self.scanner.feed(html, &mut self.document);
    }

    /// Ends the page.
    pub(super) fn finish(mut self) -> Document {
        self.scanner.end(&mut self.document);
        self.document.read_noscript();
        self.document
    }
}

/// The text of a page that is there as a whole.
pub(super) fn text_of(html: &str) -> String {
    let wanted = Wanted {
        text: true,
        ..Wanted::default()
    };
    let mut reading = Reading::new("".into(), wanted);
    reading.feed(html);
    let text = reading.finish().text;
    text.map(Flow::finish).unwrap_or_default()
}

impl Sink for Document {
    fn reads(&self, name: Name) -> bool {
        match name {
            A | AREA | FRAME | IFRAME | TEMPLATE => true,
            BASE | HTML | LINK | META => !self.is_in_noscript,
            SCRIPT => self.about.has_details(),
            IMG | INPUT | SOURCE => self.pictures.is_some(),
            _ => false,
        }
    }

    fn start(&mut self, tag: &StartTag<'_>) {
        match tag.name {
            A | AREA => self.anchor(tag),
            FRAME | IFRAME => self.frame(tag),
            TEMPLATE => self.begin_template(tag),
            IMG | INPUT | PICTURE | SOURCE | AUDIO | VIDEO => self.picture(tag),
            NOSCRIPT => self.begin_noscript(tag),
            _ if self.is_in_noscript => {}
            BASE | HTML | LINK | META | TITLE if !tag.is_foreign => self.about_itself(tag),
            SCRIPT => self.begin_script(tag),
            H1 | H2 | H3 | H4 | H5 | H6 => self.begin_heading(tag.name),
            _ => self.about.start_in_heading(tag.name),
        }
        if let Some(text) = &mut self.text {
            text.start(tag.name);
        }
    }

    fn end(&mut self, name: Name) {
        self.raw = RawText::Ignored;
        match name {
            TEMPLATE => self.end_template(),
            NOSCRIPT => self.read_noscript(),
            PICTURE => self.is_in_picture = false,
            _ if self.is_in_noscript => {}
            TITLE => self.end_title(),
            SCRIPT => self.about.end_json_ld(),
            _ => self.about.end_in_heading(name),
        }
        if let Some(text) = &mut self.text {
            text.end(name);
        }
    }

    fn text(&mut self, piece: &str, kind: Kind, is_last: bool) {
        match kind {
            Kind::Raw => self.raw_piece(piece),
            Kind::Content | Kind::Foreign => {
                if !self.is_in_noscript {
                    self.about.heading_piece(piece);
                }
                if kind == Kind::Content
                    && let Some(text) = &mut self.text
                {
                    text.piece(piece, is_last);
                }
            }
        }
    }
}
