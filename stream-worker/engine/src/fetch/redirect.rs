//! Where a redirect leads.

use http::header::LOCATION;
use url::Url;

use super::Answer;

impl Answer {
    /// Where this answer sends whoever asked for `from`, if it is a redirect to somewhere.
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
