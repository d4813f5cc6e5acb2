//! Cookies of one chain of redirects.
//!
//! Many sites set a cookie with a redirect and ask for the page only whoever sends it back. They are kept within the chain and
//! forgotten with it: a crawl has no session.

use cookie_store::CookieStore;
use http::HeaderMap;
use http::header::{HeaderValue, SET_COOKIE};
use url::Url;

/// Cookies that one chain keeps at most.
const MAX_COOKIES: usize = 50;
/// Bytes of one `Set-Cookie` at most, as browsers have it (RFC 6265bis, section 5.7).
const MAX_COOKIE: usize = 4096;
/// Bytes of the `Cookie` header at most: servers refuse longer heads.
const MAX_HEADER: usize = 8 * 1024;

/// The cookies that a chain of redirects has set, each for its host and path.
#[derive(Debug, Default)]
pub(crate) struct ChainCookies {
    store: CookieStore,
}

impl ChainCookies {
    /// Takes in what the answer to a request for `url` sets. Cookies that it may not set are left out.
    pub(crate) fn take(&mut self, headers: &HeaderMap, url: &Url) {
        for value in headers.get_all(SET_COOKIE) {
            if self.store.iter_any().count() >= MAX_COOKIES {
                return;
            }
            if let Ok(text) = value.to_str()
                && text.len() <= MAX_COOKIE
            {
                let _not_for_this_host = self.store.parse(text, url);
            }
        }
    }

    /// The `Cookie` header of a request for `url`.
    pub(crate) fn header(&self, url: &Url) -> Option<HeaderValue> {
        let mut text = String::new();
        for (name, value) in self.store.get_request_values(url) {
            if text.len() + name.len() + value.len() + 3 > MAX_HEADER {
                break;
            }
            if !text.is_empty() {
                text.push_str("; ");
            }
            text.push_str(name);
            text.push('=');
            text.push_str(value);
        }
        let mut header = HeaderValue::try_from(text).ok()?;
        header.set_sensitive(true);
        (!header.is_empty()).then_some(header)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn after(set: &[&'static str], asked: &str) -> Option<String> {
        let mut cookies = ChainCookies::default();
        let lines = set
            .iter()
            .map(|line| (SET_COOKIE, HeaderValue::from_static(line)));
        let mut headers = HeaderMap::new();
        headers.extend(lines);
        cookies.take(&headers, &"https://www.a.example/dir/x".parse().unwrap());
        let header = cookies.header(&asked.parse().unwrap())?;
        Some(header.to_str().unwrap().to_owned())
    }

    #[rstest]
    #[case::of_the_host(&["sid=1; Path=/"], "https://www.a.example/", Some("sid=1"))]
    #[case::of_the_domain(&["sid=1; Path=/; Domain=a.example"], "https://login.a.example/", Some("sid=1"))]
    #[case::of_another_host(&["sid=1; Path=/"], "https://login.a.example/", None)]
    #[case::for_another_site(&["sid=1; Path=/; Domain=b.example"], "https://b.example/", None)]
    #[case::of_a_path(&["sid=1; Path=/dir"], "https://www.a.example/", None)]
    #[case::secure(&["sid=1; Path=/; Secure"], "http://www.a.example/", None)]
    #[case::expired(&["sid=1; Path=/; Max-Age=0"], "https://www.a.example/", None)]
    #[case::no_cookie(&["=; ;"], "https://www.a.example/", None)]
    fn a_cookie_goes_where_a_browser_would_send_it(
        #[case] set: &[&'static str],
        #[case] asked: &str,
        #[case] sent: Option<&str>,
    ) {
        assert_eq!(after(set, asked).as_deref(), sent);
    }
}
