//! A URL on its way through the frontier.

use http::HeaderValue;
use url::Url;

use crate::crawl::Candidate;
use crate::crawl::session::ChainCookies;
use crate::crawl::sitemap::visit::SitemapVisit;

/// A piece of work that waits for its turn at a host.
#[derive(Debug)]
pub(crate) enum Work {
    Page(Visit),
    Sitemap(SitemapVisit),
    /// The search for the sitemaps of the host that this URL is on. Its robots.txt names them, and is read before any work.
    SitemapSearch(Url),
}

/// A candidate with its tries and redirects so far. Small, since many wait: the URL is parsed when its turn comes.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) candidate: Candidate,
    /// Requests that brought nothing final.
    pub(crate) tries: u32,
    /// `None` until the candidate redirects.
    pub(crate) redirects: Option<Box<RedirectChain>>,
}

/// The redirects that one visit has followed.
#[derive(Debug)]
pub(crate) struct RedirectChain {
    /// Requests that were redirected, the candidate's first.
    pub(crate) passed: Vec<Hop>,
    /// Set by the redirects, where the crawl keeps no cookies beyond them.
    pub(crate) cookies: ChainCookies,
    /// The URL that the last of them redirected to.
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
    /// A visit that has not been tried.
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

    /// The URL to ask for next. `None` if the candidate is no URL, which a journal of this service does not hold.
    pub(crate) fn url(&self) -> Option<Url> {
        match &self.redirects {
            Some(chain) => Some(chain.target.clone()),
            None => Url::parse(&self.candidate.url).ok(),
        }
    }
}
