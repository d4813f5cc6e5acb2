//! A URL on its way through the frontier.

use http::HeaderValue;
use url::Url;

use crate::crawl::Candidate;
use crate::crawl::sitemap::visit::SitemapVisit;
use crate::fetch::ChainCookies;

/// What waits for its turn at a host.
#[derive(Debug)]
pub(crate) enum Work {
    /// A page.
    Page(Visit),
    /// A sitemap.
    Sitemap(SitemapVisit),
    /// To learn which sitemaps the host has that this URL is on. Its robots.txt says so, which is read before any work.
    SitemapSearch(Url),
}

/// A candidate with what it has been through. Small, since many wait: the URL is parsed when its turn comes.
#[derive(Debug)]
pub(crate) struct Visit {
    /// What is visited.
    pub(crate) candidate: Candidate,
    /// How often it was asked for in vain.
    pub(crate) tries: u32,
    /// `None` until the candidate redirects.
    pub(crate) redirects: Option<Box<RedirectChain>>,
}

/// The redirects that one visit has followed.
#[derive(Debug)]
pub(crate) struct RedirectChain {
    /// Requests that were redirected, the candidate's first.
    pub(crate) passed: Vec<Hop>,
    /// Set by the redirects.
    pub(crate) cookies: ChainCookies,
    /// Where the last of them led.
    pub(crate) target: Url,
    /// The target without what the caller wants to have dropped: it is known and shown under this URL.
    pub(crate) requested: String,
}

/// A request that was redirected. A site that sets a cookie may redirect to the same URL, and answers it then.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Hop {
    pub(crate) url: Url,
    /// The `Cookie` header that was sent.
    pub(crate) cookies: Option<HeaderValue>,
}

impl Visit {
    /// A first visit.
    pub(crate) const fn new(candidate: Candidate) -> Self {
        Self {
            candidate,
            tries: 0,
            redirects: None,
        }
    }

    /// The URL under which what is asked for next is known.
    pub(crate) fn asked(&self) -> &str {
        match &self.redirects {
            Some(chain) => &chain.requested,
            None => &self.candidate.url,
        }
    }

    /// What to ask for next; nothing if the candidate is no URL, which a journal of this service does not hold.
    pub(crate) fn url(&self) -> Option<Url> {
        match &self.redirects {
            Some(chain) => Some(chain.target.clone()),
            None => Url::parse(&self.candidate.url).ok(),
        }
    }

    /// The `Cookie` header of the next request.
    pub(crate) fn cookies(&self) -> Option<HeaderValue> {
        let chain = self.redirects.as_deref()?;
        chain.cookies.header(&chain.target)
    }
}
