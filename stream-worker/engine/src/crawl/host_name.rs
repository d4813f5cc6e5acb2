//! The names that hosts have in a crawl.

use std::sync::Arc;

use url::{Position, Url};

/// The key of a host queue: scheme, host and port, as in `https://example.com:8443`. Robots rules and politeness belong to
/// these three.
pub(crate) type HostName = Arc<str>;

/// The key of the host queue that `url` belongs to.
pub(crate) fn host_name(url: &Url) -> String {
    let scheme = &url[..Position::BeforeUsername];
    format!(
        "{scheme}{}",
        &url[Position::BeforeHost..Position::BeforePath]
    )
}

/// A URL's host without `www.`.
pub(crate) fn plain_host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    host.strip_prefix("www.").unwrap_or(host).to_owned()
}
