//! A sitemap on its way through the frontier.

use url::Url;

use crate::crawl::host_name::plain_host;

/// A sitemap that waits to be read.
#[derive(Debug, Clone)]
pub(crate) struct SitemapVisit {
    pub(crate) url: Url,
    /// Sitemap indexes above it, at most [`MAX_NESTING`](super::reader::MAX_NESTING).
    pub(crate) nesting: u32,
    pub(crate) lead: SitemapLead,
    /// The host, without `www.`, on whose word it is looked for.
    pub(crate) sponsor: String,
}

impl SitemapVisit {
    /// True if the sitemap may speak for the host of `page`: its own, or the one on whose word it is read. Anyone may write
    /// what they like into a sitemap of theirs (sitemaps.org, "cross submits").
    pub(crate) fn may_list(&self, page: &Url) -> bool {
        let host = plain_host(page);
        host == plain_host(&self.url) || host == self.sponsor
    }
}

/// The evidence that a sitemap exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SitemapLead {
    /// `/sitemap.xml` is where many sites have one; nobody promised it.
    Default,
    /// robots.txt or a sitemap index names it.
    Named,
}
