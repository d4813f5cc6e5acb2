//! Origins whose pages may read answers.

use std::str::FromStr;

use url::Url;

/// The origins whose pages may read answers. Any is safe: rights come from tokens and keys, never from cookies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Cors {
    /// Every origin.
    #[default]
    Any,
    /// Only these origins, as browsers spell them.
    Only(Vec<String>),
}

/// `Access-Control-Allow-Methods` of the answer to a preflight.
pub const ALLOW_METHODS: &str = "GET, HEAD, POST, DELETE, OPTIONS";
/// `Access-Control-Allow-Headers` of the answer to a preflight that asks for no others: what the API reads, and what
/// tracing libraries add to a page's requests.
pub const ALLOW_HEADERS: &str = "Authorization, Cache-Control, Content-Type, Idempotency-Key, Last-Event-ID, traceparent, tracestate, \
     baggage";
/// `Access-Control-Expose-Headers`: what a page may read of an answer, beside the few that every page may.
pub const EXPOSE_HEADERS: &str =
    "Content-Disposition, Last-Event-ID, Location, Retry-After, RateLimit, RateLimit-Policy";
/// `Access-Control-Max-Age` of the answer to a preflight: two hours, the most that browsers keep.
pub const MAX_AGE: &str = "7200";

/// Bytes of `Access-Control-Request-Headers` that are repeated at most.
const MAX_ASKED: usize = 4096;

/// `Access-Control-Allow-Headers` for a preflight that asks for `asked`: [`ALLOW_HEADERS`], and those asked for.
#[must_use]
pub fn allow_headers(asked: Option<&str>) -> String {
    let mut allowed = ALLOW_HEADERS.to_owned();
    let asked = asked.filter(|asked| asked.len() <= MAX_ASKED);
    let names = asked.into_iter().flat_map(|asked| asked.split(','));
    for name in names.map(str::trim).filter(|name| is_token(name)) {
        let is_known = ALLOW_HEADERS
            .split(", ")
            .any(|known| known.eq_ignore_ascii_case(name));
        if !is_known {
            allowed.push_str(", ");
            allowed.push_str(name);
        }
    }
    allowed
}

/// True if `name` can be a header's (RFC 9110, section 5.6.2).
fn is_token(name: &str) -> bool {
    let is_token_byte =
        |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(is_token_byte)
}

/// An entry of a list of origins that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not an origin as browsers spell it, as in https://app.example.com; leave it unset to allow all"
)]
pub struct OriginError(String);

impl Cors {
    /// The value of `Access-Control-Allow-Origin` for a request's `Origin`, if its page may read the answer.
    #[must_use]
    pub fn allow_origin<'a>(&self, origin: Option<&'a str>) -> Option<&'a str> {
        match self {
            Self::Any => Some("*"),
            Self::Only(origins) => {
                origin.filter(|origin| origins.iter().any(|allowed| allowed == origin))
            }
        }
    }

    /// True if a page may send cookies along (`withCredentials`), as it must where a proxy in front asks for its own. Only
    /// for named origins: with all of them, any page could read through the visitor's proxy.
    #[must_use]
    pub const fn allows_credentials(&self) -> bool {
        matches!(self, Self::Only(_))
    }

    /// True if answers differ by the request's `Origin`, and must say so in `Vary`.
    #[must_use]
    pub const fn varies(&self) -> bool {
        matches!(self, Self::Only(_))
    }
}

impl FromStr for Cors {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let origin = |origin: &str| {
            let url = Url::parse(origin)
                .ok()
                .filter(|url| matches!(url.scheme(), "http" | "https"));
            url.map(|url| url.origin().ascii_serialization())
                .filter(|spelled| spelled == origin)
                .ok_or_else(|| OriginError(origin.to_owned()))
        };
        text.split(',')
            .map(str::trim)
            .map(origin)
            .collect::<Result<_, _>>()
            .map(Self::Only)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_lets_its_origins_through_and_no_other() {
        let cors: Cors = "https://a.example, http://localhost:3000".parse().unwrap();
        assert_eq!(
            cors.allow_origin(Some("https://a.example")),
            Some("https://a.example")
        );
        assert_eq!(cors.allow_origin(Some("https://b.example")), None);
        assert_eq!(cors.allow_origin(None), None);
        assert_eq!(Cors::Any.allow_origin(None), Some("*"));
    }

    #[test]
    fn what_no_browser_would_send_is_refused() {
        for wrong in ["*", "https://a.example/", "a.example", "file:///x", ""] {
            assert!(wrong.parse::<Cors>().is_err(), "{wrong}");
        }
    }
}
