//! The cookies of one job.
//!
//! In memory only: an attempt that takes the job over begins with those that the caller gives. Each registrable domain has cookies
//! of its own, so that no site sees or fills up another's.

use cookie_store::{Cookie, CookieStore, RawCookie};
use hashbrown::{HashMap, HashSet};
use http::HeaderValue;
use shared::CrawlRequest;
use shared::request::SiteOrigin;
use url::Url;

use super::credentials::{cookie_header, may_see, named_origins, revealed};
use super::set_cookie::{MAX_COOKIES, cookie_of, in_order};
use crate::crawl::host_name::registrable_domain;

/// Cookies of all domains together that are kept at most: four megabytes.
const MAX_IN_ALL: usize = 1_000;

/// The cookies that the caller gives and those that sites set, each for its host and path.
#[derive(Debug, Default)]
pub(crate) struct CookieJar {
    /// Cookies by registrable domain.
    domains: HashMap<String, Domain>,
    in_all: usize,
    /// Origins that may see the given cookies. Empty if there are none.
    origins: Vec<SiteOrigin>,
}

/// The cookies of one registrable domain.
#[derive(Debug, Default)]
struct Domain {
    store: CookieStore,
    count: usize,
    /// Cookies that it may have, the given ones beside those of its sites.
    most: usize,
    /// Host and name of the cookies that the caller gave and no site has set since. Only named origins may see these, while a site's
    /// cookies go to all ports and, unless they are `Secure`, schemes of its host.
    given: HashSet<(String, String)>,
}

impl CookieJar {
    /// The jar of a crawl that keeps cookies, with those that its caller gives.
    ///
    /// # Panics
    /// If a secret of the request is still sealed.
    pub(crate) fn of(request: &CrawlRequest) -> Option<Self> {
        let mut jar = request.cookies.are_kept().then(Self::default)?;
        let given = revealed(request.cookies.given());
        if !given.is_empty() {
            jar.origins = named_origins(request);
            let hosts = request.headers_for.iter().map(SiteOrigin::url);
            let hosts: Vec<Url> = hosts
                .chain(request.urls.iter().map(|seed| seed.url().clone()))
                .collect();
            for url in &hosts {
                for (name, value) in &given {
                    jar.give(name, value, url);
                }
            }
        }
        Some(jar)
    }

    /// Takes in what the answer to a request for `url` sets.
    pub(crate) fn take<'a>(&mut self, lines: impl Iterator<Item = &'a HeaderValue>, url: &Url) {
        for cookie in lines.filter_map(|line| cookie_of(line, url)) {
            self.keep(cookie, url);
        }
    }

    /// The `Cookie` header of a request for `url`.
    pub(crate) fn header(&self, url: &Url) -> Option<HeaderValue> {
        if self.domains.is_empty() {
            return None;
        }
        let domain = self.domains.get(registrable_domain(url))?;
        let mut cookies = domain.store.matches(url);
        if !domain.given.is_empty() && !may_see(&self.origins, url) {
            cookies.retain(|cookie| !domain.given.contains(&key(cookie)));
        }
        cookie_header(in_order(cookies))
    }

    fn give(&mut self, name: &str, value: &str, url: &Url) {
        let raw = RawCookie::build((name, value)).path("/").build();
        let Ok(cookie) = Cookie::try_from_raw_cookie(&raw, url) else {
            return;
        };
        let cookie = cookie.into_owned();
        let domain = self.domain(url);
        if domain.given.insert(key(&cookie)) {
            domain.most += 1;
            domain.count += 1;
            let _its_own_host = domain.store.insert(cookie, url);
            self.in_all += 1;
        }
    }

    fn domain(&mut self, url: &Url) -> &mut Domain {
        let domain = self.domains.entry_ref(registrable_domain(url));
        domain.or_insert_with(|| Domain {
            most: MAX_COOKIES,
            ..Domain::default()
        })
    }

    fn keep(&mut self, cookie: Cookie<'static>, url: &Url) {
        let name = registrable_domain(url);
        let known = self.domains.get(name);
        let is_known = known.is_some_and(|domain| domain.has(&cookie));
        let is_given = known.is_some_and(|domain| domain.given.contains(&key(&cookie)));
        let is_full =
            self.in_all >= MAX_IN_ALL || known.is_some_and(|domain| domain.count >= domain.most);
        if !is_known && (is_full || cookie.is_expired()) {
            return;
        }
        // Whoever may not see a given cookie may not change it.
        if is_given && !may_see(&self.origins, url) {
            return;
        }
        let domain = self.domain(url);
        let before = domain.count;
        domain.take(cookie, url);
        let after = domain.count;
        self.in_all = self.in_all - before + after;
        if after == 0 {
            self.domains.remove(name);
        }
    }
}

impl Domain {
    fn has(&self, cookie: &Cookie<'_>) -> bool {
        let host = String::from(&cookie.domain);
        self.store.contains_any(&host, &cookie.path, cookie.name())
    }

    fn take(&mut self, cookie: Cookie<'static>, url: &Url) {
        let (host, path) = (String::from(&cookie.domain), String::from(&cookie.path));
        let name = cookie.name().to_owned();
        let is_expired = cookie.is_expired();
        let is_taken = self.store.insert(cookie, url).is_ok();
        if is_expired {
            // The store would keep it, expired as it is.
            self.store.remove(&host, &path, &name);
        }
        if is_taken && path == "/" {
            // It is the site's own from now on.
            self.given.remove(&(host, name));
        }
        self.count = self.store.iter_any().count();
    }
}

