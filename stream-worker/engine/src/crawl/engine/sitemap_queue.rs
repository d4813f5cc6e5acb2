//! The way of a sitemap into the frontier.
//!
//! It owns which sitemaps are wanted, which of them are queued, and how one is asked for. It refuses to know what they list.

use std::sync::Arc;
use std::time::Duration;

use shared::CrawlRequest;
use url::Url;

use crate::crawl::frontier::Frontier;
use crate::crawl::frontier::visit::Work;
use crate::crawl::host_name::plain_host;
use crate::crawl::robots::{RobotsVerdict, default_sitemap};
use crate::crawl::session::Credentials;
use crate::crawl::sitemap::plan::SitemapPlan;
use crate::crawl::sitemap::reader::{self, SitemapAnswer};
use crate::crawl::sitemap::visit::{SitemapLead, SitemapVisit};
use crate::fetch::{Fetcher, LocalFault};

/// Lets a few sitemaps at a time into the frontier.
pub(super) struct SitemapQueue {
    plan: SitemapPlan,
    fetcher: Arc<dyn Fetcher>,
    credentials: Option<Arc<Credentials>>,
    /// Time that one request may take, body included.
    timeout: Duration,
}

impl SitemapQueue {
    /// Asks with `fetcher`, as `request` wants it.
    pub(super) fn new(
        request: &CrawlRequest,
        fetcher: Arc<dyn Fetcher>,
        credentials: Option<Arc<Credentials>>,
    ) -> Self {
        Self {
            plan: SitemapPlan::new(request.sitemap),
            fetcher,
            credentials,
            timeout: Duration::from_millis(request.timeout_ms),
        }
    }

    /// Queues the search for the sitemaps of the host that `url` is on, once. It comes after what waits there already: start
    /// pages do not wait for sitemaps.
    pub(super) fn search(&mut self, url: &Url, frontier: &mut Frontier) {
        if self.plan.add_site(url) {
            frontier.push(url, Work::SitemapSearch(url.clone()));
        }
    }

    /// Queues the sitemaps that the robots.txt of the host of `url` names, and the one that many hosts have unnamed.
    pub(super) fn found(&mut self, url: &Url, rules: &RobotsVerdict, frontier: &mut Frontier) {
        let visit = |sitemap: &Url, lead| SitemapVisit {
            url: sitemap.clone(),
            nesting: 0,
            lead,
            sponsor: plain_host(url),
        };
        for named in rules.sitemaps() {
            self.admit(visit(named, SitemapLead::Named));
        }
        if let Some(default) = default_sitemap(url) {
            self.admit(visit(&default, SitemapLead::Default));
        }
        self.fill(frontier);
    }

    /// Plans to read a sitemap, which is queued when another one has [ended](Self::ended).
    pub(super) fn admit(&mut self, visit: SitemapVisit) {
        if matches!(visit.url.scheme(), "http" | "https") {
            self.plan.admit(visit);
        }
    }

    /// Reads the sitemap at `url`, as [`reader::read`] says.
    pub(super) fn read(
        &self,
        url: Url,
    ) -> impl Future<Output = Result<SitemapAnswer, LocalFault>> + Send + use<> {
        let fetcher = Arc::clone(&self.fetcher);
        reader::read(fetcher, self.credentials.clone(), url, self.timeout)
    }

    /// True if no sitemap is being read or waits for it.
    pub(super) fn is_over(&self) -> bool {
        self.plan.is_over()
    }

    /// Queues the next sitemap in the place of one that was read, could not be, or may not be.
    pub(super) fn ended(&mut self, frontier: &mut Frontier) {
        self.plan.end();
        self.fill(frontier);
    }

    fn fill(&mut self, frontier: &mut Frontier) {
        while let Some(visit) = self.plan.next() {
            let url = visit.url.clone();
            frontier.push(&url, Work::Sitemap(visit));
        }
    }
}
