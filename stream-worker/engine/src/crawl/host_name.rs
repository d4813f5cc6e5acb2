//! The names that hosts have in a crawl.

use std::fmt;
use std::sync::Arc;

use url::{Position, Url};

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

/// A URL's host without `www.`.
pub(crate) fn plain_host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    host.strip_prefix("www.").unwrap_or(host).to_owned()
}
