//! The URLs that a sitemap file lists.

use url::Url;

/// URLs of one file at most, as the protocol has it.
pub(super) const MAX_URLS: usize = 50_000;

/// The URLs in one file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct SitemapFile {
    /// URLs of pages, in the order of the file.
    pub(crate) pages: Vec<Url>,
    /// URLs of further sitemaps, in the order of the file.
    pub(crate) sitemaps: Vec<Url>,
    /// The fault of the file in words, if it has one. The URLs before it count.
    pub(crate) fault: Option<String>,
    /// True if the file lists more than [`MAX_URLS`].
    is_overfull: bool,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Page,
    Sitemap,
}

impl SitemapFile {
    pub(super) fn is_empty(&self) -> bool {
        self.pages.is_empty() && self.sitemaps.is_empty()
    }

    /// Records what is wrong with the file, unless something was before.
    pub(super) fn fault(&mut self, reason: impl FnOnce() -> String) {
        self.fault.get_or_insert_with(reason);
    }

    pub(super) const fn is_overfull(&self) -> bool {
        self.is_overfull
    }

    fn is_full(&self) -> bool {
        self.pages.len() + self.sitemaps.len() >= MAX_URLS
    }

    /// Takes a URL in; relative ones, which the protocol forbids, only where `base` is given.
    pub(super) fn list(&mut self, kind: Kind, text: &str, base: Option<&Url>) {
        if self.is_full() {
            self.is_overfull = true;
            self.fault = Some(format!("it lists more than {MAX_URLS} URLs"));
            return;
        }
        let Ok(url) = Url::options().base_url(base).parse(text.trim()) else {
            return;
        };
        if matches!(url.scheme(), "http" | "https") {
            match kind {
                Kind::Page => self.pages.push(url),
                Kind::Sitemap => self.sitemaps.push(url),
            }
        }
    }
}
