//! The findings of one page: its links, title, metadata and text, as far as it has been read. The parser's callbacks write
//! them.

use std::sync::Arc;

use shared::event::PageMetadata;
use url::Url;

use super::MetaRobots;
use super::directives::refresh_target;
use super::links::Links;
use super::text::{Text, folded};

/// Characters of a title and of a description.
const MAX_TITLE: usize = 512;
const MAX_DESCRIPTION: usize = 2048;
/// Bytes of a title that are read at most; one that was never closed is the whole page.
const MAX_RAW_TITLE: usize = 8 * 1024;

pub(super) struct Document {
    pub(super) links: Links,
    pub(super) metadata: PageMetadata,
    pub(super) robots: MetaRobots,
    pub(super) refresh: Option<Url>,
    pub(super) text: Option<Text>,
    agent: Arc<str>,
    /// Elements that are open at this place, and the most that ever were.
    pub(super) depth: u32,
    pub(super) deepest: u32,
    /// SVG images that are open at this place: each may have a title of its own.
    pub(super) drawings: u32,
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
    pub(super) fn new(url: Url, agent: Arc<str>, with_text: bool) -> Self {
        Self {
            links: Links::new(url),
            metadata: PageMetadata::default(),
            robots: MetaRobots::default(),
            refresh: None,
            text: with_text.then(Text::default),
            agent,
            depth: 0,
            deepest: 0,
            drawings: 0,
            title: Title::Awaited,
        }
    }

    pub(super) fn begin_title(&mut self) {
        if self.drawings == 0 && matches!(self.title, Title::Awaited) {
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
        let title = folded(&html_escape::decode_html_entities(raw), MAX_TITLE);
        (!title.is_empty()).then_some(title)
    }

    /// Takes in a `<meta>` that has a content.
    pub(super) fn meta(&mut self, name: Option<&str>, http_equiv: Option<&str>, content: &str) {
        let named =
            |wanted: &str| name.is_some_and(|name| name.trim().eq_ignore_ascii_case(wanted));
        if named("description") && self.metadata.description.is_none() {
            let description = folded(content, MAX_DESCRIPTION);
            self.metadata.description = (!description.is_empty()).then_some(description);
        }
        if named("robots") || named(&self.agent) {
            self.robots.add(content);
        }
        if http_equiv.is_some_and(|value| value.trim().eq_ignore_ascii_case("refresh"))
            && self.refresh.is_none()
        {
            self.refresh = refresh_target(content).and_then(|target| self.links.resolve(target));
        }
    }

    /// Takes in a `<link>`: canonical URLs are kept.
    pub(super) fn link(&mut self, rel: &str, href: &str) {
        if words(rel).any(|word| word.eq_ignore_ascii_case("canonical"))
            && self.metadata.canonical.is_none()
        {
            self.metadata.canonical = self.links.resolve(href).map(String::from);
        }
    }

    /// Takes in an `<a>` or an element like it.
    pub(super) fn anchor(&mut self, href: &str, rel: &str) {
        let nofollow = words(rel).any(|word| word.eq_ignore_ascii_case("nofollow"));
        self.links.add(href, nofollow);
    }
}

fn words(value: &str) -> impl Iterator<Item = &str> {
    value.split_ascii_whitespace()
}
