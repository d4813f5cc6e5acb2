//! The findings of one page: its links, title, metadata and text, as far as it has been read. The parser's callbacks write
//! them.

use std::sync::Arc;

use super::MetaRobots;
use super::about::About;
use super::directives::refresh_target;
use super::entities::{self, Within};
use super::links::Links;
use super::picture_list::Pictures;
use super::text::{Text, folded};

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
    pub(super) text: Option<Text>,
    pub(super) pictures: Option<Pictures>,
    agent: Arc<str>,
    /// SVG images that are open at this place: each may have a title of its own.
    pub(super) drawings: u32,
    /// Templates that are open around here: what they hold is no part of the document.
    pub(super) templates: u32,
    /// Content of the `<noscript>` that is open.
    pub(super) noscript: String,
    title: Title,
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
            text: wanted.text.then(Text::default),
            pictures: wanted.pictures.then(Pictures::default),
            agent,
            drawings: 0,
            templates: 0,
            noscript: String::new(),
            title: Title::Awaited,
        }
    }

    pub(super) fn begin_title(&mut self) {
        if self.drawings == 0 && self.templates == 0 && matches!(self.title, Title::Awaited) {
            self.title = Title::Reading(String::new());
        }
    }

    pub(super) fn title_piece(&mut self, piece: &str) {
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

    /// Takes in a `<meta>` that has a content, called `name` by any of its attributes.
    pub(super) fn meta(&mut self, name: &str, content: &str) {
        if self.templates > 0 {
            return;
        }
        let is = |wanted: &str| name.trim().eq_ignore_ascii_case(wanted);
        if is("robots") || is(&self.agent) {
            self.robots.add(content);
        }
        self.about.meta(name, content);
    }

    /// Takes in a `<meta>` that stands for the header `name`.
    pub(super) fn header(&mut self, name: &str, content: &str) {
        if self.templates == 0
            && name.trim().eq_ignore_ascii_case("refresh")
            && self.refresh.is_none()
        {
            self.refresh = refresh_target(content).map(str::to_owned);
        }
    }

    /// Takes in a `<link>`.
    pub(super) fn link(&mut self, rel: &str, href: &str) {
        if self.templates == 0 {
            self.about.link(rel, href);
        }
    }

    /// Takes in a `<base>` that has a `href`.
    pub(super) fn base(&mut self, href: &str) {
        if self.templates == 0 {
            self.links.set_base(href);
        }
    }

    /// Takes in an `<a>` or an element like it.
    pub(super) fn anchor(&mut self, href: &str, rel: &str) {
        if self.templates > 0 {
            return;
        }
        let nofollow = words(rel).any(|word| word.eq_ignore_ascii_case("nofollow"));
        self.links.add(href, nofollow);
    }
}

fn words(value: &str) -> impl Iterator<Item = &str> {
    value.split_ascii_whitespace()
}
