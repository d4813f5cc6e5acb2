//! The origins of a request's sites, and its `headersFor`.

use std::fmt;

use serde::{Serialize, Serializer};
use url::Url;

use crate::request::SeedUrl;
use crate::request::fields::Fields;

/// Origins in `headersFor` at most.
pub const MAX_ORIGINS: usize = 100;

/// Scheme, host and port of a server, as in `https://example.com:8443`. The scheme's own port is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteOrigin(url::Origin);

impl SiteOrigin {
    /// The origin of a URL.
    #[must_use]
    pub fn of(url: &Url) -> Self {
        Self(url.origin())
    }

    /// The home page there.
    ///
    /// # Panics
    /// Never: an origin of a crawl is that of an http(s) URL.
    #[must_use]
    pub fn url(&self) -> Url {
        Url::parse(&self.0.ascii_serialization()).expect("an http(s) origin is a URL")
    }

    fn parse(text: &str) -> Result<Self, String> {
        let url = SeedUrl::parse(text)?;
        let url = url.url();
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        match is_bare {
            true => Ok(Self::of(url)),
            false => {
                Err("must be an origin such as https://example.com, without a path".to_owned())
            }
        }
    }

    /// Reads the field `headersFor`.
    pub(in crate::request) fn read_all(fields: &mut Fields) -> Vec<Self> {
        let mut origins: Vec<Self> = Vec::new();
        for origin in fields
            .strings("headersFor", MAX_ORIGINS, Self::parse)
            .unwrap_or_default()
        {
            if !origins.contains(&origin) {
                origins.push(origin);
            }
        }
        origins
    }
}

impl fmt::Display for SiteOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.ascii_serialization())
    }
}

impl Serialize for SiteOrigin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