/// Host and name of a cookie.
fn key(cookie: &Cookie<'_>) -> (String, String) {
    (String::from(&cookie.domain), cookie.name().to_owned())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;

    fn jar(more: &Value) -> CookieJar {
        let mut body = json!({"url": "https://www.a.example/"});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        CookieJar::of(&CrawlRequest::from_value(body).unwrap()).unwrap()
    }

    fn set(jar: &mut CookieJar, line: &str, from: &str) {
        let line = HeaderValue::from_str(line).unwrap();
        jar.take([line].iter(), &from.parse().unwrap());
    }

    fn sent(jar: &CookieJar, to: &str) -> Option<String> {
        let header = jar.header(&to.parse().unwrap())?;
        assert!(header.is_sensitive());
        Some(header.to_str().unwrap().to_owned())
    }

    #[rstest]
    #[case("https://www.a.example/x", Some("sid=1"))]
    #[case("https://b.example:8443/", Some("sid=1"))]
    #[case("http://www.a.example/", None)]
    #[case("https://www.a.example:8443/", None)]
    #[case("https://b.example/", None)]
    #[case("https://a.example/", None)]
    #[case("https://www.a.example/robots.txt", None)]
    fn given_cookies_go_to_named_origins_only(#[case] to: &str, #[case] expected: Option<&str>) {
        let jar = jar(&json!({"cookies": {"sid": "1"}, "headersFor": ["https://b.example:8443"]}));
        assert_eq!(sent(&jar, to).as_deref(), expected);
    }

    #[test]
    fn a_sites_cookie_takes_the_place_of_a_given_one_and_goes_where_the_site_says() {
        let mut jar = jar(&json!({"cookies": {"sid": "1", "theme": "dark"}}));
        set(&mut jar, "sid=2; Path=/", "https://www.a.example/login");
        set(
            &mut jar,
            "lang=en; Path=/; Domain=a.example",
            "https://www.a.example/",
        );
        assert_eq!(
            sent(&jar, "https://www.a.example/").unwrap(),
            "lang=en; sid=2; theme=dark"
        );
        assert_eq!(
            sent(&jar, "http://www.a.example/").unwrap(),
            "lang=en; sid=2"
        );
        assert_eq!(sent(&jar, "https://a.example/").unwrap(), "lang=en");
        set(
            &mut jar,
            "sid=; Path=/; Max-Age=0",
            "https://www.a.example/logout",
        );
        assert_eq!(
            sent(&jar, "https://www.a.example/").unwrap(),
            "lang=en; theme=dark"
        );
    }

    #[test]
    fn an_origin_that_may_not_see_a_given_cookie_may_not_change_it() {
        let mut jar = jar(&json!({"cookies": {"sid": "1"}}));
        set(&mut jar, "sid=forged; Path=/", "http://www.a.example/");
        set(&mut jar, "sid=; Path=/; Max-Age=0", "http://www.a.example/");
        assert_eq!(sent(&jar, "https://www.a.example/").unwrap(), "sid=1");
    }

    #[test]
    fn a_registrable_domain_sees_its_own_cookies_only() {
        let mut jar = jar(&json!({}));
        set(
            &mut jar,
            "a=1; Path=/; Domain=a.co.uk",
            "https://www.a.co.uk/",
        );
        set(
            &mut jar,
            "all=1; Path=/; Domain=co.uk",
            "https://www.a.co.uk/",
        );
        set(&mut jar, "ip=1; Path=/", "http://127.0.0.1:1/");
        assert_eq!(sent(&jar, "https://login.a.co.uk/").unwrap(), "a=1");
        assert_eq!(sent(&jar, "https://www.b.co.uk/"), None);
        assert_eq!(
            sent(&jar, "http://127.0.0.1:2/").unwrap(),
            "ip=1",
            "cookies know no ports"
        );
        assert_eq!(sent(&jar, "http://127.0.0.2:1/"), None);
    }

    #[test]
    fn a_jar_is_bounded_by_domain_and_in_all() {
        let mut jar = jar(&json!({"cookies": {"sid": "1"}}));
        for number in 0..60 {
            set(&mut jar, &format!("c{number}=1"), "https://www.a.example/");
        }
        let header = sent(&jar, "https://www.a.example/").unwrap();
        assert_eq!(header.split("; ").count(), MAX_COOKIES + 1);
        set(&mut jar, "c0=2", "https://www.a.example/");
        assert!(
            sent(&jar, "https://www.a.example/")
                .unwrap()
                .contains("c0=2"),
            "what is known may change"
        );
        for site in 0..30 {
            for number in 0..50 {
                set(
                    &mut jar,
                    &format!("c{number}=1"),
                    &format!("https://s{site}.example/"),
                );
            }
        }
        assert_eq!(jar.in_all, MAX_IN_ALL);
        assert!(
            jar.domains.len() <= 21,
            "a domain without cookies takes no room"
        );
        for number in 0..60 {
            set(
                &mut jar,
                &format!("c{number}=; Max-Age=0"),
                "https://www.a.example/",
            );
        }
        assert_eq!(
            jar.in_all,
            MAX_IN_ALL - MAX_COOKIES,
            "what has expired gives its room back"
        );
    }

    #[test]
    fn a_crawl_that_keeps_no_cookies_has_no_jar() {
        let request = json!({"url": "https://a.example/", "cookies": false});
        assert!(CookieJar::of(&CrawlRequest::from_value(request).unwrap()).is_none());
    }
}
