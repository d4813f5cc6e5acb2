//! The target of a redirect.

use http::header::LOCATION;
use url::Url;

use super::Answer;

impl Answer {
    /// The URL to which this answer redirects a request for `from`. `None` if it is no redirect, or one to nowhere.
    #[must_use]
    pub fn redirect_target(&self, from: &Url) -> Option<Url> {
        if !matches!(self.status, 301 | 302 | 303 | 307 | 308) {
            return None;
        }
        // Browsers read these bytes as UTF-8 too.
        let location = String::from_utf8_lossy(self.headers.get(LOCATION)?.as_bytes());
        let mut target = from.join(location.trim()).ok()?;
        target.set_fragment(None);
        matches!(target.scheme(), "http" | "https").then_some(target)
    }
}
