//! The target of a redirect.

use http::header::LOCATION;
use url::Url;

use super::Answer;
use super::octets::escape_non_utf8;

impl Answer {
    /// The URL to which this answer redirects a request for `from`. `None` if it is no redirect, or one to nowhere.
    #[must_use]
    pub fn redirect_target(&self, from: &Url) -> Option<Url> {
        if !matches!(self.status, 301 | 302 | 303 | 307 | 308) {
            return None;
        }
        let location = escape_non_utf8(self.headers.get(LOCATION)?.as_bytes());
        let mut target = from.join(location.trim()).ok()?;
        target.set_fragment(None);
        matches!(target.scheme(), "http" | "https").then_some(target)
    }
}
