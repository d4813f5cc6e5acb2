//! The links of a page, each once, in document order.

use hashbrown::HashMap;
use url::Url;

use super::Link;

/// Links of one page that are kept at most.
pub(super) const MAX_LINKS: usize = 10_000;
/// Characters of a link that is read at most. No longer one can be fetched.
const MAX_HREF: usize = 8 * 1024;

pub(super) struct Links {
    /// The URL that links are relative to: the page's, or that of its first `<base>`.
    base: Url,
    based: bool,
    list: Vec<Link>,
    places: HashMap<Box<str>, usize>,
    /// Links past the cap; they are not compared with each other.
    beyond: u32,
}

impl Links {
    pub(super) fn new(page: Url) -> Self {
        Self {
            base: page,
            based: false,
            list: Vec::new(),
            places: HashMap::new(),
            beyond: 0,
        }
    }

    /// Makes links relative to this `<base href>`, if it is the page's first.
    pub(super) fn set_base(&mut self, href: &str) {
        if !self.based
            && let Ok(base) = self.base.join(href.trim())
            && !base.cannot_be_a_base()
        {
            self.base = base;
            self.based = true;
        }
    }

    /// The URL that `href` leads to, if that may be a page.
    pub(super) fn resolve(&self, href: &str) -> Option<Url> {
        let href = href.trim();
        if href.len() > MAX_HREF {
            return None;
        }
        let mut url = self.base.join(href).ok()?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return None;
        }
        url.set_fragment(None);
        // A link cannot bring credentials.
        if !url.username().is_empty() || url.password().is_some() {
            return None;
        }
        Some(url)
    }

    /// Adds a link. One that is there twice may be followed if either may.
    pub(super) fn add(&mut self, href: &str, nofollow: bool) {
        let Some(url) = self.resolve(href) else {
            return;
        };
        if let Some(place) = self.places.get(url.as_str()) {
            self.list[*place].nofollow &= nofollow;
        } else if self.list.len() >= MAX_LINKS {
            self.beyond = self.beyond.saturating_add(1);
        } else {
            self.places.insert(url.as_str().into(), self.list.len());
            self.list.push(Link { url, nofollow });
        }
    }

    /// The links that were kept, and how many there are.
    pub(super) fn finish(self) -> (Vec<Link>, u32) {
        let count = u32::try_from(self.list.len())
            .unwrap_or(u32::MAX)
            .saturating_add(self.beyond);
        (self.list, count)
    }
}
