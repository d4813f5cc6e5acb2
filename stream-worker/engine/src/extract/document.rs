//! The findings of one page: its links, title, metadata and text, as far as it has been read.

use std::sync::Arc;

use super::MetaRobots;
use super::about::About;
use super::entities::{self, Within};
use super::layout::Flow;
use super::links::Links;
use super::picture_list::Pictures;
use super::text::folded;

/// Characters of a title.
const MAX_TITLE: usize = 512;
/// Bytes of a title that are read at most; one that was never closed is the whole page.
const MAX_RAW_TITLE: usize = 8 * 1024;

/// Parts of a page that are read beside links and orders to robots.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wanted {
    pub(super) text: bool,
    pub(super) metadata: bool,
    pub(super) pictures: bool,
}

pub(super) struct Document {
    pub(super) links: Links,
    pub(super) about: About,
    pub(super) robots: MetaRobots,
    /// The first refresh that leads anywhere, as it is written.
    pub(super) refresh: Option<String>,
    pub(super) text: Option<Flow>,
    pub(super) pictures: Option<Pictures>,
    agent: Arc<str>,
    /// The use of the text that is read, if an element that holds only text is open.
    pub(super) raw: RawText,
    /// For each template that is open here, if its content is no part of the document.
    pub(super) templates: Vec<bool>,
    /// True between the tags of a `<picture>`, and of no film in it.
    pub(super) is_in_picture: bool,
    /// Content of the `<noscript>` that is open.
    pub(super) noscript: String,
    /// True while that is read.
    pub(super) is_in_noscript: bool,
    title: Title,
}

/// The use of text in an element that holds nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RawText {
    Ignored,
    Title,
    JsonLd,
    Noscript,
}

/// The title of a page: its first one, in the state of its reading.
enum Title {
    Awaited,
    /// With its entities: one may be cut in two.
    Reading(String),
    Read(String),
}

impl Document {
    pub(super) fn new(agent: Arc<str>, wanted: Wanted) -> Self {
        Self {
            links: Links::new(),
            about: About::new(wanted.metadata),
            robots: MetaRobots::default(),
            refresh: None,
            text: wanted.text.then(Flow::default),
            pictures: wanted.pictures.then(Pictures::default),
            agent,
            raw: RawText::Ignored,
            templates: Vec::new(),
            is_in_picture: false,
            noscript: String::new(),
            is_in_noscript: false,
            title: Title::Awaited,
        }
    }

    /// Takes in a piece of text in an element that holds nothing else.
    pub(super) fn raw_piece(&mut self, piece: &str) {
        match self.raw {
            RawText::Ignored => {}
            RawText::Title => self.title_piece(piece),
            RawText::JsonLd => self.about.json_ld_piece(piece),
            RawText::Noscript => self.noscript_piece(piece),
        }
    }

    pub(super) fn begin_title(&mut self) {
        if !self.is_in_template() && matches!(self.title, Title::Awaited) {
            self.title = Title::Reading(String::new());
            self.raw = RawText::Title;
        }
    }

    fn title_piece(&mut self, piece: &str) {
        if let Title::Reading(raw) = &mut self.title
            && raw.len() < MAX_RAW_TITLE
        {
            raw.push_str(piece);
        }
    }

    pub(super) fn end_title(&mut self) {
        if let Title::Reading(raw) = &mut self.title {
            self.title = Title::Read(std::mem::take(raw));
        }
    }

    pub(super) fn title(&mut self) -> Option<String> {
        self.end_title();
        let Title::Read(raw) = &self.title else {
            return None;
        };
        let title = folded(&entities::decode(raw, Within::Text), MAX_TITLE);
        (!title.is_empty()).then_some(title)
    }

    /// The robot's own name, by which a page may speak to it.
    pub(super) fn agent(&self) -> &str {
        &self.agent
    }
}
