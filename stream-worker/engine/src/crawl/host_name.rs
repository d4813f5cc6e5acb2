//! The names that hosts have in a crawl.

use std::fmt;
use std::sync::Arc;

use url::{Host, Position, Url};

/// The key of a host queue: scheme, host and port, as in `https://example.com:8443`. Robots rules and politeness belong to
/// these three. Clones share the text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct HostName(Arc<str>);

impl HostName {
    /// The key of the host queue that `url` belongs to.
    pub(crate) fn of(url: &Url) -> Self {
        let scheme = &url[..Position::BeforeUsername];
        let authority = &url[Position::BeforeHost..Position::BeforePath];
        Self(format!("{scheme}{authority}").into())
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The registrable domain; the host itself if it has none (an IP address, `localhost`).
pub(crate) fn registrable_domain(url: &Url) -> &str {
    let host = url.host_str().unwrap_or_default();
    match url.host() {
        Some(Host::Domain(name)) => psl::domain_str(name).unwrap_or(host),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) | None => host,
    }
}

/// A URL's host without `www.`.
pub(crate) fn plain_host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    host.strip_prefix("www.").unwrap_or(host).to_owned()
}
