//! Cookies as sites set them, by the rules of browsers (RFC 6265bis), and those of one chain of redirects.
//!
//! Many sites set a cookie with a redirect and ask for the page only whoever sends it back. A crawl that keeps no cookies keeps
//! them within the chain all the same, and forgets them with it.

use cookie_store::{Cookie, CookieStore};
use http::header::HeaderValue;
use url::Url;

use super::credentials::cookie_header;

/// Cookies of one registrable domain, or of one chain of redirects, that are kept at most. Later ones are not kept: the first ones
/// are those of the session.
pub(super) const MAX_COOKIES: usize = 50;
/// Bytes of one `Set-Cookie` at most, as browsers have it (RFC 6265bis, section 5.7).
const MAX_COOKIE: usize = 4096;

/// The cookies that a chain of redirects has set, each for its host and path.
#[derive(Debug, Default)]
pub(crate) struct ChainCookies {
    store: CookieStore,
}

impl ChainCookies {
    /// Takes in what the answer to a request for `url` sets. Cookies that it may not set are left out.
    pub(crate) fn take<'a>(&mut self, lines: impl Iterator<Item = &'a HeaderValue>, url: &Url) {
        for cookie in lines.filter_map(|line| cookie_of(line, url)) {
            if self.store.iter_any().count() >= MAX_COOKIES {
                return;
            }
            let _not_for_this_host = self.store.insert(cookie, url);
        }
    }

    /// The `Cookie` header of a request for `url`.
    pub(crate) fn header(&self, url: &Url) -> Option<HeaderValue> {
        cookie_header(in_order(self.store.matches(url)))
    }
}

/// The cookie of a `Set-Cookie` header in the answer to a request for `url`; nothing if it is none, too long, or for a public
/// suffix such as `co.uk`, which would reach strangers.
pub(super) fn cookie_of(line: &HeaderValue, url: &Url) -> Option<Cookie<'static>> {
    let text = line.to_str().ok().filter(|text| text.len() <= MAX_COOKIE)?;
    let cookie = Cookie::parse(text, url).ok()?.into_owned();
    let domain = String::from(&cookie.domain);
    let is_own = url.host_str() == Some(domain.as_str());
    let is_suffix = psl::suffix_str(&domain) == Some(domain.as_str());
    (is_own || !is_suffix).then_some(cookie)
}

/// Names and values, those of longer paths first (RFC 6265, section 5.4), else by name.
pub(super) fn in_order<'a>(
    mut cookies: Vec<&'a Cookie<'static>>,
) -> impl Iterator<Item = (&'a str, &'a str)> {
    cookies.sort_by(|a, b| b.path.len().cmp(&a.path.len()).then(a.name().cmp(b.name())));
    cookies.into_iter().map(|cookie| cookie.name_value())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn after(set: &[&'static str], from: &str, asked: &str) -> Option<String> {
        let mut cookies = ChainCookies::default();
        let lines: Vec<HeaderValue> = set
            .iter()
            .map(|line| HeaderValue::from_static(line))
            .collect();
        cookies.take(lines.iter(), &from.parse().unwrap());
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
    #[case::longer_paths_first(&["a=1; Path=/", "b=2; Path=/", "c=3; Path=/dir"], "https://www.a.example/dir/", Some("c=3; a=1; b=2"))]
    fn a_cookie_goes_where_a_browser_would_send_it(
        #[case] set: &[&'static str],
        #[case] asked: &str,
        #[case] sent: Option<&str>,
    ) {
        assert_eq!(
            after(set, "https://www.a.example/dir/x", asked).as_deref(),
            sent
        );
    }

    #[rstest]
    #[case("https://www.a.co.uk/", "co.uk", "https://b.co.uk/", None)]
    #[case("https://a.github.io/", "github.io", "https://b.github.io/", None)]
    #[case(
        "https://www.a.co.uk/",
        "a.co.uk",
        "https://login.a.co.uk/",
        Some("sid=1")
    )]
    #[case::a_host_that_is_one_itself(
        "https://github.io/",
        "github.io",
        "https://github.io/",
        Some("sid=1")
    )]
    fn no_cookie_is_for_a_public_suffix(
        #[case] from: &str,
        #[case] domain: &str,
        #[case] asked: &str,
        #[case] sent: Option<&str>,
    ) {
        let line: &'static str = format!("sid=1; Path=/; Domain={domain}").leak();
        assert_eq!(after(&[line], from, asked).as_deref(), sent);
    }
}
