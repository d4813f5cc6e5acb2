//! A URL on its way through the frontier.

use url::Url;

use super::Candidate;

/// What waits for its turn at a host.
#[derive(Debug)]
pub(super) enum Work {
    /// A page.
    Page(Visit),
    /// A sitemap.
    Sitemap(SitemapVisit),
    /// To learn which sitemaps the host has that this URL is on. Its robots.txt says so, which is read before any work.
    SitemapSearch(Url),
}

/// A candidate with what it has been through. Small, since many wait: the URL is parsed when its turn comes.
#[derive(Debug)]
pub(super) struct Visit {
    /// What is visited.
    pub(super) candidate: Candidate,
    /// How often it was asked for in vain.
    pub(super) tries: u32,
    /// Where redirects have led so far.
    pub(super) detour: Option<Box<Detour>>,
}

/// The way of a visit through redirects.
#[derive(Debug)]
pub(super) struct Detour {
    /// URLs that redirected, the candidate's first.
    pub(super) passed: Vec<Url>,
    /// Where the last of them led.
    pub(super) target: Url,
    /// The canonical form of the target.
    pub(super) canonical: String,
}

/// A sitemap that waits to be read.
#[derive(Debug, Clone)]
pub(super) struct SitemapVisit {
    /// Where it is.
    pub(super) url: Url,
    /// Sitemap indexes above it.
    pub(super) nesting: u32,
    /// Why it is looked for.
    pub(super) lead: SitemapLead,
    /// The host, without `www.`, on whose word it is looked for.
    pub(super) sponsor: String,
}

impl SitemapVisit {
    /// Whether the sitemap may speak for the host of `page`: its own, or the one on whose word it is read. Anyone may write
    /// what they like into a sitemap of theirs (sitemaps.org, "cross submits").
    pub(super) fn may_list(&self, page: &Url) -> bool {
        let host = plain_host(page);
        host == plain_host(&self.url) || host == self.sponsor
    }
}

/// A URL's host without `www.`.
pub(super) fn plain_host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    host.strip_prefix("www.").unwrap_or(host).to_owned()
}

/// Why a sitemap is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SitemapLead {
    /// `/sitemap.xml` is where many sites have one; nobody promised it.
    Default,
    /// robots.txt or a sitemap index names it.
    Named,
}

impl Visit {
    /// A first visit.
    pub(super) const fn new(candidate: Candidate) -> Self {
        Self {
            candidate,
            tries: 0,
            detour: None,
        }
    }

    /// The canonical URL of what to ask for next.
    pub(super) fn asked(&self) -> &str {
        match &self.detour {
            Some(detour) => &detour.canonical,
            None => &self.candidate.url,
        }
    }

    /// What to ask for next; nothing if the candidate is no URL, which a journal of this service does not hold.
    pub(super) fn url(&self) -> Option<Url> {
        match &self.detour {
            Some(detour) => Some(detour.target.clone()),
            None => Url::parse(&self.candidate.url).ok(),
        }
    }
}
