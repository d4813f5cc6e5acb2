//! A start page.

use std::fmt;

use serde::Serialize;
use url::Url;

use super::limits::MAX_URL_CHARS;

/// An absolute http(s) URL without userinfo, as the WHATWG parser prints it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct SeedUrl(Url);

impl SeedUrl {
    /// Reads a start page's URL.
    ///
    /// # Errors
    /// Says, as the end of a sentence, what a start page must be.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.len() > MAX_URL_CHARS {
            return Err("must be at most 2048 characters long");
        }
        let url = Url::parse(text)
            .map_err(|_error| "must be an absolute URL such as https://example.com/")?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err("must begin with http:// or https://");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not hold a user name or password");
        }
        Ok(Self(url))
    }

    /// The home page of its host.
    #[must_use]
    pub(super) fn origin(&self) -> Self {
        let mut url = self.0.clone();
        url.set_path("/");
        url.set_query(None);
        url.set_fragment(None);
        Self(url)
    }

    /// The parsed URL.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.0
    }
}

impl fmt::Display for SeedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
