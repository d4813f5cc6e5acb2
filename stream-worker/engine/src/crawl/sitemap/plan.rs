//! Which sitemaps are read: those of the start pages' hosts, each once, a few at a time.

use std::collections::VecDeque;

use hashbrown::HashSet;
use shared::request::SitemapMode;
use url::Url;

use super::reader::MAX_SITEMAPS;
use super::visit::SitemapVisit;
use crate::crawl::host_name::HostName;

/// Sitemaps that are read at once: one may have fifty megabytes.
const MAX_ACTIVE: usize = 2;

/// The sitemaps that are known, and those whose turn has not come.
#[derive(Debug)]
pub(crate) struct SitemapPlan {
    mode: SitemapMode,
    /// Hosts whose sitemaps are wanted.
    sites: HashSet<HostName>,
    known: HashSet<Url>,
    waiting: VecDeque<SitemapVisit>,
    /// How many are in the frontier or in flight.
    active: usize,
}

impl SitemapPlan {
    /// No sitemap yet.
    pub(crate) fn new(mode: SitemapMode) -> Self {
        Self {
            mode,
            sites: HashSet::new(),
            known: HashSet::new(),
            waiting: VecDeque::new(),
            active: 0,
        }
    }

    /// Whether the sitemaps of the host that `url` is on are to be looked for, and were not before.
    pub(crate) fn add_site(&mut self, url: &Url) -> bool {
        self.mode != SitemapMode::Skip && self.sites.insert(HostName::of(url))
    }

    /// Takes a sitemap in, unless it is known or there are too many.
    pub(crate) fn admit(&mut self, visit: SitemapVisit) {
        if self.known.len() < MAX_SITEMAPS && self.known.insert(visit.url.clone()) {
            self.waiting.push_back(visit);
        }
    }

    /// The next one that may be read now. Say [`end`](Self::end) of it later.
    pub(crate) fn next(&mut self) -> Option<SitemapVisit> {
        if self.active >= MAX_ACTIVE {
            return None;
        }
        let visit = self.waiting.pop_front()?;
        self.active += 1;
        Some(visit)
    }

    /// One was read, or not.
    pub(crate) const fn end(&mut self) {
        self.active -= 1;
    }
}
