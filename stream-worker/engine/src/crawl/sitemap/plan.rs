//! The choice of the sitemaps that are read: those of the start pages' hosts, each once, a few at a time.

use std::collections::VecDeque;

use hashbrown::HashSet;
use shared::request::SitemapMode;
use url::Url;

use super::reader::MAX_SITEMAPS;
use super::visit::SitemapVisit;
use crate::crawl::host_name::HostName;

/// Sitemaps that are read at once: one may have fifty megabytes.
const MAX_ACTIVE: usize = 2;

/// The sitemaps of one crawl: the known ones, and those whose turn has not come.
#[derive(Debug)]
pub(crate) struct SitemapPlan {
    mode: SitemapMode,
    /// Hosts whose sitemaps are looked for, or were.
    sites: HashSet<HostName>,
    known: HashSet<Url>,
    waiting: VecDeque<SitemapVisit>,
    /// Sitemaps in the frontier or in flight.
    active: usize,
}

impl SitemapPlan {
    /// A plan without any sitemap.
    pub(crate) fn new(mode: SitemapMode) -> Self {
        Self {
            mode,
            sites: HashSet::new(),
            known: HashSet::new(),
            waiting: VecDeque::new(),
            active: 0,
        }
    }

    /// Notes that sitemaps of the host that `url` is on are wanted. Returns true if they are to be looked for, and were not
    /// before.
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

    /// True if no sitemap is being read or waits for it.
    pub(crate) fn is_over(&self) -> bool {
        self.active == 0 && self.waiting.is_empty()
    }

    /// Makes room for the next: one was read, or could not be.
    pub(crate) const fn end(&mut self) {
        self.active -= 1;
    }
}
